from django.apps import AppConfig


class DefinitionsConfig(AppConfig):
    name = "haven.platform.definitions"
    label = "definitions"

    def ready(self) -> None:
        """Read and check every definition file, so that a mistake stops the start and not the first person who meets it."""
        from haven.platform.definitions.installed import check_uses, definitions

        definitions()
        check_uses()
