"""Which address belongs to which slice."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", include("haven.home.urls")),
]
