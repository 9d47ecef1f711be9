from django.apps import AppConfig


class BenchConfig(AppConfig):
    name = "haven.bench"
    label = "bench"
