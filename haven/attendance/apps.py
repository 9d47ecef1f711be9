from django.apps import AppConfig


class AttendanceConfig(AppConfig):
    name = "haven.attendance"
    label = "attendance"
