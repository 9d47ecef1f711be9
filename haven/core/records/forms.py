"""What people fill in around an entry. Forms validate and never save."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms

from haven.core.records.forms_engine import LONGEST, MomentField
from haven.platform.ui.forms import offer


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
    ("retraction", "Strike the entry out, because it was made by mistake"),
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
