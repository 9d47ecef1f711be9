from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccessConfig(AppConfig):
    name = "haven.access"
    label = "access"

    def ready(self) -> None:
        from haven.access import signals  # noqa: F401  (connects itself)
        from haven.access.grants import write_grants

        post_migrate.connect(write_grants, sender=self, dispatch_uid="grants")
