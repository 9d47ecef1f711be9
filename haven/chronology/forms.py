"""What people fill in around an entry and a task. Forms validate and never save."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms

from haven.chronology.forms_engine import LONGEST, MomentField
from haven.rules.roles import ROLES
from haven.ui.forms import offer


class HappenedForm(forms.Form):
    """When it happened, above the questions of an entry's form."""

    happened_at = MomentField(label="When did it happen?")

    def __init__(self, *args: Any, at: dt.datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at

    def clean_happened_at(self) -> dt.datetime:
        happened: dt.datetime = self.cleaned_data["happened_at"]
        if happened > self.at + dt.timedelta(minutes=1):
            raise forms.ValidationError("This lies in the future: write when it happened.")
        return min(happened, self.at)


OF_ADDENDUM = (
    ("addition", "Add something"),
    ("correction", "Correct something: the entry stays as it was, with the correction under it"),
    ("tombstone", "Strike the entry out, because it was made by mistake"),
)


class AddendumForm(forms.Form):
    """Words added to an entry, a correction, or striking it out."""

    kind = forms.ChoiceField(
        label="What do you want to do?",
        widget=forms.RadioSelect,
        choices=OF_ADDENDUM,
        initial="addition",
    )
    words = forms.CharField(
        label="In your words", widget=forms.Textarea(attrs={"rows": 4}), max_length=LONGEST,
        help_text="For striking out: say why.",
    )  # fmt: skip

    def __init__(self, *args: Any, kinds: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "kind", [pair for pair in OF_ADDENDUM if pair[0] in kinds])


class StepForm(forms.Form):
    """A step of a task, with the version of it that the person saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class MinutesField(forms.IntegerField):
    """How long something took, for one's own time log."""

    def __init__(self) -> None:
        super().__init__(
            label="How many minutes did it take?", required=False, min_value=1, max_value=24 * 60,
            help_text="If you keep a time log. Only you see the sum, on My day.",
        )  # fmt: skip


class FinishForm(StepForm):
    outcome = forms.CharField(label="What came of it?", widget=forms.Textarea(attrs={"rows": 3}), max_length=LONGEST)
    minutes = MinutesField()


class DeferForm(StepForm):
    due_at = MomentField(label="Until when?")
    reason = forms.CharField(label="Why does it wait?", max_length=LONGEST)


class ReceiverForm(forms.Form):
    """A choice of a colleague, or of whoever holds a role."""

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

    to = forms.ChoiceField(label="Who takes it over?")
    reason = forms.CharField(
        label="What do they need to know?", widget=forms.Textarea(attrs={"rows": 3}), max_length=LONGEST
    )


class PlanForm(ReceiverForm):
    """Something to do by a time, for oneself, a colleague or a role."""

    nobody = "Myself"
    title = forms.CharField(
        label="What has to be done?", max_length=200,
        help_text="A few words that may stand in a list: nothing that only some may know.",
    )  # fmt: skip
    due_at = MomentField(label="By when?")
    to = forms.ChoiceField(label="Who does it?", required=False)
    field_order = ("title", "due_at", "to")
