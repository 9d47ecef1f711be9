"""The actions of a row of the follow-up list, one form each: its fields, who may perform it, the action that it calls, the message after."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils import timezone

from haven.attendance.follow_up import permissions as may
from haven.attendance.follow_up.actions import pupils as actions
from haven.attendance.follow_up.actions import visits as visit_actions
from haven.attendance.follow_up.actions.texts import send_usual
from haven.attendance.follow_up.forms import time_field, words_field
from haven.attendance.follow_up.items import FollowUpItem, SeenVersion
from haven.attendance.follow_up.queries.day import day_of
from haven.attendance.follow_up.queries.next_contact import absence_message_for
from haven.core.tasks.permissions import receivers
from haven.platform.accounts.context import AccessContext, SchoolAccess
from haven.platform.accounts.queries import colleagues
from haven.platform.dates import HALF_WORDS, weekday_without_year
from haven.platform.errors import ActionRejected
from haven.platform.ui.forms import offer
from haven.rules.attendance_codes import Class, codes_in_force
from haven.rules.contact_ladder import OUTCOMES, Outcome
from haven.rules.sessions import Half
from haven.rules.visibility import RecordCategory

USUAL_CODES = ("I", "M", "O", "G", "C")
"""Offered first; the others follow in the order of the table."""


@dataclass(frozen=True)
class ActionContext:
    """Who acts on which item, where and when."""

    viewer: AccessContext
    place: SchoolAccess
    item: FollowUpItem
    on: date
    at: datetime

    def common(self) -> dict[str, Any]:
        """The arguments that every action takes."""
        pupil_id = self.item.pupil.pupil_id
        return {
            "by": self.viewer,
            "at": self.at,
            "school_id": self.place.school_id,
            "on": self.on,
            "pupil_id": pupil_id,
        }

    def at_time(self, time: Any) -> datetime:
        """A time of the day at the school, as an aware datetime."""
        return timezone.make_aware(datetime.combine(self.on, time))

    def staff(self, *, with_me: bool) -> list[tuple[int, str]]:
        """The colleagues who may be given a pupil, as choices; `with_me`: the user first."""
        roles = tuple(receivers(RecordCategory.ATTENDANCE))
        named = [
            (person.id, ", ".join(filter(None, (person.name, person.job_title))))
            for person in colleagues(school_id=self.place.school_id, on=self.on, roles=roles)
            if person.id != self.viewer.user_id
        ]
        return [(self.viewer.user_id, "I will go myself"), *named] if with_me else named

    def family(self) -> list[tuple[int, str]]:
        """Brothers and sisters at the same school who are on today's list, as choices: one call may be about all of them."""
        here = (sibling for sibling in self.item.siblings if sibling.school_id == self.place.school_id)
        names = {sibling.name for sibling in here if sibling.is_missing}
        if not names:
            return []
        day = day_of(viewer=self.viewer, school_id=self.place.school_id, on=self.on, at=self.at)
        pupils = (line.pupil for line in day.lines if line.pupil.ref != self.item.pupil.ref)
        return [(pupil.pupil_id, pupil.name) for pupil in pupils if pupil.name in names]


class RowAction(forms.Form):
    """One action about one item, with the version of the item that its page showed. `verb`: its word in the address.

    A subclass sets the choices of its fields in `prepare`, from the address's query, and calls its action in `perform`.
    """

    verb: ClassVar[str]
    title: ClassVar[str]
    button: ClassVar[str]
    permission = staticmethod(may.may_log_attempt)

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    def __init__(self, doing: ActionContext, data: Any = None, query: Mapping[str, str] | None = None) -> None:
        super().__init__(data, auto_id=f"%s-{doing.item.pupil.ref}")
        self.doing, self.item, self.pupil_name = doing, doing.item, doing.item.pupil.name
        self.initial = {"seen": str(self.item.seen), **self.prepare(query or {})}

    def prepare(self, query: Mapping[str, str]) -> dict[str, Any]:
        """Offer the choices; the initial values."""
        return {}

    def perform(self) -> str:
        """Perform the action with the valid data. Returns the message for the user; raises what the action raises."""
        raise NotImplementedError

    def clean_seen(self) -> SeenVersion | None:
        return SeenVersion.read(self.cleaned_data["seen"])

    def given(self, *names: str) -> dict[str, Any]:
        """The arguments of the action that have the names of fields, and the common ones."""
        return self.doing.common() | {name: self.cleaned_data[name] for name in names}


class ContactAction(RowAction):
    """Who was tried or who gave the reason: one of the pupil's contacts, or another person by name. Contacts who are not safe to call are
    not offered."""

    contact = forms.ChoiceField(label="Who", required=False)
    name = forms.CharField(label="Someone else: name", required=False, max_length=200)

    def prepare(self, query: Mapping[str, str]) -> dict[str, Any]:
        safe = [contact for contact in self.item.contacts if contact.safe_to_contact]
        named = [(contact.key, ", ".join(filter(None, (contact.described, contact.number)))) for contact in safe]
        offer(self, "contact", [*named, ("", "Someone else")])
        first = self.item.next.contact or next(iter(safe), None)
        return {"contact": first.key if first else ""}

    def report(self) -> actions.OutcomeReport:
        given = self.cleaned_data
        ref = UUID(given["contact"]) if given["contact"] else None
        return actions.OutcomeReport(ref, given.get("name", ""), given.get("number", ""))


class LogAttempt(ContactAction):
    verb, title, button = "attempt", "Log a contact with the family", "Save"

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

    def prepare(self, query: Mapping[str, str]) -> dict[str, Any]:
        family = self.doing.family()
        if family:
            offer(self, "also", family)
        else:
            del self.fields["also"]
        wanted = query.get("outcome", "")
        return super().prepare(query) | (
            {"outcome": wanted} if wanted in [outcome.value for outcome in Outcome] else {}
        )

    def clean_outcome(self) -> Outcome:
        return Outcome(self.cleaned_data["outcome"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        outcome = cleaned.get("outcome")
        if outcome and OUTCOMES[outcome].is_call and not cleaned.get("contact") and not cleaned.get("name"):
            self.add_error("name", "Enter who you tried to contact.")
        return cleaned

    def perform(self) -> str:
        next_time, also = self.cleaned_data["next_time"], self.cleaned_data.get("also", ())
        actions.log_attempt(
            **self.given("outcome", "words", "seen"), report=self.report(), also=[int(number) for number in also],
            next_at=self.doing.at_time(next_time) if next_time else None,
        )  # fmt: skip
        return f"{self.pupil_name}: {OUTCOMES[self.cleaned_data['outcome']].title.lower()}, recorded."


class GiveReason(ContactAction):
    """The reason of an absence, for the sessions without one."""

    verb, title, button = "reason", "Give the reason", "Change the marks"
    permission = staticmethod(may.may_give_reason)

    sessions = forms.MultipleChoiceField(label="Sessions", widget=forms.CheckboxSelectMultiple)
    code = forms.ChoiceField(
        label="Code", help_text="With O, the pupil stays on the list unless you say who gave the reason."
    )
    reason = words_field("Reason, in a few words")
    field_order = ("seen", "sessions", "code", "reason", "contact", "name")

    def prepare(self, query: Mapping[str, str]) -> dict[str, Any]:
        super().prepare(query)
        self.fields["contact"].label = "Who gave the reason"
        self.open = {
            f"{day.isoformat()} {half.value} {code}": (day, half, code) for day, half, code in self.item.open_sessions
        }
        offer(self, "sessions", [
            (key, f"{weekday_without_year(day)}, {HALF_WORDS[half.value]} ({code or 'no mark'})")
            for key, (day, half, code) in reversed(self.open.items())
        ])  # fmt: skip
        offer(self, "code", codes_of_reason(self.doing.on))
        last = self.item.last_attempt
        today = [key for key, (day, _, _) in self.open.items() if day == self.doing.on]
        return {"sessions": today, "contact": last.contact_ref if last and self.item.is_reached else ""}

    def clean_sessions(self) -> list[tuple[date, Half, str]]:
        return [session for key, session in self.open.items() if key in self.cleaned_data["sessions"]]

    def perform(self) -> str:
        is_said = self.cleaned_data["contact"] or self.cleaned_data["name"]
        changed = actions.give_reason(
            **self.given("sessions", "code", "reason", "seen"), report=self.report() if is_said else None
        )
        code = self.cleaned_data["code"]
        marks = "1 mark is" if changed == 1 else f"{changed} marks are"
        said = f"{self.pupil_name}: {marks} now {code}. The original marks stay on record."
        return (
            said if is_said or code != "O" else f"{said} {self.pupil_name} stays on the list until seen or spoken to."
        )


def codes_of_reason(on: date) -> list[tuple[str, str]]:
    """The codes that say why or where a pupil is, the usual ones first; no code of presence, and not N."""
    fits = [code for code in codes_in_force(on) if code.classed is not Class.PRESENT and code.symbol not in ("N", "Z")]
    by_use = {symbol: place for place, symbol in enumerate(USUAL_CODES)}
    fits.sort(key=lambda code: by_use.get(code.symbol, len(by_use)))
    return [(code.symbol, f"{code.symbol}: {code.name}") for code in fits]


class PlanVisit(RowAction):
    verb, title, button = "visit", "Plan a visit", "Plan the visit"

    person = forms.TypedChoiceField(label="Visitor", coerce=int)
    time = time_field(label="Visit by (today)", help_text="For example, 11:00")
    words = words_field("What the visitor needs to know", required=False)

    def prepare(self, query: Mapping[str, str]) -> dict[str, Any]:
        offer(self, "person", self.doing.staff(with_me=True))
        return {}

    def perform(self) -> str:
        person, time = self.cleaned_data["person"], self.cleaned_data["time"]
        actions.plan_visit(**self.given("words", "seen"), visitor_id=person, due_at=self.doing.at_time(time))
        return f"{self.pupil_name}: visit planned for {time:%H:%M}. The visitor chooses Set off under Home visits when they leave."


class SetOff(RowAction):
    """Departure to a visit: who, and when they are due back."""

    verb, title, button = "set-off", "Set off on a visit", "Set off"

    person = forms.TypedChoiceField(label="Visitor", coerce=int)
    time = time_field(
        label="Back by (today)", help_text="For example, 11:30. After that time your colleagues are warned."
    )
    words = words_field("What your colleagues need to know", required=False)

    def prepare(self, query: Mapping[str, str]) -> dict[str, Any]:
        offer(self, "person", self.doing.staff(with_me=True))
        person = query.get("person", "")
        return {"time": an_hour_on(self.doing.at), "person": int(person) if person.isdecimal() else None}

    def perform(self) -> str:
        person, time = self.cleaned_data["person"], self.cleaned_data["time"]
        step = visit_actions.set_off(**self.given("words"), visitor_id=person, back_by=self.doing.at_time(time))
        return f"{step.to_name} is visiting {self.pupil_name}, due back by {time:%H:%M}."


def an_hour_on(at: datetime) -> str:
    """An hour from now, when a visit usually ends, in steps of five minutes and not past the day's end."""
    local = timezone.localtime(at) + timedelta(hours=1, minutes=4)
    same_day = local.date() == timezone.localtime(at).date()
    return f"{local:%H}:{local.minute // 5 * 5:02d}" if same_day else ""


class EndVisit(RowAction):
    verb, title, button = "back", "End a visit", "End visit: safe"

    person = forms.IntegerField(widget=forms.HiddenInput)

    def perform(self) -> str:
        step = visit_actions.come_back(**self.given(), visitor_id=self.cleaned_data["person"])
        return f"{step.to_name} is back. Log the outcome of the visit to {self.pupil_name}."


class PassOn(RowAction):
    verb, title, button = "pass-on", "Pass on to a colleague", "Pass on"
    permission = staticmethod(may.may_pass_on)

    person = forms.TypedChoiceField(label="Colleague", coerce=int)
    words = words_field("What your colleague needs to know and do", rows=3)

    def prepare(self, query: Mapping[str, str]) -> dict[str, Any]:
        offer(self, "person", self.doing.staff(with_me=False))
        return {}

    def perform(self) -> str:
        step = actions.pass_on(**self.given("words", "seen"), to_user_id=self.cleaned_data["person"])
        return f"{self.pupil_name}: passed on to {step.to_name}, who now has a task for it."


class AccountFor(RowAction):
    """Where the pupil is and who confirms it, or that the pupil is not where the register says."""

    verb, title, button = "accounted", "Record where the pupil is", "Save"
    permission = staticmethod(may.may_account_for)

    half = forms.ChoiceField(label="Session", choices=list(HALF_WORDS.items()))
    found = forms.ChoiceField(
        label="Is the pupil accounted for?", choices=[("yes", "Accounted for"), ("no", "Not accounted for")],
        widget=forms.RadioSelect(attrs={"class": "inline"}),
    )  # fmt: skip
    words = words_field("Where is the pupil, and who says so?", required=False)

    def prepare(self, query: Mapping[str, str]) -> dict[str, Any]:
        return {"half": "PM" if query.get("half") == "PM" else "AM", "found": "yes"}

    def clean_half(self) -> Half:
        return Half(self.cleaned_data["half"])

    def perform(self) -> str:
        is_accounted = self.cleaned_data["found"] == "yes"
        actions.say_accounted(**self.given("half", "words", "seen"), is_accounted=is_accounted, needs_words=True)
        return f"{self.pupil_name}: {'accounted for' if is_accounted else 'not accounted for'}, recorded."


class CarryOutInstruction(RowAction):
    verb, title, button = "instruction", "Mark the instruction as done", "Save"
    permission = staticmethod(may.may_account_for)

    words = words_field("Who you contacted, how, and their reply")

    def perform(self) -> str:
        actions.carry_out_instruction(**self.given("words", "seen"))
        return f"{self.pupil_name}: the instruction is done, recorded."


class SendAbsenceMessage(RowAction):
    verb, title, button = "usual", "Send absence message", "Send"

    def perform(self) -> str:
        message = absence_message_for(self.item.contacts, self.item.next.contact)
        if message is None:
            raise ActionRejected(
                "This message cannot be sent to any of the pupil's contacts. Call instead, or check the contact details."
            )
        name = send_usual(**self.given("seen"), contact_ref=message.contact.ref, channel=message.channel)
        return f"{self.pupil_name}: absence {message.channel} to {name} is in the outbox."


class StartWorking(RowAction):
    verb, title, button = "working", "Show that you are dealing with this", "I’m dealing with this"

    def perform(self) -> str:
        actions.start_working(**self.given("seen"))
        return f"{self.pupil_name}: your colleagues can see that you are dealing with this."


class Release(RowAction):
    verb, title, button = "release", "Stop dealing with this pupil", "I’m no longer dealing with this"

    def perform(self) -> str:
        actions.release(**self.given())
        return f"{self.pupil_name}: your colleagues can see that you are no longer dealing with this."


ROW_ACTIONS: dict[str, type[RowAction]] = {
    action.verb: action
    for action in (LogAttempt, GiveReason, PlanVisit, SetOff, EndVisit, PassOn, AccountFor, CarryOutInstruction, SendAbsenceMessage,
                   StartWorking, Release)
}  # fmt: skip
"""Every action by its word in the address."""
