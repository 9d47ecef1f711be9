"""Changes of the calendar of a year that has registers: a snow day, an INSET day that moved, a corrected end of term.

A planned closure is a code (#) and an unexpected one is Y4. A session is therefore removed from the calendar only if it should never have
been in it. **What happens to its marks:** closure and Y codes are removed with the session. If it has any other mark, the change is refused
until the user confirms it; each such mark is then amended to no mark with the reason, and so stays in the history.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from haven.attendance.registers.editor import OpenSheet, lock_registers, marks_on_removed, move_sheets, sheets_among
from haven.attendance.registers.errors import MarkChanged
from haven.attendance.registers.models import Sheet
from haven.attendance.registers.notifications import notify_changed
from haven.core.schools.actions import next_calendar, set_spans
from haven.core.schools.calendars import Span, sessions_after
from haven.core.schools.models import Calendar
from haven.core.schools.queries import calendar_for, stretches_of, year_mark
from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.platform.dates import in_words
from haven.platform.errors import ActionRejected
from haven.rules.attendance_codes import to_byte
from haven.rules.sessions import session_of

CLOSURES = frozenset(to_byte(symbol) for symbol in ("#", "Y", "Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7"))


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """The result of a calendar change. `marks_put_aside`: the withdrawn marks of removed sessions."""

    calendar: Calendar
    added: int = 0
    removed: int = 0
    sheets: int = 0
    marks_put_aside: int = 0


@action
def change_calendar(
    *,
    by: AccessContext,
    at: datetime,
    school_id: int,
    year: str,
    sessions: Iterable[int],
    reason: str,
    spans: Sequence[Span] | None = None,
    confirm: bool = False,
) -> CalendarChange:
    """Create the next version of a school's calendar of a year (session keys) and realign every register row to it, in one transaction.

    The first calendar of a year is created in the same way. The same sessions again change nothing. `spans` None leaves the named periods
    as they are. Raises ActionRejected if a removed session has marks other than closures, unless `confirm`; BadCalendar for invalid
    sessions, ValueError without a reason.
    """
    lock_registers(school_id, year)
    standing, wanted = calendar_for(school_id, year), list(sessions)
    if standing is not None and standing.sessions == sorted(set(wanted)):
        _note(by, at, standing, reason, CalendarChange(standing))
        return CalendarChange(standing)
    if spans is None:
        spans = stretches_of(school_id, year)
    calendar = next_calendar(by=by, at=at, school_id=school_id, year=year, sessions=wanted, spans=spans, reason=reason)
    old = standing.sessions if standing else []
    sheets = sheets_among(Sheet.objects.filter(school_id=school_id, year=year).order_by("id"))
    if standing and not confirm:
        _refuse_loss(sheets, standing, calendar)
    put_aside = move_sheets(
        by=by, at=at, sheets=sheets, calendar=calendar, reason=f"Calendar changed: {reason.strip()}"
    )
    change = CalendarChange(
        calendar=calendar,
        added=len(set(calendar.sessions) - set(old)),
        removed=len(set(old) - set(calendar.sessions)),
        sheets=len(sheets),
        marks_put_aside=put_aside,
    )
    _note(by, at, calendar, reason, change)
    notify_changed(school_id)
    return change


@action
def change_year(
    *,
    by: AccessContext,
    at: datetime,
    school_id: int,
    year: str,
    spans: Sequence[Span],
    reason: str,
    seen: str,
    confirm: bool = False,
) -> CalendarChange:
    """Change the terms, INSET days, holidays and closures of a year that has a calendar. The sessions are derived from them.

    `seen` is the `year_mark` of the page on which the user decided: if it has changed since, MarkChanged is raised and nothing is changed.
    Raises as `change_calendar` does, and ActionRejected if the year has no calendar or nothing would change.
    """
    lock_registers(school_id, year)
    standing = calendar_for(school_id, year)
    if standing is None:
        raise ActionRejected(f"The school has no calendar for {year}. Enter its terms first.")
    if not reason.strip():
        raise ActionRejected("Enter a reason for the calendar change.")
    if year_mark(school_id, year) != seen:
        raise MarkChanged(
            f"Someone else has changed the calendar of {year} since you opened it. Your change was not saved."
            " Check the year as it is now, and make your change again if it is still needed."
        )
    before = stretches_of(school_id, year)
    if set(before) == set(spans):
        raise ActionRejected("This change makes no difference to the calendar. Check the dates.")
    sessions = sessions_after(standing.sessions, before, spans)
    if sessions != standing.sessions:
        return change_calendar(
            by=by, at=at, school_id=school_id, year=year, sessions=sessions, reason=reason, spans=spans, confirm=confirm
        )
    set_spans(by=by, at=at, school_id=school_id, year=year, spans=spans)
    _note(by, at, standing, reason, CalendarChange(standing))
    notify_changed(school_id)
    return CalendarChange(standing)


def _refuse_loss(sheets: Iterable[OpenSheet], standing: Calendar, calendar: Calendar) -> None:
    lost = [
        key
        for sheet in sheets
        if sheet.calendar_id == standing.id
        for key, byte in marks_on_removed(sheet, standing, calendar)
        if byte not in CLOSURES
    ]
    if lost:
        first = session_of(min(lost))
        raise ActionRejected(
            f"{len(lost):,} marks are in sessions to be removed, the first on {in_words(first.on)}, {first.half.value}."
            " They would be withdrawn and kept in history. Confirm that this is right."
        )


def _note(by: AccessContext, at: datetime, calendar: Calendar, reason: str, change: CalendarChange) -> None:
    append_event(
        by=by, at=at, verb="attendance.change_calendar", about=("calendar", calendar.id), school_id=calendar.school_id,
        reason=reason,
        detail={
            "year": calendar.year, "version": calendar.version, "added": change.added, "removed": change.removed,
            "sheets": change.sheets, "marks_put_aside": change.marks_put_aside,
        },
    )  # fmt: skip
