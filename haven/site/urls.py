"""Addresses of the landing page, the pupil page and recovered forms."""

from django.urls import path

from haven.site.views import front, pupil, recovered_forms

app_name = "site"
urlpatterns = [
    path("", front.front, name="front"),
    path("schools/", front.schools, name="schools"),
    path("schools/switch/", front.switch_school, name="switch_school"),
    path("kept/", recovered_forms.kept, name="kept"),
    path("kept/<uuid:ref>/throw-away/", recovered_forms.throw_away, name="throw_away"),
    path("s/<int:urn>/pupils/<uuid:ref>/", pupil.page, name="pupil"),
]
