"""Which child a concern is about. The other questions come from the form's definition."""

from typing import Any

from django import forms

from haven.core.records.forms_engine import LONGEST
from haven.platform.ui.forms import offer
from haven.safeguarding.definition_keys import CHILD_NAME
from haven.safeguarding.queries import ChildFound

OTHER = "other"


class WhoForm(forms.Form):
    """Which child: letters to search for, then one of the results, or a name where the child cannot be found."""

    use_required_attribute = False
    letters = forms.CharField(
        label="The child's name",
        required=False,
        max_length=100,
        help_text="Enter at least 2 letters of the first or last name.",
    )
    pupil = forms.ChoiceField(label="Which child?", required=False, widget=forms.RadioSelect)
    child_name = forms.CharField(
        label="Child's name and class, if not listed",
        required=False,
        max_length=LONGEST,
    )

    def __init__(self, *args: Any, children: list[ChildFound], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(child.ref), child.described) for child in children]
        offer(self, "pupil", [*choices, (OTHER, "I cannot find the child here")] if choices else [])
        if not choices:
            del self.fields["pupil"]
        if not self.is_bound:
            _needed(self)

    def full_clean(self) -> None:
        """Require one of the three fields, so that none of them says "(optional)"."""
        super().full_clean()
        _needed(self)

    def clean(self) -> dict[str, Any]:
        answered: dict[str, Any] = super().clean() or {}
        chosen = answered.get("pupil") or ""
        if chosen and chosen != OTHER:
            answered[CHILD_NAME] = ""
        elif not answered.get(CHILD_NAME, "").strip():
            self.add_error(CHILD_NAME, "Find and choose the child, or enter the child's name.")
        else:
            answered["pupil"] = ""
        return answered


def _needed(form: forms.Form) -> None:
    """Mark every field as required after validation, so that its label does not say "(optional)"."""
    for field in form.fields.values():
        field.required = True


class WhichChildForm(forms.Form):
    """Which child on roll a concern is about that names its child in words. `was`: the child linked when the page was
    shown."""

    pupil = forms.ChoiceField(
        label="Which child is it?", widget=forms.RadioSelect, error_messages={"required": "Choose the child first."}
    )
    was = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, children: list[ChildFound], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "pupil", [(str(child.ref), child.described) for child in children])
