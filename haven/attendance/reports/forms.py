"""The parameters of a report: days and kind of group. Every choice is in the address."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from haven.core.people.queries import year_title
from haven.platform.ui.forms import DayField, DayInput, offer

CHOOSE = {"invalid_choice": "Choose an option from the list."}


def _given(data: Any) -> dict[str, Any]:
    """The parameters of the address; an empty value counts as missing."""
    return {name: value for name, value in data.items() if value}


class RangeForm(forms.Form):
    """A range of days; a missing day is the default of the page."""

    from_on = DayField(label="From", required=False, help_text="")
    to_on = DayField(label="To", required=False, help_text="")

    def __init__(self, data: Any, *, from_on: date, to_on: date) -> None:
        self.usual = {"from_on": from_on, "to_on": to_on}
        super().__init__(
            {
                **{name: DayInput().format_value(day) for name, day in self.usual.items()},
                **_given(data),
            },
            auto_id="ask-%s",
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("from_on"), cleaned.get("to_on")
        if first and last and last < first:
            self.add_error("to_on", "The last day is before the first day. Check the dates.")
        return cleaned


class GroupsForm(RangeForm):
    """The range of days, and the grouping of the pupils."""

    by = forms.ChoiceField(label="Group by", error_messages=CHOOSE)
    field_order = ("by", "from_on", "to_on")

    def __init__(self, data: Any, *, from_on: date, to_on: date, kinds: Iterable[tuple[str, str]]) -> None:
        choices = list(kinds)
        super().__init__({"by": choices[0][0], **_given(data)}, from_on=from_on, to_on=to_on)
        offer(self, "by", choices)


class OutsideForm(forms.Form):
    """The year, and the grouping of the pupils; the days cannot be chosen."""

    by = forms.ChoiceField(label="Group by", error_messages=CHOOSE)
    year = forms.ChoiceField(label="Year", error_messages=CHOOSE)

    def __init__(self, data: Any, *, kinds: Iterable[tuple[str, str]], years: Iterable[str]) -> None:
        choices, labels = list(kinds), list(years)
        given = {"by": choices[0][0], "year": labels[0] if labels else "", **_given(data)}
        super().__init__(given, auto_id="ask-%s")
        offer(self, "by", choices)
        offer(self, "year", [(label, label) for label in labels])


class CrossedForm(forms.Form):
    """The first day, the threshold, and the direction."""

    since = DayField(label="Since", help_text="")
    line = forms.ChoiceField(label="Threshold", required=False, error_messages=CHOOSE)
    way = forms.ChoiceField(
        label="Direction", required=False, error_messages=CHOOSE,
        choices=[("", "Entered or left"), ("into", "Entered"), ("out", "Left")],
    )  # fmt: skip

    def __init__(self, data: Any, *, since: date, on: date, lines: Iterable[tuple[str, str]]) -> None:
        given = {"since": DayInput().format_value(since), **_given(data)}
        super().__init__(given, auto_id="ask-%s")
        self.on = on
        offer(self, "line", [("", "All thresholds"), *lines])

    def clean_since(self) -> date:
        since: date = self.cleaned_data["since"]
        if since > self.on:
            raise forms.ValidationError("This date is in the future. Enter today or an earlier date.")
        return since


class WithinForm(forms.Form):
    """The threshold, and the year group or class."""

    line = forms.ChoiceField(label="Threshold", required=False, error_messages=CHOOSE)
    year = forms.ChoiceField(label="Year", required=False, error_messages=CHOOSE)
    group = forms.ChoiceField(label="Class", required=False, error_messages=CHOOSE)

    def __init__(
        self, data: Any, *, lines: Iterable[tuple[str, str]], years: Iterable[str], groups: Iterable[str]
    ) -> None:
        super().__init__({"line": "target", **data.dict()}, auto_id="ask-%s")
        offer(self, "line", [*lines, ("", "Everyone on roll")])
        _offer_classes(self, years, groups)


class SuspendedForm(forms.Form):
    """The minimum number of suspensions, and the year group or class."""

    often = forms.ChoiceField(
        label="Suspended", required=False, error_messages=CHOOSE,
        choices=[("", "Once or more"), ("again", "More than once")],
    )  # fmt: skip
    year = forms.ChoiceField(label="Year", required=False, error_messages=CHOOSE)
    group = forms.ChoiceField(label="Class", required=False, error_messages=CHOOSE)

    def __init__(self, data: Any, *, years: Iterable[str], groups: Iterable[str]) -> None:
        super().__init__(data.dict(), auto_id="ask-%s")
        _offer_classes(self, years, groups)


def _offer_classes(form: forms.Form, years: Iterable[str], groups: Iterable[str]) -> None:
    offer(form, "year", [("", "All"), *((year, year_title(year)) for year in years)])
    offer(form, "group", [("", "All"), *((name, name) for name in groups)])


class ClassForm(forms.Form):
    """The class; the first one by default."""

    group = forms.ChoiceField(label="Class", error_messages=CHOOSE)

    def __init__(self, data: Any, *, groups: Iterable[str]) -> None:
        names = list(groups)
        super().__init__({"group": names[0] if names else "", **_given(data)}, auto_id="ask-%s")
        offer(self, "group", [(name, name) for name in names])


class AgreedForm(forms.Form):
    """Something agreed at a meeting: what, who is responsible, and the due date."""

    title = forms.CharField(
        label="What was agreed", max_length=200,
        help_text="Do not name pupils. This becomes a task for the role and appears on this page.",
    )  # fmt: skip
    role = forms.ChoiceField(label="Role responsible", error_messages=CHOOSE)
    due_on = DayField(label="Due date")

    def __init__(self, *args: Any, roles: Iterable[tuple[str, str]], on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on
        offer(self, "role", [("", "Choose a role"), *roles])

    def clean_due_on(self) -> date:
        due: date = self.cleaned_data["due_on"]
        if due < self.on:
            raise forms.ValidationError("This date has passed. Enter today or a later date.")
        return due
