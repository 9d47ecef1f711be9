"""Addresses of the file, of entries, and of My day."""

from django.urls import path

from haven.chronology import day_views, views

app_name = "chronology"
urlpatterns = [
    path("my-day/", day_views.my_day, name="my_day"),
    path("s/<int:urn>/my-day/new/", day_views.plan, name="plan"),
    path("my-day/<uuid:ref>/<slug:verb>/", day_views.step, name="task_step"),
    path("drafts/", views.draft, name="draft"),
    path("s/<int:urn>/pupils/<uuid:ref>/file/", views.file, name="file"),
    path("s/<int:urn>/pupils/<uuid:ref>/file/new/", views.choose_form, name="choose_form"),
    path("s/<int:urn>/pupils/<uuid:ref>/file/new/<slug:form>/", views.new_entry, name="new_entry"),
    path("s/<int:urn>/entries/<uuid:ref>/", views.entry, name="entry"),
]
