"""Fields and forms of the follow-up day. Forms validate and never save; those of a row are in row_actions.py."""

from collections.abc import Sequence
from typing import Any

from django import forms

from haven.attendance.follow_up.day import OpenItem
from haven.platform.ui.forms import DayField

LONGEST = 4000


def time_field(**common: Any) -> forms.TimeField:
    return forms.TimeField(
        input_formats=["%H:%M", "%H.%M", "%H%M"], error_messages={"invalid": "Write the time like 09:40."},
        widget=forms.TimeInput(format="%H:%M", attrs={"autocomplete": "off", "class": "govuk-input--width-5"}), **common,
    )  # fmt: skip


def words_field(label: str, *, rows: int = 2, **common: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": rows}), **common)


class LateForm(forms.Form):
    """Sign-in at the late gate."""

    pupil = forms.UUIDField(widget=forms.HiddenInput)
    words = forms.CharField(label="Reason given", required=False, max_length=200)


class SignOffForm(forms.Form):
    """For each open item, why it stays open and who follows it up."""

    def __init__(self, data: Any = None, *, items: Sequence[OpenItem]) -> None:
        super().__init__(data)
        for item in items:
            self.fields[item.key] = words_field(
                item.title, required=False, initial=item.explanation, help_text="Reason, and who will follow up"
            )

    def explanations(self) -> dict[str, str]:
        return {key: str(words) for key, words in self.cleaned_data.items()}


class ReopenForm(forms.Form):
    reason = words_field("Reason for reopening the day")


class NoteForm(forms.Form):
    """A handover note to the next person on duty."""

    for_on = DayField(label="For which date")
    words = words_field("What the next person needs to know", rows=5)
