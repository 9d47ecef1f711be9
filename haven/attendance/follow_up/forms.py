"""Forms of the follow-up list. Forms validate and never save."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils import timezone

from haven.attendance.follow_up.items import FollowUpItem, OpenItem, SeenVersion
from haven.platform.dates import HALF_WORDS, weekday_without_year
from haven.platform.ui.forms import DayField, offer
from haven.rules.attendance_codes import Class, codes_in_force
from haven.rules.contact_ladder import OUTCOMES, Outcome
from haven.rules.sessions import Half

LONGEST = 4000
USUAL_CODES = ("I", "M", "O", "G", "C")
"""Offered first; the others follow in the order of the table."""


def time_field(**common: Any) -> forms.TimeField:
    return forms.TimeField(
        input_formats=["%H:%M", "%H.%M", "%H%M"], error_messages={"invalid": "Write the time like 09:40."},
        widget=forms.TimeInput(format="%H:%M", attrs={"autocomplete": "off", "class": "govuk-input--width-5"}), **common,
    )  # fmt: skip


def words_field(label: str, *, rows: int = 2, **common: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": rows}), **common)


class LineForm(forms.Form):
    """A form about one item, with the version of the item that its page showed."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    def __init__(self, data: Any = None, *, line: FollowUpItem, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial={"seen": str(line.seen), **(initial or {})}, auto_id=f"%s-{line.ref}")
        self.line = line

    def clean_seen(self) -> SeenVersion | None:
        return SeenVersion.read(self.cleaned_data["seen"])


class ContactForm(LineForm):
    """Who was tried or who gave the reason: one of the pupil's contacts, or another person by name. Contacts who are not safe to call are
    not offered."""

    contact = forms.ChoiceField(label="Who", required=False)
    name = forms.CharField(label="Someone else: name", required=False, max_length=200)

    def __init__(self, data: Any = None, *, line: FollowUpItem, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, line=line, initial=initial)
        named = [(str(contact.ref), ", ".join(part for part in (contact.described, contact.number) if part))
                 for contact in line.contacts if contact.safe_to_contact]  # fmt: skip
        offer(self, "contact", [*named, ("", "Someone else")])


class AttemptForm(ContactForm):
    """An attempt to reach the family."""

    outcome = forms.ChoiceField(
        label="Outcome", choices=[(outcome.value, rule.title) for outcome, rule in OUTCOMES.items()]
    )
    number = forms.CharField(label="Another number or address", required=False, max_length=200)
    words = words_field("What was said", required=False)
    next_time = time_field(label="Try again at, for example 10:15", required=False)
    also = forms.MultipleChoiceField(
        label="The call was also about", required=False, widget=forms.CheckboxSelectMultiple
    )
    field_order = ("seen", "outcome", "contact", "name", "number", "words", "next_time", "also")

    def __init__(
        self,
        data: Any = None,
        *,
        line: FollowUpItem,
        initial: Mapping[str, Any] | None = None,
        family: Sequence[FollowUpItem] = (),
    ) -> None:
        first = next((contact for contact in line.contacts if contact.safe_to_contact), None)
        contact = line.next.contact or first
        super().__init__(data, line=line, initial={"contact": str(contact.ref) if contact else "", **(initial or {})})
        offer(self, "also", [(str(item.pupil_id), item.name) for item in family])
        if not family:
            del self.fields["also"]

    def clean_outcome(self) -> Outcome:
        return Outcome(self.cleaned_data["outcome"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        outcome = cleaned.get("outcome")
        if outcome and OUTCOMES[outcome].is_call and not cleaned.get("contact") and not cleaned.get("name"):
            self.add_error("name", "Enter who you tried to contact.")
        return cleaned


class ReasonForm(ContactForm):
    """The reason of an absence, for the sessions without one."""

    sessions = forms.MultipleChoiceField(label="Sessions", widget=forms.CheckboxSelectMultiple)
    code = forms.ChoiceField(label="Code")
    reason = words_field("Reason, in a few words")
    field_order = ("seen", "sessions", "code", "reason", "contact", "name")

    def __init__(self, data: Any = None, *, line: FollowUpItem, on: dt.date) -> None:
        contact = line.last_attempt.contact_ref if line.last_attempt and line.is_reached else ""
        today = [session_choice(day, half, code) for day, half, code in line.open_sessions if day == on]
        super().__init__(data, line=line, initial={"sessions": today, "contact": contact})
        self.fields["contact"].label = "Who gave the reason"
        offer(self, "sessions", [
            (session_choice(day, half, code), f"{weekday_without_year(day)}, {HALF_WORDS[half.value]} ({code or 'no mark'})")
            for day, half, code in reversed(line.open_sessions)
        ])  # fmt: skip
        offer(self, "code", codes_of_reason(on))

    def clean_sessions(self) -> list[tuple[dt.date, Half, str]]:
        wanted = set(self.cleaned_data["sessions"])
        return [session for session in self.line.open_sessions if session_choice(*session) in wanted]


def session_choice(day: dt.date, half: Half, code: str) -> str:
    return f"{day.isoformat()} {half.value} {code}"


def codes_of_reason(on: dt.date) -> list[tuple[str, str]]:
    """The codes that say why or where a pupil is, the usual ones first; no code of presence, and not N."""
    fits = [code for code in codes_in_force(on) if code.classed is not Class.PRESENT and code.symbol not in ("N", "Z")]
    usual = sorted(
        (code for code in fits if code.symbol in USUAL_CODES), key=lambda code: USUAL_CODES.index(code.symbol)
    )
    rest = [code for code in fits if code.symbol not in USUAL_CODES]
    return [(code.symbol, f"{code.symbol}: {code.name}") for code in (*usual, *rest)]


class ColleagueForm(LineForm):
    """The choice of a member of staff, by number."""

    def __init__(
        self,
        data: Any = None,
        *,
        line: FollowUpItem,
        people: Sequence[tuple[int, str]],
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, line=line, initial=initial)
        offer(self, "person", people)


class PassOnForm(ColleagueForm):
    person = forms.TypedChoiceField(label="Colleague", coerce=int)
    words = words_field("What your colleague needs to know and do", rows=3)


class VisitForm(ColleagueForm):
    person = forms.TypedChoiceField(label="Visitor", coerce=int)
    time = time_field(label="Visit by (today)", help_text="For example, 11:00")
    words = words_field("What the visitor needs to know", required=False)


class SetOffForm(ColleagueForm):
    """Departure to a visit: who, and when they are due back."""

    person = forms.TypedChoiceField(label="Visitor", coerce=int)
    time = time_field(
        label="Back by (today)", help_text="For example, 11:30. After that time your colleagues are warned."
    )
    words = words_field("What your colleagues need to know", required=False)


class BackForm(LineForm):
    """A return from a visit."""

    person = forms.IntegerField(widget=forms.HiddenInput)


class AccountedForm(LineForm):
    """Where the pupil is and who confirms it, or that the pupil is not where the register says."""

    half = forms.ChoiceField(label="Session", choices=list(HALF_WORDS.items()))
    found = forms.ChoiceField(
        label="Is the pupil accounted for?", choices=[("yes", "Accounted for"), ("no", "Not accounted for")],
        widget=forms.RadioSelect(attrs={"class": "inline"}), initial="yes",
    )  # fmt: skip
    words = words_field("Where is the pupil, and who says so?", required=False)

    def clean_half(self) -> Half:
        return Half(self.cleaned_data["half"])

    def clean_found(self) -> bool:
        return bool(self.cleaned_data["found"] == "yes")


class InstructionForm(LineForm):
    words = words_field("Who you contacted, how, and their reply")


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
                item.title,
                required=False,
                initial=item.explanation,
                help_text="Reason, and who will follow up",
            )

    def explanations(self) -> dict[str, str]:
        return {key: str(words) for key, words in self.cleaned_data.items()}


class ReopenForm(forms.Form):
    reason = words_field("Reason for reopening the day")


class NoteForm(forms.Form):
    """A handover note to the next person on duty."""

    for_on = DayField(label="For which date")
    words = words_field("What the next person needs to know", rows=5)


def at_time(on: dt.date, time: dt.time) -> dt.datetime:
    """A time of day at the school, as an aware datetime."""
    return timezone.make_aware(dt.datetime.combine(on, time))
