from django.apps import AppConfig


class CorrespondenceConfig(AppConfig):
    name = "haven.core.correspondence"
    label = "correspondence"

    def ready(self) -> None:
        """A carrier that does not exist stops Haven at start and not at the first message."""
        from haven.core.correspondence.carriers import check_settings

        check_settings()
