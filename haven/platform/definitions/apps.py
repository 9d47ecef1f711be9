from django.apps import AppConfig


class DefinitionsConfig(AppConfig):
    name = "haven.platform.definitions"
    label = "definitions"

    def ready(self) -> None:
        """Read and check every definition file, so that an error stops the start and is not found later by a user."""
        from haven.platform.definitions.installed import check_uses, definitions

        definitions()
        check_uses()
