from django.apps import AppConfig


class MisConfig(AppConfig):
    name = "haven.mis"
    label = "mis"
