"""Addresses of the front door."""

from django.urls import path

from haven.home import pupil

app_name = "home"
urlpatterns = [
    path("s/<int:urn>/pupils/<uuid:ref>/", pupil.page, name="pupil"),
]
