"""Forms about a school. Forms validate and never save."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from haven.core.schools.calendars import Span
from haven.platform.ui.forms import DayField, offer, read_day
from haven.rules.sessions import year_bounds, year_label


def clock_field(label: str) -> forms.TimeField:
    """A time of day, written 08:45 or 8.45."""
    return forms.TimeField(
        label=label, input_formats=["%H:%M", "%H.%M"], error_messages={"invalid": "Enter a time, like 08:45."},
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5", "autocomplete": "off"}),
    )  # fmt: skip


class FactsForm(forms.Form):
    """A school's facts, as in the public register of schools."""

    name = forms.CharField(label="Name", max_length=300)
    phase = forms.CharField(label="Phase", required=False, help_text="For example, Secondary")
    type = forms.CharField(label="Type", required=False, help_text="For example, Academy converter")
    low_age = forms.IntegerField(label="Youngest age", required=False, min_value=0, max_value=25)
    high_age = forms.IntegerField(label="Oldest age", required=False, min_value=0, max_value=25)
    establishment_number = forms.RegexField(
        r"^[0-9]{4}$", label="Establishment number", required=False, help_text="4 digits",
        error_messages={"invalid": "Enter a 4-digit establishment number."},
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
    )  # fmt: skip
    address = forms.CharField(label="Address", required=False, widget=forms.Textarea(attrs={"rows": 4}))
    postcode = forms.CharField(
        label="Postcode", required=False, widget=forms.TextInput(attrs={"class": "govuk-input--width-10"})
    )
    telephone = forms.CharField(label="Telephone", required=False)


class TimesForm(forms.Form):
    """When the sessions begin and end, and when each register closes."""

    begins_on = DayField(label="From")
    site = forms.ChoiceField(label="Site", required=False)
    am_starts = clock_field("Morning begins")
    am_register_closes = clock_field("Morning register closes")
    am_ends = clock_field("Morning ends")
    pm_starts = clock_field("Afternoon begins")
    pm_register_closes = clock_field("Afternoon register closes")
    pm_ends = clock_field("Afternoon ends")
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, sites: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "site", [("", "The whole school"), *((str(site.id), site.name) for site in sites)])
        if not sites:
            del self.fields["site"]

    @property
    def clock_times(self) -> dict[str, time]:
        return {key: value for key, value in self.cleaned_data.items() if isinstance(value, time)}


class SiteForm(forms.Form):
    """A site of the school."""

    name = forms.CharField(label="Name", max_length=200)
    address = forms.CharField(label="Address", required=False, widget=forms.Textarea(attrs={"rows": 4}))


class SwitchForm(forms.Form):
    """Whether an option is on, and why."""

    is_on = forms.TypedChoiceField(
        label="The estimate is", choices=[("yes", "On"), ("no", "Off")], coerce=lambda word: word == "yes",
        widget=forms.RadioSelect(attrs={"class": "inline"}),
    )  # fmt: skip
    reason = forms.CharField(
        label="Why", max_length=500, help_text="Who decided this, and what it is for. It is recorded with your name.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


HOW = "Enter one per line: the name, then the date, or the first and last date. For example: "


class YearForm(forms.Form):
    """The first calendar of an academic year, from its terms and the days taken out of them."""

    year = forms.CharField(
        label="Academic year", help_text="For example, 2025-26",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10"}),
    )  # fmt: skip
    term = forms.CharField(
        label="Terms and half terms", help_text=f"{HOW}Autumn 1, 3 September 2025, 24 October 2025",
        widget=forms.Textarea(attrs={"rows": 7}),
    )  # fmt: skip
    holiday = forms.CharField(
        label="Holidays within those dates", required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text=HOW + "Half term, 27 October 2025, 31 October 2025",
    )  # fmt: skip
    bank_holiday = forms.CharField(
        label="Bank holidays",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=HOW + "Early May, 4 May 2026",
    )
    inset = forms.CharField(
        label="INSET days",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=HOW + "INSET, 3 September 2025",
    )
    closure = forms.CharField(
        label="Closures",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=HOW + "Boiler, 12 January 2026",
    )

    def clean_year(self) -> str:
        year = str(self.cleaned_data["year"]).strip()
        try:
            year_bounds(year)
        except ValueError as problem:
            raise ValidationError(str(problem)) from None
        return year

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for kind in ("term", "holiday", "bank_holiday", "inset", "closure"):
            try:
                data[kind] = [_span(kind, line) for line in data.get(kind, "").splitlines() if line.strip()]
            except ValueError as problem:
                self.add_error(kind, str(problem))
        return data

    @property
    def spans(self) -> list[Span]:
        """Every period of the form, terms first."""
        kinds = ("term", "holiday", "bank_holiday", "inset", "closure")
        return [span for kind in kinds for span in self.cleaned_data[kind]]


def _span(kind: str, line: str) -> Span:
    name, *parts = (part.strip() for part in line.split(","))
    read = [read_day(part) for part in parts]
    if not name or not 1 <= len(read) <= 2 or None in read:
        raise ValueError(f"“{line.strip()[:60]}” is not clear. Enter: name, first day, last day.")
    days = [day for day in read if day is not None]
    return Span(kind, name, days[0], days[-1])


def next_year(on: date) -> str:
    """The most likely academic year of a new calendar: the present one until May, then the next."""
    return year_label(on.year if on.month >= 6 else on.year - 1)
