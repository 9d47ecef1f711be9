from django import forms
from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "haven.platform.ui"
    label = "ui"
    verbose_name = "Pages and components"

    def ready(self) -> None:
        say_what_to_do()


def say_what_to_do() -> None:
    """Replaces Django's error messages by ones that say what to do. A field's own message takes priority."""
    forms.Field.default_error_messages["required"] = "Fill this in."
    forms.BooleanField.default_error_messages = {"required": "Tick this box to continue."}
    forms.FileField.default_error_messages["required"] = "Choose a file."
    forms.FileField.default_error_messages["empty"] = "The file is empty. Choose another one."
    forms.IntegerField.default_error_messages["invalid"] = "Enter a whole number, like 12."
    forms.TimeField.default_error_messages["invalid"] = "Enter a time, like 09:40."
    forms.EmailField.default_error_messages = {"required": "Enter an email address, like name@example.org."}
    choose = {"required": "Choose an option.", "invalid_choice": "Choose an option from the list."}
    forms.ChoiceField.default_error_messages.update(choose)
    forms.ModelChoiceField.default_error_messages.update(choose)
