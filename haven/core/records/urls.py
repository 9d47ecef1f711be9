"""Addresses of the file and of its entries."""

from django.urls import path

from haven.core.records import views

app_name = "records"
urlpatterns = [
    path("drafts/", views.draft, name="draft"),
    path("s/<int:urn>/pupils/<uuid:ref>/file/", views.file, name="file"),
    path("s/<int:urn>/pupils/<uuid:ref>/file/new/", views.choose_form, name="choose_form"),
    path("s/<int:urn>/pupils/<uuid:ref>/file/new/<slug:form>/", views.new_entry, name="new_entry"),
    path("s/<int:urn>/entries/<uuid:ref>/", views.entry, name="entry"),
]
