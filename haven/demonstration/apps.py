from django.apps import AppConfig


class DemonstrationConfig(AppConfig):
    name = "haven.demonstration"
    label = "demonstration"
