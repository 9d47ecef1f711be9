"""The addresses that the pages of ui need, without the other apps."""

from django.urls import include, path

urlpatterns = [path("ui/", include("haven.platform.ui.urls"))]
