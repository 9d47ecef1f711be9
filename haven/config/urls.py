"""Which address belongs to which slice."""

from django.urls import include, path

urlpatterns = [
    path("", include("haven.access.urls")),
    path("accounts/", include("allauth.urls")),
    path("ui/", include("haven.ui.urls")),
    path("", include("haven.schools.urls")),
    path("", include("haven.people.urls")),
    path("", include("haven.chronology.urls")),
    path("", include("haven.attendance.urls")),
    path("", include("haven.correspondence.urls")),
    path("", include("haven.safeguarding.urls")),
    path("", include("haven.mis.urls")),
    path("", include("haven.home.urls")),
]
