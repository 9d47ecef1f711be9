"""The parameters of the impact report: the support, its first day, and the number of weeks. Every choice is in the address."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from haven.attendance.reports.impact.words import WEEKS
from haven.platform.dates import in_words
from haven.platform.ui.forms import DayField, offer

USUAL = 6


class WeeksForm(forms.Form):
    """The number of school weeks of each window; a default if the address has none."""

    weeks = forms.TypedChoiceField(
        label="School weeks to compare", coerce=int,
        choices=[(number, f"{number} weeks") for number in WEEKS],
    )  # fmt: skip

    def __init__(self, asked: Mapping[str, str], *, earliest: date, today: date) -> None:
        super().__init__({"weeks": str(USUAL), **asked}, auto_id="impact-%s")
        self.earliest, self.today = earliest, today

    @property
    def since_when(self) -> str:
        """Which days may be asked for, in words."""
        return f"from {in_words(self.earliest)} to today"


class HelpForm(WeeksForm):
    """A kind of recorded support, and the days between which it began."""

    help = forms.ChoiceField(label="Kind of support")
    since = DayField(label="Support began from", help_text="")
    until = DayField(label="To", help_text="")

    field_order = ("help", "since", "until", "weeks")

    def __init__(self, asked: Mapping[str, str], *, kinds: Iterable[tuple[str, str]], **days: date) -> None:
        super().__init__(asked, **days)
        offer(self, "help", kinds)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and not self.earliest <= since <= until <= self.today:
            self.add_error("since", f"Choose days in order, from {in_words(self.earliest)} to today.")
        return given


class TickedForm(WeeksForm):
    """Pupils selected by hand, and the first day of their support."""

    on = DayField(label="Support began on", error_messages={"required": "Enter the day their support began."})

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if not self.earliest <= on <= self.today:
            raise ValidationError(f"Choose a day {self.since_when}.")
        return on
