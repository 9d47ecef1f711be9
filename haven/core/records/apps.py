from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "haven.core.records"
    label = "records"
