"""Addresses of reading receipts: the user's own, and everybody's for the head and the safeguarding leads."""

from django.urls import path

from haven.workforce import views

app_name = "workforce"
urlpatterns = [
    path("s/<int:urn>/training/part-one/", views.part_one, name="part_one"),
    path("s/<int:urn>/training/part-one/staff/", views.part_one_staff, name="part_one_staff"),
]
