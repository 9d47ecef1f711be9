"""Forms to change a year: one period of it, and the reason. Forms validate and never save."""

from collections.abc import Sequence
from typing import Any

from django import forms

from haven.core.schools.calendars import Span
from haven.platform.ui.forms import DayField

TITLES = {
    "closure": "Close the school",
    "inset": "Add an INSET day",
    "holiday": "Add a holiday",
    "bank_holiday": "Add a bank holiday",
    "term": "Add a term or half term",
}
NAMES = {"closure": "For example, snow or no heating", "inset": "For example, INSET day 4", "term": "For example, Spring term, first half"}  # fmt: skip
PARTS_OF_DAY = [("day", "Whole days"), ("AM", "The morning only"), ("PM", "The afternoon only")]


class StretchForm(forms.Form):
    """A closure, an INSET day, a holiday or a term: its days, its name and the reason of the change. `seen` is the version of the year that
    the page showed."""

    name = forms.CharField(label="Name", max_length=100)
    first_on = DayField(label="First day")
    last_on = DayField(label="Last day", required=False, help_text="Leave empty for a single day.")
    half = forms.ChoiceField(label="Whole or half days", choices=PARTS_OF_DAY, widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Reason for the change", max_length=500, help_text="This is kept with the new version of the year."
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: str, standing: Span | None = None, **kwargs: Any) -> None:
        if standing is not None:
            kwargs["initial"] = {
                **kwargs.get("initial", {}), "name": standing.name, "first_on": standing.begins_on,
                "last_on": standing.ends_on, "half": standing.half or "day",
            }  # fmt: skip
        super().__init__(*args, **kwargs)
        self.kind, self.standing = kind, standing
        self.fields["name"].help_text = NAMES.get(kind, "")
        if kind == "term":
            del self.fields["half"]
            self.fields["last_on"].required = True
            self.fields["last_on"].help_text = ""
        for name in ("first_on", "last_on"):
            self.fields[name].widget.attrs.setdefault("autocomplete", "off")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first_on"), cleaned.get("last_on")
        if first and last and last < first:
            self.add_error("last_on", "The last day is before the first day. Check the dates.")
        if first and last and first != last and cleaned.get("half") in ("AM", "PM"):
            self.add_error("half", "You can only choose a half day for a single day. Choose whole days or one date.")
        return cleaned

    @property
    def stretch(self) -> Span:
        """The period as entered."""
        given = self.cleaned_data
        first, half = given["first_on"], given.get("half", "day")
        return Span(self.kind, given["name"].strip(), first, given["last_on"] or first, "" if half == "day" else half)

    def year_with(self, spans: Sequence[Span]) -> list[Span]:
        """The year's periods with this one, which replaces the edited one."""
        return [*(span for span in spans if span != self.standing), self.stretch]


class TakeAwayForm(forms.Form):
    """The removal of a period from the year."""

    reason = forms.CharField(
        label="Reason for the change", max_length=500, help_text="This is kept with the new version of the year."
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, standing: Span, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.standing = standing

    def year_with(self, spans: Sequence[Span]) -> list[Span]:
        """The year's periods without this one."""
        return [span for span in spans if span != self.standing]
