"""The addresses that ui's own pages need, without the rest of the house."""

from django.urls import include, path

urlpatterns = [path("ui/", include("haven.platform.ui.urls"))]
