from django.apps import AppConfig


class SchoolsConfig(AppConfig):
    name = "haven.schools"
    label = "schools"
