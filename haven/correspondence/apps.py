from django.apps import AppConfig


class CorrespondenceConfig(AppConfig):
    name = "haven.correspondence"
    label = "correspondence"
