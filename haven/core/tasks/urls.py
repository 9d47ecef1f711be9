"""Addresses of tasks and My day."""

from django.urls import path

from haven.core.tasks import views

app_name = "tasks"
urlpatterns = [
    path("my-day/", views.my_day, name="my_day"),
    path("s/<int:urn>/my-day/new/", views.plan, name="plan"),
    path("my-day/<uuid:ref>/<slug:verb>/", views.step, name="task_step"),
]
