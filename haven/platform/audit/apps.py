from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "haven.platform.audit"
    label = "audit"
