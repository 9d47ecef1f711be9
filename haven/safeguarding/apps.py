from django.apps import AppConfig


class SafeguardingConfig(AppConfig):
    name = "haven.safeguarding"
    label = "safeguarding"
