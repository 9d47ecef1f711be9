from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "haven.config"
    label = "config"
