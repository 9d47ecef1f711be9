"""The URL configuration: includes the addresses of each app."""

from django.urls import include, path

urlpatterns = [
    path("", include("haven.platform.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("ui/", include("haven.platform.ui.urls")),
    path("", include("haven.core.schools.urls")),
    path("", include("haven.core.people.urls")),
    path("", include("haven.core.records.urls")),
    path("", include("haven.core.tasks.urls")),
    path("", include("haven.attendance.urls")),
    path("", include("haven.core.correspondence.urls")),
    path("", include("haven.safeguarding.urls")),
    path("", include("haven.workforce.urls")),
    path("", include("haven.exchange.imports.urls")),
    path("", include("haven.site.urls")),
]
