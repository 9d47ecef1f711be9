from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "haven.core.records"
    label = "records"

    def ready(self) -> None:
        """A definition file with a mistake stops Haven here, not when somebody opens the form."""
        from haven.core.records.form_definitions import library

        library()
