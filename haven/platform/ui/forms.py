"""The markup of every form: GOV.UK's around Django's own fields.

`FORM_RENDERER = "haven.platform.ui.forms.HavenRenderer"` is all a project needs; forms, fields and widgets are plain Django.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest

from haven.platform.dates import in_words

_CLASSES = {
    "django/forms/widgets/text.html": "govuk-input",
    "django/forms/widgets/email.html": "govuk-input",
    "django/forms/widgets/number.html": "govuk-input govuk-input--width-5",
    "django/forms/widgets/password.html": "govuk-input",
    "django/forms/widgets/search.html": "govuk-input",
    "django/forms/widgets/tel.html": "govuk-input",
    "django/forms/widgets/url.html": "govuk-input",
    "django/forms/widgets/date.html": "govuk-input govuk-input--width-20",
    "django/forms/widgets/time.html": "govuk-input govuk-input--width-5",
    "django/forms/widgets/datetime.html": "govuk-input govuk-input--width-20",
    "django/forms/widgets/textarea.html": "govuk-textarea",
    "django/forms/widgets/select.html": "govuk-select",
    "django/forms/widgets/file.html": "govuk-file-upload",
    "django/forms/widgets/clearable_file_input.html": "govuk-file-upload",
    "django/forms/widgets/checkbox.html": "govuk-checkboxes__input",
}

_OWN_TEMPLATES = {
    "django/forms/widgets/select.html": "ui/forms/select.html",  # as Django's, each choice drawn in place
    "django/forms/widgets/radio.html": "ui/forms/radios.html",
    "django/forms/widgets/checkbox_select.html": "ui/forms/checkboxes.html",
    "django/forms/errors/list/default.html": "ui/forms/error_list.html",
    "django/forms/errors/list/ul.html": "ui/forms/error_list.html",
}


class HavenRenderer(DjangoTemplates):
    form_template_name = "ui/forms/form.html"
    formset_template_name = "ui/forms/formset.html"
    field_template_name = "ui/forms/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        classes = _CLASSES.get(template_name)
        if classes:
            _add_classes(context["widget"]["attrs"], classes)
        return super().render(_OWN_TEMPLATES.get(template_name, template_name), context, request)


def _add_classes(attrs: dict[str, Any], classes: str) -> None:
    own = str(attrs.get("class", ""))
    if "--width-" in own:
        classes = re.sub(r" govuk-input--width-\w+", "", classes)
    block = classes.split()[0]
    wrong = f" {block}--error" if attrs.get("aria-invalid") in ("true", True) else ""
    attrs["class"] = f"{classes}{wrong} {own}".strip()


_MONTHS = {
    name[:3]: number
    for number, name in enumerate(
        (
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ),
        start=1,
    )
}
_WORDS = re.compile(r"^(?:[a-z]+,?\s+)?(\d{1,2})(?:st|nd|rd|th)?\s+([a-z]{3,9})\.?,?\s+(\d{4})$")
_FIGURES = re.compile(r"^(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})$")
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$")


def read_day(words: str) -> dt.date | None:
    """The day in `words`, or None if no day can be read.

    Reads "21 November 2026", "Sat 21 Nov 2026", "21/11/2026", "21.11.26" (day first) and "2026-11-21". Two-figure years are 2000 to 2099.
    """
    text = " ".join(words.lower().split())
    if match := _WORDS.match(text):
        month = _MONTHS.get(match[2][:3], 0)
        parts = (int(match[3]), month, int(match[1]))
    elif match := _FIGURES.match(text):
        year = int(match[3])
        parts = (year + 2000 if len(match[3]) == 2 else year, int(match[2]), int(match[1]))
    elif match := _ISO.match(text):
        parts = (int(match[1]), int(match[2]), int(match[3]))
    else:
        return None
    try:
        return dt.date(*parts)
    except ValueError:
        return None


def offer(form: forms.BaseForm, name: str, choices: Iterable[Any]) -> None:
    """Set the choices of one field, if they are known only when the form is made. Raises TypeError for a field without choices."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"The field {name} has no choices.")
    field.choices = list(choices)


class DayInput(forms.DateInput):
    """One text input for a day, shown as "21 November 2026"; no date picker, which keyboard users cannot always leave."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={"autocomplete": "off", **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, dt.datetime):
            value = value.date()
        if isinstance(value, dt.date):
            return in_words(value)
        return None if value in (None, "") else str(value)


class DayField(forms.DateField):
    """A day typed as people write it; the error says how."""

    widget = DayInput
    default_error_messages = {"invalid": "Enter a date, like 21 November 2026 or 21/11/2026."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"help_text": "For example, 21 November 2026"} | kwargs))

    def to_python(self, value: Any) -> dt.date | None:
        if value in self.empty_values:
            return None
        if isinstance(value, dt.datetime):
            return value.date()
        if isinstance(value, dt.date):
            return value
        day = read_day(str(value))
        if day is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return day
