"""Addresses of messages."""

from django.urls import path

from haven.core.correspondence import views

app_name = "correspondence"
urlpatterns = [
    path("s/<int:urn>/messages/", views.outbox_page, name="outbox"),
    path("s/<int:urn>/messages/<uuid:ref>/settle/", views.settle, name="settle"),
]
