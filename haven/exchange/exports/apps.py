from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "haven.exchange.exports"
    label = "exports"
