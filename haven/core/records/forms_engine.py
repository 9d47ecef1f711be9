"""Turns a form definition into a Django form and into stored answers.

Both use the same validation: `form_class` builds a plain Django form, and `checked_fields` runs the same form over values from elsewhere in
Haven. Answers are stored as JSON: days and times in ISO form, yes and no as booleans, empty answers left out.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from haven.core.records.form_definitions import FieldDefinition, FormDefinition
from haven.platform.dates import moment_in_words
from haven.platform.ui.forms import DayField, read_day

LONGEST = 20_000
"""Characters in one answer: about ten pages."""


class FieldProblems(ValueError):
    """Answers that do not fit their form. `problems` maps the field's key to sentences; no answer is quoted."""

    def __init__(self, problems: Mapping[str, list[str]]) -> None:
        self.problems = dict(problems)
        super().__init__("; ".join(f"{key}: {' '.join(sentences)}" for key, sentences in problems.items()))


class MomentField(forms.DateTimeField):
    """A day and a time in one text input: "21 November 2026, 09:40"."""

    default_error_messages = {"invalid": "Enter a date and time, like 21 November 2026, 09:40."}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", MomentInput())
        super().__init__(**({"help_text": "For example, 21 November 2026, 09:40"} | kwargs))

    def to_python(self, value: Any) -> dt.datetime | None:
        if value in self.empty_values:
            return None
        if isinstance(value, dt.datetime):
            return value if timezone.is_aware(value) else timezone.make_aware(value)
        moment = self._read(str(value).strip())
        if moment is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)

    @staticmethod
    def _read(words: str) -> dt.datetime | None:
        try:
            if iso := parse_datetime(words):
                return iso
            day, _, time = words.replace(" at ", " ").rpartition(" ")
            on = read_day(day.strip().rstrip(","))
            return dt.datetime.combine(on, dt.time.fromisoformat(time.replace(".", ":").zfill(5))) if on else None
        except ValueError:
            return None


class MomentInput(forms.DateTimeInput):
    """One text input for a day and a time, shown as "21 November 2026, 09:40"."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={"autocomplete": "off", **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, dt.datetime):
            local = timezone.localtime(value) if timezone.is_aware(value) else value
            return moment_in_words(local)
        return None if value in (None, "") else str(value)


def _text(one: FieldDefinition, **common: Any) -> forms.Field:
    widget = forms.Textarea(attrs={"rows": one.lines}) if one.lines > 1 else forms.TextInput()
    return forms.CharField(max_length=LONGEST, widget=widget, **common)


def _choice(one: FieldDefinition, **common: Any) -> forms.Field:
    return forms.ChoiceField(choices=one.choices, widget=forms.RadioSelect, **common)


def _yes_no(one: FieldDefinition, **common: Any) -> forms.Field:
    return forms.TypedChoiceField(
        choices=[("yes", "Yes"), ("no", "No")],
        coerce=lambda value: value == "yes",
        empty_value=None,
        widget=forms.RadioSelect(attrs={"class": "inline"}),
        **common,
    )


_BUILT_BY: dict[str, Callable[..., forms.Field]] = {
    "text": _text,
    "own_words": _text,
    "opinion": _text,
    "person": _text,
    "agency": _text,
    "choice": _choice,
    "yes_no": _yes_no,
    "date": lambda one, **common: DayField(**common),
    "datetime": lambda one, **common: MomentField(**common),
    "time": lambda one, **common: forms.TimeField(input_formats=["%H:%M", "%H:%M:%S"], **common),
    "number": lambda one, **common: forms.DecimalField(**common),
}


def django_field(one: FieldDefinition) -> forms.Field:
    """The Django field of one question."""
    common: dict[str, Any] = {"label": one.label, "required": one.required}
    if one.hint:
        common["help_text"] = one.hint
    built = _BUILT_BY[one.type](one, **common)
    built.error_messages["required"] = (
        "Choose an option." if one.type in ("choice", "yes_no") else f"Fill in “{one.label.rstrip('?')}”."
    )
    if one.hidden:
        built.widget = forms.HiddenInput()
    return built


class EntryForm(forms.Form):
    """The base of the forms of definitions. A field that an answer makes necessary is not marked "(optional)", and is asked for when that
    answer was chosen."""

    definition: FormDefinition

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conditional = [one for one in self.definition.fields if one.needed_when and one.key in self.fields]
        if self.conditional:
            self.use_required_attribute = False
        if not self.is_bound:
            self._mark_conditional()

    def full_clean(self) -> None:
        super().full_clean()
        self._mark_conditional()

    def _mark_conditional(self) -> None:
        for one in self.conditional:
            self.fields[one.key].required = True

    def clean(self) -> dict[str, Any]:
        answered: dict[str, Any] = super().clean() or {}
        for one in self.conditional:
            is_needed = any(answered.get(key) in values for key, values in one.needed_when.items())
            if is_needed and answered.get(one.key) in (None, ""):
                self.add_error(one.key, one.needed_words)
        return answered


def form_class(definition: FormDefinition, only: tuple[str, ...] = ()) -> type[EntryForm]:
    """A Django form with the fields of a definition, or with those of `only`, in the definition's order."""
    fields = {one.key: django_field(one) for one in definition.fields if not only or one.key in only}
    return type("EntryForm", (EntryForm,), {**fields, "definition": definition})


def checked_fields(definition: FormDefinition, values: Mapping[str, Any]) -> dict[str, Any]:
    """Check answers against their definition; returns the stored form (JSON values, empty answers left out).

    Yes and no may be booleans, days and times Python's own or in ISO form. Raises FieldProblems for an answer that does not fit, a missing
    answer, and a key that the form does not have.
    """
    strange = set(values) - {one.key for one in definition.fields}
    if strange:
        raise FieldProblems({key: ["This field is not part of the form."] for key in sorted(strange)})
    typed = {
        key: {True: "yes", False: "no"}[value] if isinstance(value, bool) else value for key, value in values.items()
    }
    form = form_class(definition)(typed)
    if not form.is_valid():
        raise FieldProblems({key: [str(error) for error in errors] for key, errors in form.errors.items()})
    return {key: _kept(value) for key, value in form.cleaned_data.items() if value not in (None, "")}


def _kept(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bool | str):
        return value
    return int(value) if value == int(value) else float(value)


def answers(definition: FormDefinition, kept: Mapping[str, Any]) -> list[tuple[FieldDefinition, Any]]:
    """The answers of an entry for reading, in the form's order, empty and hidden ones left out: choices by title, yes and no in
    words, days and moments as Python's own."""
    pairs = []
    for one in definition.fields:
        if one.key not in kept or one.hidden:
            continue
        pairs.append((one, _read_back(one, kept[one.key])))
    return pairs


def _read_back(one: FieldDefinition, value: Any) -> Any:
    if one.type == "choice":
        return dict(one.choices).get(value, value)
    if one.type == "yes_no":
        return "Yes" if value else "No"
    if one.type == "date":
        return dt.date.fromisoformat(value)
    if one.type == "datetime":
        return dt.datetime.fromisoformat(value)
    return value
