"""Addresses of a school's calendar."""

from django.urls import path

from haven.attendance.calendar import views
from haven.attendance.registers import address_parts  # noqa: F401  (registers the converters of addresses)

HERE = "s/<int:urn>/calendar/"
app_name = "calendar"
urlpatterns = [
    path(HERE, views.calendar, name="calendar"),
    path(f"{HERE}<school_year:year>/add/<slug:kind>/", views.add_stretch, name="add_stretch"),
    path(f"{HERE}<school_year:year>/<int:span_id>/", views.change_stretch, name="edit_stretch"),
    path(f"{HERE}<school_year:year>/<int:span_id>/remove/", views.take_stretch_away, name="end_stretch"),
]
