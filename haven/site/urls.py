"""Addresses of the landing page, the pupil page and unsent drafts."""

from django.urls import path

from haven.site.views import front, pupil, unsent_drafts

app_name = "site"
urlpatterns = [
    path("", front.front, name="front"),
    path("schools/", front.schools, name="schools"),
    path("schools/switch/", front.switch_school, name="switch_school"),
    path("unsent-drafts/", unsent_drafts.unsent_drafts, name="unsent_drafts"),
    path("unsent-drafts/<uuid:ref>/discard/", unsent_drafts.discard, name="discard_draft"),
    path("s/<int:urn>/pupils/<uuid:ref>/", pupil.page, name="pupil"),
]
