from django.apps import AppConfig


class CorrespondenceConfig(AppConfig):
    name = "haven.core.correspondence"
    label = "correspondence"

    def ready(self) -> None:
        """A mistake in a message's file, or a carrier that is not there, stops Haven here and not at the first message."""
        from haven.core.correspondence import templates_of_messages  # noqa: F401  (reading it checks every file)
        from haven.core.correspondence.carriers import check_settings

        check_settings()
