from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "haven.platform.accounts"
    label = "accounts"

    def ready(self) -> None:
        from haven.platform.accounts import signals  # noqa: F401  (connects itself)
        from haven.platform.accounts.grants import write_grants

        post_migrate.connect(write_grants, sender=self, dispatch_uid="grants")
