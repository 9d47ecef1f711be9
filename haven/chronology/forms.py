"""What people fill in around an entry and a task. Forms validate and never save."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms

from haven.chronology.forms_engine import LONGEST, MomentField
from haven.rules.roles import ROLES


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


class AddendumForm(forms.Form):
    """Words added to an entry, a correction, or striking it out."""

    kind = forms.ChoiceField(
        label="What do you want to do?",
        widget=forms.RadioSelect,
        choices=[
            ("addition", "Add something"),
            ("correction", "Correct something: the entry stays as it was, with the correction under it"),
            ("tombstone", "Strike the entry out, because it was made by mistake"),
        ],
        initial="addition",
    )
    words = forms.CharField(
        label="In your words", widget=forms.Textarea(attrs={"rows": 4}), max_length=LONGEST,
        help_text="For striking out: say why.",
    )  # fmt: skip

    def __init__(self, *args: Any, kinds: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields["kind"].choices  # type: ignore[attr-defined]
        self.fields["kind"].choices = [pair for pair in choices if pair[0] in kinds]  # type: ignore[attr-defined]


class StepForm(forms.Form):
    """A step of a task, with the version of it that the person saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class FinishForm(StepForm):
    outcome = forms.CharField(label="What came of it?", widget=forms.Textarea(attrs={"rows": 3}), max_length=LONGEST)


class DeferForm(StepForm):
    due_at = MomentField(label="Until when?")
    reason = forms.CharField(label="Why does it wait?", max_length=LONGEST)


class HandOverForm(StepForm):
    """To a colleague, or to whoever holds a role."""

    to = forms.ChoiceField(label="Who takes it over?")
    reason = forms.CharField(
        label="What do they need to know?", widget=forms.Textarea(attrs={"rows": 3}), max_length=LONGEST
    )

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], roles: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [  # type: ignore[attr-defined]
            ("", "Choose a person or a role"),
            ("Roles", [(f"role:{role}", ROLES[role].title) for role in roles]),
            ("People", [(f"person:{number}", name) for number, name in people]),
        ]

    def person(self) -> int | None:
        kind, _, value = str(self.cleaned_data["to"]).partition(":")
        return int(value) if kind == "person" else None

    def role(self) -> str:
        kind, _, value = str(self.cleaned_data["to"]).partition(":")
        return value if kind == "role" else ""
