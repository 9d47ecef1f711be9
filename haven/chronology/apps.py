from django.apps import AppConfig


class ChronologyConfig(AppConfig):
    name = "haven.chronology"
    label = "chronology"

    def ready(self) -> None:
        """A definition file with a mistake stops Haven here, not when somebody opens the form."""
        from haven.chronology.form_definitions import library

        library()
