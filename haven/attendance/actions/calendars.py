"""Changing the calendar under the registers: a snow day, an INSET day that moved, a term's end put right.

A planned closure is a code (#) and an unexpected one is Y4, so a session is taken out of the calendar only where it never should have
been in it. **What happens to its marks:** closure and Y codes go with the session. If any other mark stands on it the change is refused
until the person confirms; each mark is then amended to an empty place with the reason, and so stays on record.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from haven.access.viewer import Viewer
from haven.attendance.models import Sheet
from haven.attendance.pulse import raise_pulse
from haven.attendance.storage import Refused, in_words, lock_registers, marks_on_removed, move_sheets
from haven.audit.actions import action, note
from haven.rules.attendance_codes import to_byte
from haven.rules.sessions import session_of
from haven.schools.actions import next_calendar
from haven.schools.calendars import Span
from haven.schools.models import Calendar
from haven.schools.queries import calendar_for, spans_of

CLOSURES = frozenset(to_byte(symbol) for symbol in ("#", "Y", "Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7"))


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """What a change of the calendar did. `marks_put_aside` stood on sessions that are gone."""

    calendar: Calendar
    added: int = 0
    removed: int = 0
    sheets: int = 0
    marks_put_aside: int = 0


@action
def change_calendar(
    *,
    by: Viewer,
    at: datetime,
    school_id: int,
    year: str,
    sessions: Iterable[int],
    reason: str,
    spans: Sequence[Span] | None = None,
    confirm: bool = False,
) -> CalendarChange:
    """Make the next version of a school's calendar of a year (session keys) and lay every sheet anew on it, in one transaction.

    The first calendar of a year is made so too. The same sessions again change nothing. `spans` None leaves the named stretches as
    they are. Raises Refused where other marks than closures stand on a session that would go, unless `confirm`; BadCalendar for
    sessions that cannot be, ValueError without a reason.
    """
    lock_registers(school_id, year)
    standing, wanted = calendar_for(school_id, year), list(sessions)
    if standing is not None and standing.sessions == sorted(set(wanted)):
        _note(by, at, standing, reason, CalendarChange(standing))
        return CalendarChange(standing)
    if spans is None:
        spans = [Span(row.kind, row.name, row.begins_on, row.ends_on) for row in spans_of(school_id, year)]
    calendar = next_calendar(by=by, at=at, school_id=school_id, year=year, sessions=wanted, spans=spans, reason=reason)
    old = standing.sessions if standing else []
    sheets = list(Sheet.objects.filter(school_id=school_id, year=year).order_by("id"))
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
    raise_pulse(school_id)
    return change


def _refuse_loss(sheets: Iterable[Sheet], standing: Calendar, calendar: Calendar) -> None:
    lost = [
        key
        for sheet in sheets
        if sheet.calendar_id == standing.id
        for key, byte in marks_on_removed(sheet, standing, calendar)
        if byte not in CLOSURES
    ]
    if lost:
        first = session_of(min(lost))
        raise Refused(
            f"{len(lost):,} marks stand on sessions that would go, the first on {in_words(first.on)}, {first.half.value}."
            " They would be put aside, and kept on record. Confirm that this is meant."
        )


def _note(by: Viewer, at: datetime, calendar: Calendar, reason: str, change: CalendarChange) -> None:
    note(
        by=by, at=at, verb="attendance.change_calendar", about=("calendar", calendar.id), school_id=calendar.school_id,
        reason=reason,
        detail={
            "year": calendar.year, "version": calendar.version, "added": change.added, "removed": change.removed,
            "sheets": change.sheets, "marks_put_aside": change.marks_put_aside,
        },
    )  # fmt: skip
