from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "haven.attendance.reports"
    label = "reports"
