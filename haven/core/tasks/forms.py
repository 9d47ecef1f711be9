"""Forms around a task. Forms validate and never save."""

from collections.abc import Sequence
from typing import Any

from django import forms

from haven.core.records.forms_engine import LONGEST, MomentField
from haven.platform.ui.forms import offer
from haven.rules.roles import ROLES


class StepForm(forms.Form):
    """A step of a task, with the version that the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class MinutesField(forms.IntegerField):
    """How many minutes something took, for the user's own time log."""

    def __init__(self) -> None:
        super().__init__(
            label="How many minutes did it take?", required=False, min_value=1, max_value=24 * 60,
            help_text="If you keep a time log. Only you see the total, on My day.",
        )  # fmt: skip


class FinishForm(StepForm):
    outcome = forms.CharField(label="Outcome", widget=forms.Textarea(attrs={"rows": 3}), max_length=LONGEST)
    minutes = MinutesField()


class DeferForm(StepForm):
    due_at = MomentField(label="Postpone until")
    reason = forms.CharField(label="Reason for delay", max_length=LONGEST)


class ReceiverForm(forms.Form):
    """A choice of a colleague, or of a role."""

    to = forms.ChoiceField()

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], roles: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "to", [
            ("", self.nobody),
            ("Roles", [(f"role:{role}", ROLES[role].title) for role in roles]),
            ("People", [(f"person:{number}", name) for number, name in people]),
        ])  # fmt: skip

    nobody = "Choose a person or a role"

    def person(self) -> int | None:
        kind, _, value = str(self.cleaned_data["to"]).partition(":")
        return int(value) if kind == "person" else None

    def role(self) -> str:
        kind, _, value = str(self.cleaned_data["to"]).partition(":")
        return value if kind == "role" else ""


class HandOverForm(ReceiverForm, StepForm):
    """A task goes to somebody else."""

    to = forms.ChoiceField(label="Who will take it over?")
    reason = forms.CharField(
        label="What do they need to know?", widget=forms.Textarea(attrs={"rows": 3}), max_length=LONGEST
    )


class PlanForm(ReceiverForm):
    """A task with a due time for the user, a colleague or a role."""

    nobody = "Myself"
    title = forms.CharField(
        label="What needs to be done?", max_length=200,
        help_text="A few words for the task list. Do not include confidential details.",
    )  # fmt: skip
    due_at = MomentField(label="Due date and time")
    to = forms.ChoiceField(label="Who will do it?", required=False)
    field_order = ("title", "due_at", "to")
