from django.apps import AppConfig


class FollowUpConfig(AppConfig):
    name = "haven.attendance.follow_up"
    label = "follow_up"
