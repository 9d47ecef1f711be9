from django.apps import AppConfig
from django.db.models.signals import post_migrate


class WallsConfig(AppConfig):
    name = "haven.walls"
    label = "walls"

    def ready(self) -> None:
        from haven.walls import statements  # noqa: F401  (teaches Django `__any`)
        from haven.walls.build import rebuild_after_migrate

        post_migrate.connect(rebuild_after_migrate, sender=self, dispatch_uid="walls")
