"""Forms about pupils and families. Forms validate and never save."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from haven.core.people.actions.contacts import ContactFacts
from haven.core.people.statuses import StatusKind
from haven.core.people.telephones import is_number
from haven.platform.ui.forms import DayField, offer
from haven.rules.identifiers import why_upn_is_wrong

YEAR_GROUPS = ["N1", "N2", "R", *map(str, range(1, 15))]
SAID = [("", "Not known"), ("yes", "Yes"), ("no", "No")]
PREFERS = [("", "No preference"), ("call", "A call"), ("text", "A text"), ("email", "Email")]
PRIORITIES = [("3", "Find first"), ("2", "Urgent"), ("1", "On the list")]
KINDS = [
    ("single", "On roll here only"), ("main", "Dual registered, main school"),
    ("subsidiary", "Dual registered, second school"), ("guest", "Guest"),
]  # fmt: skip


def words(
    label: str, *, help_text: str = "", required: bool = False, lines: int = 1, size: str = "", **attrs: str
) -> forms.CharField:
    """A text input; several lines if `lines` is more than one."""
    if size:
        attrs["class"] = f"govuk-input--width-{size}"
    widget = forms.Textarea(attrs={"rows": lines, **attrs}) if lines > 1 else forms.TextInput(attrs=attrs)
    return forms.CharField(label=label, help_text=help_text, required=required, widget=widget, max_length=2000)


def _telephone(text: str) -> str:
    clean = " ".join(text.split())
    if clean and not is_number(clean):
        raise ValidationError("Enter a phone number, like 07700 900123 or +48 22 123 45 67.")
    return clean


class SaidField(forms.ChoiceField):
    """Yes, no, or unknown."""

    def __init__(self, label: str) -> None:
        super().__init__(label=label, choices=SAID, required=False, widget=forms.RadioSelect(attrs={"class": "inline"}))

    def clean(self, value: Any) -> Any:
        return {"yes": True, "no": False}.get(super().clean(value))

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no"}.get(value, value or "") if not isinstance(value, str) else value


class ContactForm(forms.Form):
    """One contact."""

    name = words("Full name", required=True, autocomplete="off")
    relationship = words("Relationship to the pupil", help_text="For example, mother, grandfather, foster carer")
    priority = forms.IntegerField(label="Priority", min_value=1, max_value=20, initial=1, help_text="Call 1 first")
    telephone = words("Telephone", autocomplete="off")
    other_telephone = words("Other telephone", autocomplete="off")
    email = forms.EmailField(label="Email", required=False)
    parental_responsibility = SaidField("Parental responsibility")
    lives_with_pupil = SaidField("Lives with the pupil")
    safe_to_contact = forms.BooleanField(label="Safe to contact", required=False, initial=True)
    safe_contact_note = words("Before you call", help_text="For example, do not leave a message", lines=2)
    prefers = forms.ChoiceField(label="Preferred contact method", choices=PREFERS, required=False)
    language = words("Language", help_text="If it is not English")
    needs_interpreter = forms.BooleanField(label="Needs an interpreter", required=False)
    address = words("Address", help_text="If different from the pupil's", lines=3)

    def clean_telephone(self) -> str:
        return _telephone(self.cleaned_data["telephone"])

    def clean_other_telephone(self) -> str:
        return _telephone(self.cleaned_data["other_telephone"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("safe_to_contact") and not data.get("safe_contact_note"):
            self.add_error("safe_contact_note", "Enter why this person must not be contacted, or what to do instead.")
        return data

    @property
    def facts(self) -> ContactFacts:
        """The validated contact."""
        return ContactFacts(**{**self.cleaned_data, "needs_interpreter": bool(self.cleaned_data["needs_interpreter"])})


class DetailForm(forms.Form):
    """Details of a pupil."""

    trusted_adult = words("Trusted adult at school")
    good_to_know = words(
        "Useful information", lines=4, help_text="What helps when you speak to the child or family. Everyone who can see the "
        "register can see this. Do not enter health or family matters.",
    )  # fmt: skip
    first_language = words("First language")
    needs_interpreter = forms.BooleanField(label="The family needs an interpreter", required=False)
    address = words("Address", lines=4)
    postcode = words("Postcode", size="10")
    ethnicity = words("Ethnicity", help_text="As described by the family")
    nationality = words("Nationality", help_text="As described by the family")


class NamesForm(forms.Form):
    """Names, birthday and sex."""

    surname = words("Surname", required=True)
    forename = words("Forename", required=True)
    middle_names = words("Middle names")
    preferred_forename = words("Preferred forename", help_text="If different from the legal name")
    preferred_surname = words("Preferred surname", help_text="If different from the legal name")
    former_names = words("Former names", help_text="You can search by these too")
    born_on = DayField(label="Date of birth", required=False)
    sex = forms.ChoiceField(
        label="Sex", choices=[("", "Not known"), ("F", "Female"), ("M", "Male")], required=False,
        widget=forms.RadioSelect(attrs={"class": "inline"}),
    )  # fmt: skip

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_born_on(self) -> date | None:
        born_on: date | None = self.cleaned_data["born_on"]
        if born_on and born_on >= self.today:
            raise ValidationError("Date of birth must be in the past.")
        return born_on


class AdmissionForm(NamesForm):
    """A pupil to be put on the roll."""

    upn = words("Unique pupil number", help_text="13 characters, from the previous school")
    begins_on = DayField(label="Date of admission")
    year_group = forms.ChoiceField(label="Year group", choices=[("", "Choose"), *((y, y) for y in YEAR_GROUPS)])
    group_name = words("Class")
    kind = forms.ChoiceField(label="Enrolment", choices=KINDS, initial="single")

    field_order = ("forename", "surname", "middle_names", "preferred_forename", "preferred_surname", "former_names")

    def clean_upn(self) -> str:
        upn = "".join(str(self.cleaned_data["upn"]).split()).upper()
        if upn and (wrong := why_upn_is_wrong(upn)):
            raise ValidationError(wrong)
        return upn


class ClassForm(forms.Form):
    """Another class, or the end of the enrolment."""

    year_group = forms.ChoiceField(label="Year group", choices=[(y, y) for y in YEAR_GROUPS])
    group_name = words("Class", required=True)
    on = DayField(label="From")


class LeavingForm(forms.Form):
    """The end of a pupil's enrolment."""

    ends_on = DayField(label="Last day on roll")
    destination = words("Destination", required=True, help_text="School, address or what is known")
    reason = words("Reason", required=True, help_text="Why the name is deleted from the admission register")


class StatusForm(forms.Form):
    """A status of one of the kinds that this user may record, with the further fields of the chosen kind."""

    kind = forms.ChoiceField(label="Status")
    detail = words("More", lines=2, help_text="See below what to enter for each status")
    source = words("Who said so, or which document")
    begins_on = DayField(label="From")
    review_on = DayField(
        label="Review date", required=False, help_text="Leave empty to use the usual review date for this status"
    )

    def __init__(self, *args: Any, kinds: Sequence[StatusKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = {kind.name: kind for kind in kinds}
        offer(self, "kind", [("", "Choose"), *((kind.name, kind.title) for kind in kinds)])
        chosen = str(self.data.get("kind", "") if self.is_bound else self.initial.get("kind", ""))
        self.asked = self.kinds[chosen].fields if chosen in self.kinds else ()
        for field in self.asked:
            self.fields[field.key] = (
                DayField(label=field.label, **({"help_text": field.help} if field.help else {}))
                if field.type == "day"
                else words(field.label, help_text=field.help, required=True, lines=3)
            )

    @property
    def facts(self) -> dict[str, Any]:
        """The validated facts, as `StatusRecord` takes them."""
        data = dict(self.cleaned_data)
        return {"answers": {field.key: data.pop(field.key) for field in self.asked}, **data}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind = self.kinds.get(data.get("kind", ""))
        if kind and data.get("begins_on") and not kind.is_in_force(data["begins_on"]):
            self.add_error("begins_on", f"This kind of status begins on {kind.valid_from:%d/%m/%Y} at the earliest.")
        if kind and kind.needs_source and not data.get("source", "").strip():
            self.add_error("source", "Enter the source: who said so, or which document.")
        return data


class EndForm(forms.Form):
    """The end of a status or of a line of the vulnerable pupils list."""

    ends_on = DayField(label="End date", help_text="From this day it no longer applies.")
    reason = words("Reason", required=True)


class ListingForm(forms.Form):
    """An entry of the vulnerable pupils list."""

    priority = forms.ChoiceField(label="Priority", choices=PRIORITIES, widget=forms.RadioSelect)
    instruction = words(
        "What to do if the pupil is missing", required=True, lines=2,
        help_text="Shown to staff making calls. Say what to do, not why.",
    )  # fmt: skip
    instruction_due = forms.TimeField(
        label="By when", required=False, help_text="For example, 10:00", input_formats=["%H:%M", "%H.%M"],
        error_messages={"invalid": "Enter a time, like 10:00."}, widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
    )  # fmt: skip


class FilterForm(forms.Form):
    """The filters of a list of pupils; every choice is in the address."""

    q = words("Name or UPN")
    year_group = forms.ChoiceField(label="Year", required=False)
    group = forms.ChoiceField(label="Class", required=False)
    status = forms.ChoiceField(label="Status", required=False)
    roll = forms.ChoiceField(
        label="Roll", required=False, choices=[("", "On roll now"), ("left", "Have left"), ("all", "Everyone")]
    )
    listed = forms.BooleanField(label="On the vulnerable pupils list", required=False)

    def __init__(
        self, data: Any, *, years: Iterable[tuple[str, str]], groups: Iterable[str], statuses: Iterable[tuple[str, str]],
        is_listed: bool,
    ) -> None:  # fmt: skip
        super().__init__(data, auto_id="filter-%s")
        choices = {
            "year_group": [("", "All"), *years],
            "group": [("", "All"), *((group, group) for group in groups)],
            "status": [("", "Any"), *statuses],
        }
        for name, options in choices.items():
            offer(self, name, options)
        if len(choices["status"]) == 1:
            del self.fields["status"]
        if not is_listed:
            del self.fields["listed"]
