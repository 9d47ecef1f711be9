"""Addresses of attendance, by part."""

from django.urls import include, path

urlpatterns = [
    path("", include(f"haven.attendance.{part}.urls"))
    for part in ("registers", "planned_absence", "calendar", "reports", "follow_up")
]
