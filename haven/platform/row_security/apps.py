from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RowSecurityConfig(AppConfig):
    name = "haven.platform.row_security"
    label = "row_security"

    def ready(self) -> None:
        from haven.platform.row_security.build import rebuild_after_migrate

        post_migrate.connect(rebuild_after_migrate, sender=self, dispatch_uid="row_security")
