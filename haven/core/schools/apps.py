from django.apps import AppConfig


class SchoolsConfig(AppConfig):
    name = "haven.core.schools"
    label = "schools"
