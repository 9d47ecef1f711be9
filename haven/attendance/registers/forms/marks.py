"""Forms about single marks, planned absence and corrections."""

from datetime import date
from typing import Any

from django import forms

from haven.attendance.registers.code_picker import choices
from haven.attendance.registers.editor import parse_code
from haven.platform.ui.forms import DayField, offer
from haven.rules.attendance_codes import UnknownCode, classify
from haven.rules.sessions import Half

NOT_PLANNED = ("/", "\\", "L", "N", "U", "O")


class MarkForm(forms.Form):
    """One mark: the code, why, and for a late arrival the minutes. `seen` is the code that the page showed."""

    code = forms.CharField(
        label="Code", max_length=3, help_text="A letter, or a letter and a number. Enter a dash (-) to remove the mark.",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-3", "autocomplete": "off", "autocapitalize": "characters"}),
    )  # fmt: skip
    reason = forms.CharField(
        label="Reason", help_text="For example, mother called, he has a temperature", max_length=500
    )
    minutes_late = forms.IntegerField(label="Minutes late", required=False, min_value=0, max_value=400)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, on: date, half: Half, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on, self.half = on, half

    def clean_code(self) -> str:
        try:
            symbol = parse_code(self.cleaned_data["code"])
            if symbol:
                classify(symbol, self.on)
        except UnknownCode as problem:
            raise forms.ValidationError(str(problem)) from None
        if symbol in ("/", "\\"):
            symbol = "/" if self.half is Half.AM else "\\"
        return symbol


class PlanForm(forms.Form):
    """A planned absence of one pupil."""

    enrolment = forms.TypedChoiceField(label="Pupil", coerce=int, empty_value=None)
    first_on = DayField(label="First day away")
    first_half = forms.ChoiceField(label="From", choices=[("AM", "the morning"), ("PM", "the afternoon")])
    last_on = DayField(label="Last day away")
    last_half = forms.ChoiceField(label="Until the end of", choices=[("PM", "the afternoon"), ("AM", "the morning")])
    code = forms.ChoiceField(label="Code", help_text="See “Which code fits?” for questions and guidance on each code.")
    reason = forms.CharField(label="Reason", help_text="The person taking the register can read this.", max_length=500)

    def __init__(self, *args: Any, on: date, pupils: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "enrolment", [("", "Choose a pupil"), *pupils])
        offer(self, "code", [("", "Choose a code"), *choices(on, without=NOT_PLANNED)])


class CorrectionForm(forms.Form):
    """One code for many marks, and the reason."""

    code = forms.ChoiceField(label="Change marks to")
    reason = forms.CharField(
        label="Reason", help_text="For example, no answer after three calls and a letter", max_length=500
    )

    def __init__(self, *args: Any, on: date, with_present: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = [("/", "/ \\ · Present, morning or afternoon")] if with_present else []
        fit = choices(on, without=("/", "\\", "N"))
        offer(self, "code", [("", "Choose a code"), *present, *fit])


class DecisionForm(forms.Form):
    """The second person's decision on a correction."""

    decision = forms.ChoiceField(
        label="Your decision", widget=forms.RadioSelect, choices=[("approve", "Approve"), ("refuse", "Refuse")]
    )
    reason = forms.CharField(label="Remark", required=False, max_length=500, help_text="Required if you refuse")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("decision") == "refuse" and not cleaned.get("reason", "").strip():
            self.add_error("reason", "Give a reason for refusing, for the person who prepared it.")
        return cleaned
