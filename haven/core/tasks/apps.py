from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "haven.core.tasks"
    label = "tasks"
