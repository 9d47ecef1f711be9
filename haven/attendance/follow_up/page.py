"""Builds the context of the Today page for one user: the parts that are refreshed while it is open, and the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from haven.attendance.follow_up import permissions as may
from haven.attendance.follow_up.actions.reminders import source_of
from haven.attendance.follow_up.day import FollowUpDay, OpenItem
from haven.attendance.follow_up.items import FollowUpItem
from haven.attendance.follow_up.queries.day import day_of, open_items
from haven.attendance.follow_up.queries.end_of_day import ending_of, left_of, reminders_of, unread_notes
from haven.attendance.follow_up.queries.visits import visits_of
from haven.attendance.follow_up.roll_snapshot import frame_of
from haven.attendance.registers.queries.worklists import (
    CODES_COMPARED_FOR,
    count_unexplained,
    same_reason_different_codes,
)
from haven.core.schools.queries import open_days
from haven.core.tasks.queries import next_due
from haven.platform.accounts.context import AccessContext, SchoolAccess
from haven.platform.dates import HALF_WORDS
from haven.rules.sessions import Half, academic_year_of

TASKS_SHOWN = 5
FIRST_SHOWN = 15


@dataclass(frozen=True)
class Asked:
    """The parameters of the address: day, session (None: the current one), and whether the whole list is shown."""

    on: date
    half: Half | None
    show_all: bool


def asked_of(query: Any, today: date) -> Asked:
    """The parameters read from the query. Unreadable values become today and the current session."""
    try:
        on = date.fromisoformat(query.get("on", ""))
    except ValueError:
        on = today
    half = {"AM": Half.AM, "PM": Half.PM}.get(query.get("half", "").upper())
    return Asked(min(on, today), half, query.get("all") == "1")


def asked_by_list(sent: Any, today: date) -> Asked:
    """The parameters that an open list sends with each of its requests: the session and the length with which it was opened."""
    half = {"AM": Half.AM, "PM": Half.PM}.get(sent.get("list_half", ""))
    return Asked(today, half, sent.get("list_all") == "1")


def shown_first(lines: Sequence[FollowUpItem]) -> list[FollowUpItem]:
    """The first items, and all items that a user has claimed or taken over: the user who passed a pupil on still sees it."""
    return [line for place, line in enumerate(lines) if place < FIRST_SHOWN or line.passed_on]


def buttons_of(viewer: AccessContext, school_id: int, half: str) -> list[tuple[str, str, str]]:
    """The buttons of each row that a user may press: name (`FollowUpItem.first`), end of the address, words. `half`: the session."""
    may_log = may.may_log_attempt
    buttons = (
        (may_log, "reached", "attempt/?outcome=reached", "Reached"),
        (may_log, "no_answer", "attempt/?outcome=no_answer", "No answer"),
        (may_log, "left_message", "attempt/?outcome=left_message", "Left message"),
        (may.may_give_reason, "reason", "reason/", "Give a reason"),
        (may_log, "visit", "visit/", "Plan a visit"),
        (may.may_pass_on, "pass-on", "pass-on/", "Pass on"),
        (may.may_account_for, "accounted", f"accounted/?half={half}", "Mark as found"),
        (may_log, "attempt", "attempt/", "Log what you did"),
    )
    return [button for permission, *button in buttons if permission(viewer, school_id)]  # type: ignore[misc]


def live_parts(
    viewer: AccessContext, place: SchoolAccess, asked: Asked, at: datetime, day: FollowUpDay | None = None
) -> dict[str, Any]:
    """The parts that are refreshed after a change: counts, list, panels and foot."""
    shown_day = day or day_of(viewer=viewer, school_id=place.school_id, on=asked.on, at=at, half=asked.half)
    is_today = asked.on == timezone.localtime(at).date()
    lines = shown_day.lines if asked.show_all else shown_first(shown_day.lines)
    half = shown_day.half.value if shown_day.half else ""
    return {
        "place": place,
        "urn": place.urn,
        "home": today_url(place),
        "day": shown_day,
        "at": at,
        "is_today": is_today,
        "half_words": HALF_WORDS[half] if half else "",
        "counts": count_items(shown_day, place.urn),
        "rows": lines,
        "more": len(shown_day.lines) - len(lines),
        "may_log": is_today and bool(may.may_log_attempt(viewer, place.school_id)),
        "may_account": is_today and bool(may.may_account_for(viewer, place.school_id)),
        "buttons": buttons_of(viewer, place.school_id, half) if is_today else [],
        "may_hand_over": bool(may.may_hand_over(viewer, place.school_id)),
        "may_end": bool(may.may_end_day(viewer, place.school_id, None)),
        "open_items": len(_left(shown_day)),
        "statuses": shown_day.listed_statuses(),
        "counter": change_count_of(shown_day, at),
        **aside(viewer, place, shown_day),
        **visits(place, shown_day, at, is_today),
    }


def _left(day: FollowUpDay) -> list[OpenItem]:
    """The open items that no sign-off covers."""
    return left_of(open_items(day), ending_of(school_id=day.school_id, on=day.on) if day.signed_off else None)


def change_count_of(day: FollowUpDay, at: datetime) -> str:
    """The version of what a page shows: the school's change counter and the minute. The minute counts because registers close and
    instructions fall due by time alone."""
    return f"{day.counter}-{int(at.timestamp()) // 60}"


def count_items(day: FollowUpDay, urn: int) -> list[dict[str, Any]]:
    """The summary counts: each pupil on roll in exactly one. Counts of 0 that are not always shown are left out."""
    counts = day.counts
    items: list[dict[str, Any]] = [
        {"number": counts.on_roll, "label": "on roll" if day.is_whole_school else "of your pupils on roll"},
        {"number": counts.here, "label": "in school"},
        {"number": counts.elsewhere, "label": "educated off site or accounted for"},
        {"number": counts.reason, "label": "absent, reason given"},
    ]
    if counts.not_expected:
        items.append({"number": counts.not_expected, "label": "not expected"})
    if counts.waiting:
        late = any(register.is_late for register in day.registers)
        items.append({"number": counts.waiting, "label": "register not taken", "colour": "amber" if late else ""})
    colour = "red" if counts.missing else ""
    items.append({"number": counts.missing, "label": "not accounted for", "colour": colour, "url": "#day-list"})
    return items


def aside(viewer: AccessContext, place: SchoolAccess, day: FollowUpDay) -> dict[str, Any]:
    """The panels at the right. Lists of the whole school are for users who may see it."""
    if not day.is_open:
        return {"registers": [], "older": 0, "unlike": 0, "tasks": [], "notes": [], "ended": None}
    reminded = _reminded(day)
    return {
        "registers": [(register, reminded.get(register.group_id)) for register in day.registers_out],
        "older": count_unexplained(school_id=place.school_id, on=day.on) if day.is_whole_school else 0,
        "unlike": unlike_codes(place, day.on) if day.is_whole_school else 0,
        "tasks": next_due(viewer, place.school_id, TASKS_SHOWN),
        "ended": day.ended_before,
        "notes": unread_notes(viewer=viewer, school_id=place.school_id, on=day.on),
    }


def _reminded(day: FollowUpDay) -> dict[int | None, str]:
    """When a reminder of each register was sent, by class. A register without an open reminder has no key."""
    if day.half is None or not day.registers_out:
        return {}
    sources = {register.group_id: source_of(register.group_id or 0, day.on, day.half) for register in day.registers_out}
    sent = reminders_of(school_id=day.school_id, sources=sources.values())
    return {group_id: sent[source.ref] for group_id, source in sources.items() if source.ref in sent}


def unlike_codes(place: SchoolAccess, on: date) -> int:
    """How many reasons led to more than one code, in the period that the page of codes compares."""
    return len(same_reason_different_codes(school_id=place.school_id, first_on=on - CODES_COMPARED_FOR, last_on=on))


def visits(place: SchoolAccess, day: FollowUpDay, at: datetime, is_today: bool) -> dict[str, Any]:
    """Who is on which visit, and who is due back. It shows the present, so it is given for the current day only."""
    under_way = visits_of(school_id=place.school_id, on=day.on, at=at) if is_today and day.is_open else []
    return {"visits": under_way, "overdue": [visit for visit in under_way if visit.is_overdue]}


def today_url(place: SchoolAccess) -> str:
    return reverse("follow_up:today", args=[place.urn])


def next_school_day(school_id: int, on: date) -> date:
    """The next day after `on` on which the school is open; the following day if the calendar has none."""
    years = {academic_year_of(on), academic_year_of(on + timedelta(days=60))}
    days = sorted(day for year in years for day in open_days(school_id, year) if day > on)
    return days[0] if days else on + timedelta(days=1)


def hours_now(school_id: int, on: date, at: datetime) -> str:
    """What a pupil who comes now gets: "Morning register: closed at 09:15. Pupils arriving now are marked U (late after registers closed).", "" without a session."""
    frame = frame_of(school_id=school_id, on=on)
    half = frame.half_at(at)
    if half is None:
        return "The school has no session today."
    hours = frame.hours_of(half)
    begins, closes = f"{hours.starts:%H:%M}", f"{hours.closes:%H:%M}"
    word = HALF_WORDS[half.value].capitalize()
    if frame.is_closed(half, at):
        return f"{word} register: closed at {closes}. Pupils arriving now are marked U (late after registers closed)."
    return f"{word} register: from {begins}, closes at {closes}. Pupils arriving late before then are marked L."
