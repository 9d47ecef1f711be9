from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "haven.core.people"
    label = "people"
