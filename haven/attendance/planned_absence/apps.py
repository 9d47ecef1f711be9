from django.apps import AppConfig


class PlannedAbsenceConfig(AppConfig):
    name = "haven.attendance.planned_absence"
    label = "planned_absence"
