from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "haven.exchange.imports"
    label = "imports"
