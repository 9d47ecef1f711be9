"""The actions of a row of the follow-up list: for each its form, its permission, its function, and the message afterwards."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from haven.attendance.follow_up import forms
from haven.attendance.follow_up import permissions as may
from haven.attendance.follow_up.actions import pupils as actions
from haven.attendance.follow_up.actions import visits as visit_actions
from haven.attendance.follow_up.actions.texts import send_usual, usual_for
from haven.attendance.follow_up.items import FollowUpItem
from haven.attendance.follow_up.queries.day import day_of
from haven.core.tasks.permissions import receivers
from haven.platform.accounts.context import AccessContext, SchoolAccess
from haven.platform.accounts.queries import colleagues
from haven.platform.errors import ActionRejected
from haven.rules.contact_ladder import OUTCOMES, Outcome
from haven.rules.decision import Decision
from haven.rules.visibility import RecordCategory


@dataclass(frozen=True)
class ActionContext:
    """Who acts on which item, where and when."""

    viewer: AccessContext
    place: SchoolAccess
    line: FollowUpItem
    on: date
    at: datetime

    def common(self) -> dict[str, Any]:
        """The arguments that every action takes."""
        return {
            "by": self.viewer, "at": self.at, "school_id": self.place.school_id, "on": self.on,
            "pupil_id": self.line.pupil_id,
        }  # fmt: skip

    def with_line(self, line: FollowUpItem) -> "ActionContext":
        return replace(self, line=line)


@dataclass(frozen=True)
class RowAction:
    """One action. `form` takes the data (None: not sent yet) and the address's query; `do` performs the action and returns the message."""

    verb: str
    title: str
    button: str
    may: Callable[[AccessContext, int], Decision]
    form: Callable[[ActionContext, Any, Mapping[str, str]], Any]
    do: Callable[[ActionContext, Any], str]


def pupil_url(place: SchoolAccess, ref: UUID) -> str:
    return reverse("site:pupil", args=[place.urn, ref])


def _family(doing: ActionContext) -> Sequence[FollowUpItem]:
    """Brothers and sisters at the same school who are on today's list: one call may be about all of them."""
    names = {
        sibling.name
        for sibling in doing.line.siblings
        if sibling.is_missing and sibling.school_id == doing.place.school_id
    }
    if not names:
        return ()
    day = day_of(viewer=doing.viewer, school_id=doing.place.school_id, on=doing.on, at=doing.at)
    return [line for line in day.lines if line.name in names and line.ref != doing.line.ref]


def _people(doing: ActionContext, *, with_me: bool) -> list[tuple[int, str]]:
    staff = colleagues(school_id=doing.place.school_id, on=doing.on, roles=tuple(receivers(RecordCategory.ATTENDANCE)))
    named = [(person.id, f"{person.name}{f', {person.job_title}' if person.job_title else ''}") for person in staff]
    mine = [(doing.viewer.user_id, "I will go myself")] if with_me else []
    return mine + [pair for pair in named if pair[0] != doing.viewer.user_id]


def _report_of(form: Any) -> actions.OutcomeReport:
    given = form.cleaned_data
    ref = UUID(given["contact"]) if given["contact"] else None
    return actions.OutcomeReport(ref, given.get("name", ""), given.get("number", ""))


def _attempt_form(doing: ActionContext, data: Any, query: Mapping[str, str]) -> Any:
    wanted = query.get("outcome", "")
    start = {"outcome": wanted} if wanted in {outcome.value for outcome in Outcome} else {}
    return forms.AttemptForm(data, line=doing.line, family=_family(doing), initial=start)


def _log(doing: ActionContext, form: Any) -> str:
    given = form.cleaned_data
    next_at = forms.at_time(doing.on, given["next_time"]) if given["next_time"] else None
    actions.log_attempt(
        **doing.common(), outcome=given["outcome"], report=_report_of(form), words=given["words"], next_at=next_at,
        also=[int(number) for number in given.get("also", ())], seen=given["seen"],
    )  # fmt: skip
    return f"{doing.line.name}: {OUTCOMES[given['outcome']].title.lower()}, recorded."


def _reason(doing: ActionContext, form: Any) -> str:
    given = form.cleaned_data
    report = _report_of(form) if given["contact"] or given["name"] else None
    changed = actions.give_reason(
        **doing.common(), sessions=given["sessions"], code=given["code"], reason=given["reason"], report=report,
        seen=given["seen"],
    )  # fmt: skip
    marks = "1 mark is" if changed == 1 else f"{changed} marks are"
    return f"{doing.line.name}: {marks} now {given['code']}. The original marks stay on record."


def _visit(doing: ActionContext, form: Any) -> str:
    given = form.cleaned_data
    due = forms.at_time(doing.on, given["time"])
    actions.plan_visit(
        **doing.common(), visitor_id=given["person"], due_at=due, words=given["words"], seen=given["seen"]
    )
    return f"{doing.line.name}: visit planned for {given['time']:%H:%M}. The visitor chooses Set off under Home visits when they leave."


def an_hour_on(at: datetime) -> str:
    """An hour from now, when a visit usually ends, in steps of five minutes and not past the day's end."""
    local = timezone.localtime(at) + timedelta(hours=1, minutes=4)
    same_day = local.date() == timezone.localtime(at).date()
    return f"{local:%H}:{local.minute // 5 * 5:02d}" if same_day else ""


def _set_off_form(doing: ActionContext, data: Any, query: Mapping[str, str]) -> Any:
    who = query.get("person", "")
    start: dict[str, Any] = {"time": an_hour_on(doing.at)} | ({"person": int(who)} if who.isdecimal() else {})
    return forms.SetOffForm(data, line=doing.line, people=_people(doing, with_me=True), initial=start)


def _set_off(doing: ActionContext, form: Any) -> str:
    given = form.cleaned_data
    step = visit_actions.set_off(
        **doing.common(),
        visitor_id=given["person"],
        back_by=forms.at_time(doing.on, given["time"]),
        words=given["words"],
    )
    return f"{step.to_name} is visiting {doing.line.name}, due back by {given['time']:%H:%M}."


def _back(doing: ActionContext, form: Any) -> str:
    step = visit_actions.come_back(**doing.common(), visitor_id=form.cleaned_data["person"])
    return f"{step.to_name} is back. Log the outcome of the visit to {doing.line.name}."


def _pass_on(doing: ActionContext, form: Any) -> str:
    given = form.cleaned_data
    step = actions.pass_on(**doing.common(), to_user_id=given["person"], words=given["words"], seen=given["seen"])
    return f"{doing.line.name}: passed on to {step.to_name}, who now has a task for it."


def _accounted(doing: ActionContext, form: Any) -> str:
    given = form.cleaned_data
    actions.say_accounted(
        **doing.common(), half=given["half"], is_accounted=given["found"], words=given["words"], needs_words=True,
        seen=given["seen"],
    )  # fmt: skip
    return f"{doing.line.name}: {'accounted for' if given['found'] else 'not accounted for'}, recorded."


def _instruction(doing: ActionContext, form: Any) -> str:
    actions.carry_out_instruction(**doing.common(), words=form.cleaned_data["words"], seen=form.cleaned_data["seen"])
    return f"{doing.line.name}: the instruction is done, recorded."


def _working(doing: ActionContext, form: Any) -> str:
    actions.start_working(**doing.common(), seen=form.cleaned_data["seen"])
    return f"{doing.line.name}: your colleagues can see that you are dealing with this."


def _release(doing: ActionContext, form: Any) -> str:
    actions.release(**doing.common())
    return f"{doing.line.name}: your colleagues can see that you are no longer dealing with this."


def _usual(doing: ActionContext, form: Any) -> str:
    usual = usual_for(doing.line.contacts, doing.line.next.contact)
    if usual is None:
        raise ActionRejected(
            "This message cannot be sent to any of the pupil's contacts. Call instead, or check the contact details."
        )
    name = send_usual(
        **doing.common(), contact_ref=usual.contact.ref, channel=usual.channel, seen=form.cleaned_data["seen"]
    )
    return f"{doing.line.name}: absence {'text' if usual.channel == 'text' else 'email'} to {name} is in the outbox."


def _accounted_form(doing: ActionContext, data: Any, query: Mapping[str, str]) -> Any:
    half = "PM" if query.get("half") == "PM" else "AM"
    return forms.AccountedForm(data, line=doing.line, initial={"half": half})


def _plain(doing: ActionContext, data: Any, query: Mapping[str, str]) -> Any:
    return forms.LineForm(data, line=doing.line)


ACTS = {
    act.verb: act
    for act in (
        RowAction("attempt", "Log a contact with the family", "Save", may.may_log_attempt, _attempt_form, _log),
        RowAction("reason", "Give the reason", "Change the marks", may.may_give_reason,
            lambda doing, data, query: forms.ReasonForm(data, line=doing.line, on=doing.on), _reason),
        RowAction("visit", "Plan a visit", "Plan the visit", may.may_log_attempt,
            lambda doing, data, query: forms.VisitForm(data, line=doing.line, people=_people(doing, with_me=True)), _visit),
        RowAction("set-off", "Set off on a visit", "Set off", may.may_log_attempt, _set_off_form, _set_off),
        RowAction("back", "End a visit", "End visit: safe", may.may_log_attempt,
            lambda doing, data, query: forms.BackForm(data, line=doing.line), _back),
        RowAction("pass-on", "Pass on to a colleague", "Pass on", may.may_pass_on,
            lambda doing, data, query: forms.PassOnForm(data, line=doing.line, people=_people(doing, with_me=False)), _pass_on),
        RowAction("accounted", "Record where the pupil is", "Save", may.may_account_for, _accounted_form, _accounted),
        RowAction("instruction", "Mark the instruction as done", "Save", may.may_account_for,
            lambda doing, data, query: forms.InstructionForm(data, line=doing.line), _instruction),
        RowAction("usual", "Send absence message", "Send", may.may_log_attempt, _plain, _usual),
        RowAction("working", "Show that you are dealing with this", "I’m dealing with this", may.may_log_attempt, _plain, _working),
        RowAction("release", "Stop dealing with this pupil", "I’m no longer dealing with this", may.may_log_attempt,
            _plain, _release),
    )
}  # fmt: skip
"""Every action by its word in the address."""
