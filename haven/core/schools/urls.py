"""Addresses of a school's set-up."""

from django.urls import path

from haven.core.schools import views

app_name = "schools"
urlpatterns = [
    path("s/<int:urn>/school/", views.school, name="school"),
    path("s/<int:urn>/school/facts/", views.facts, name="facts"),
    path("s/<int:urn>/school/times/", views.times, name="times"),
    path("s/<int:urn>/school/sites/", views.site, name="site"),
    path("s/<int:urn>/school/estimate/", views.estimate, name="estimate"),
    path("s/<int:urn>/school/year/", views.year, name="year"),
]
