from django.apps import AppConfig


class CalendarConfig(AppConfig):
    name = "haven.attendance.calendar"
    label = "calendar"
