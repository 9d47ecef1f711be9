"""The form of a reading receipt. It checks and never saves."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from haven.platform.ui.forms import DayField
from haven.rules.editions import Edition
from haven.rules.staff_reading import may_count_as_read


class ReadingForm(forms.Form):
    """The day on which Part One was read, and whether it was read in full."""

    read_on = DayField(label="Date you finished reading")
    in_full = forms.BooleanField(
        label="I have read Part One in full",
        error_messages={"required": "Confirm that you have read Part One in full."},
    )

    def __init__(self, *args: Any, edition: Edition, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.edition, self.today = edition, today

    def clean_read_on(self) -> date:
        read_on: date = self.cleaned_data["read_on"]
        counts = may_count_as_read(read_on, self.edition, self.today)
        if not counts:
            raise ValidationError(counts.because)
        return read_on
