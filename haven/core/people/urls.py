"""Addresses of pupils and families. The pupil's own page belongs to haven.site, which combines the panels of all apps."""

from django.urls import path

from haven.core.people import family_views, status_views, views

app_name = "people"
_PUPIL = "s/<int:urn>/pupils/<uuid:ref>/"
urlpatterns = [
    path("s/<int:urn>/pupils/", views.pupils, name="pupils"),
    path("s/<int:urn>/pupils/new/", views.admit, name="admit"),
    path("s/<int:urn>/pupils/quality/", views.quality, name="quality"),
    path("s/<int:urn>/find/", views.find, name="find"),
    path(f"{_PUPIL}names/", views.names, name="names"),
    path(f"{_PUPIL}class/", views.move, name="move"),
    path(f"{_PUPIL}leaving/", views.leave, name="leave"),
    path(f"{_PUPIL}contacts/", family_views.contacts, name="contacts"),
    path(f"{_PUPIL}contacts/new/", family_views.contact, name="new_contact"),
    path(f"{_PUPIL}contacts/<uuid:contact_ref>/", family_views.contact, name="contact"),
    path(f"{_PUPIL}details/", family_views.details, name="details"),
    path(f"{_PUPIL}household/", family_views.household, name="household"),
    path(f"{_PUPIL}statuses/", status_views.statuses, name="statuses"),
    path(f"{_PUPIL}statuses/<uuid:status_ref>/end/", status_views.end, name="end_status"),
    path(f"{_PUPIL}vulnerable-list/", status_views.listing, name="listing"),
    path(f"{_PUPIL}vulnerable-list/<uuid:listing_ref>/", status_views.listing, name="change_listing"),
    path(f"{_PUPIL}vulnerable-list/<uuid:listing_ref>/end/", status_views.end_listing_line, name="end_listing"),
]
