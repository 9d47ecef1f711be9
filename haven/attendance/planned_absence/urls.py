"""Addresses of planned absence."""

from django.urls import path

from haven.attendance.planned_absence import views

HERE = "s/<int:urn>/registers/planned/"
app_name = "planned_absence"
urlpatterns = [
    path(HERE, views.plans, name="plans"),
    path(f"{HERE}add/", views.add_plan, name="add_plan"),
    path(f"{HERE}<uuid:ref>/withdraw/", views.withdraw, name="withdraw_plan"),
]
