"""Forms around an entry. Forms validate and never save."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms

from haven.core.records.forms_engine import LONGEST, MomentField
from haven.platform.ui.forms import offer


class HappenedForm(forms.Form):
    """When it happened, above the fields of an entry's form."""

    happened_at = MomentField(label="When did it happen?")

    def __init__(self, *args: Any, at: dt.datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at

    def clean_happened_at(self) -> dt.datetime:
        happened: dt.datetime = self.cleaned_data["happened_at"]
        if happened > self.at + dt.timedelta(minutes=1):
            raise forms.ValidationError("The date and time must be in the past.")
        return min(happened, self.at)


OF_ADDENDUM = (
    ("addition", "Add information"),
    ("correction", "Correct the entry: the original stays, with your correction below it"),
    ("retraction", "Mark as entered in error"),
)


class AddendumForm(forms.Form):
    """Text added to an entry, a correction, or a retraction."""

    kind = forms.ChoiceField(
        label="What do you want to do?",
        widget=forms.RadioSelect,
        choices=OF_ADDENDUM,
        initial="addition",
    )
    words = forms.CharField(
        label="Details", widget=forms.Textarea(attrs={"rows": 4}), max_length=LONGEST,
        help_text="If the entry was made in error, say why.",
    )  # fmt: skip

    def __init__(self, *args: Any, kinds: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "kind", [pair for pair in OF_ADDENDUM if pair[0] in kinds])
