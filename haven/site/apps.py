from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "haven.site"
    label = "site"
