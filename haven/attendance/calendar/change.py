"""The preview of a calendar change: its effect on registers.

It is computed before anything is changed: which sessions are added and removed, how many marks the removed ones have and what happens to
them, and which figures of the year so far would change. Rule (decision 0003): a mark on a removed session is amended to no mark with the
reason. It stays in the history, counts in no figure, and does not come back by itself.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from haven.analytics.groups import sum_group
from haven.attendance.registers.queries.register_reader import YearSheets, sheets_for, sheets_on_sessions
from haven.attendance.reports.measures import walked
from haven.core.schools.calendars import Span, checked, sessions_after
from haven.core.schools.models import School
from haven.core.schools.queries import calendar_for, stretches_of
from haven.rules.attendance_codes import MISSING, from_byte
from haven.rules.sessions import SessionDate, session_of, year_bounds

SESSIONS_OF_A_YEAR = 380
"""The minimum number of sessions of a maintained school (Education (School Day and School Year) (England) Regulations 1999, regulation
3)."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the year so far, before and after the change; `is_rate`: 0 to 1, or None if there are no possible sessions."""

    name: str
    before: int | float | None
    after: int | float | None
    is_rate: bool = False

    @property
    def is_changed(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Preview:
    """`marks`: the marks of removed sessions by code, of `pupils` pupils. `figures` is empty for a year that has not begun."""

    removed: tuple[SessionDate, ...]
    added: tuple[SessionDate, ...]
    sessions: int
    marks: tuple[tuple[str, int], ...]
    pupils: int
    figures: tuple[Figure, ...]

    @property
    def marks_in_all(self) -> int:
        return sum(number for _, number in self.marks)

    @property
    def is_short(self) -> bool:
        """Whether the year then has fewer sessions than a maintained school must have."""
        return self.sessions < SESSIONS_OF_A_YEAR


def preview_change(*, school: School, year: str, spans: Sequence[Span], on: date, begun: int) -> Preview | None:
    """The year with these periods; None if it has no calendar. `begun` is the key of the last session that has begun by `on`. Only
    registers that the user may see are counted. Raises BadCalendar for invalid periods."""
    standing = calendar_for(school.id, year)
    if standing is None:
        return None
    wanted = sessions_after(standing.sessions, stretches_of(school.id, year), spans)
    checked(year=year, sessions=wanted, spans=spans)
    old, new = set(standing.sessions), set(wanted)
    sheets = sheets_for(school_id=school.id, year=year)
    assert sheets is not None, "a year with a calendar has sheets, though perhaps none"
    counts, pupils = _marks_on(sheets, old - new)
    return Preview(
        removed=tuple(session_of(key) for key in sorted(old - new)),
        added=tuple(session_of(key) for key in sorted(new - old)),
        sessions=len(new),
        marks=tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))),
        pupils=pupils,
        figures=_figures(school, sheets, wanted, on, begun),
    )


def _marks_on(sheets: YearSheets, keys: set[int]) -> tuple[Counter[str], int]:
    """The codes of these sessions, and how many pupils have any."""
    counts: Counter[str] = Counter()
    pupils: set[int] = set()
    places = [place for place, key in enumerate(sheets.calendar.keys.tolist()) if key in keys]
    for row, enrolment in enumerate(sheets.enrolments):
        codes = [from_byte(byte) or "" for byte in sheets.matrix[row, places].tolist() if byte != MISSING]
        counts.update(codes)
        pupils |= {enrolment.pupil_id} if codes else set()
    return counts, len(pupils)


def _figures(school: School, sheets: YearSheets, wanted: Sequence[int], on: date, begun: int) -> tuple[Figure, ...]:
    first, last = year_bounds(sheets.year)
    if on < first:
        return ()
    to_on = min(on, last)
    before, after = (
        sum_group(walked(school=school, sheets=version, from_on=first, to_on=to_on, until=begun).measures)
        for version in (sheets, sheets_on_sessions(sheets, wanted))
    )

    def figure(name: str, of: str, is_rate: bool = False) -> Figure:
        return Figure(name, getattr(before, of), getattr(after, of), is_rate)

    return (
        Figure("Sessions in the year", sheets.calendar.sessions, len(wanted)),
        figure("Sessions possible so far, all pupils", "possible"),
        figure("Attended", "attended"),
        figure("Missed", "absent"),
        figure("Attendance", "attendance_rate", is_rate=True),
        figure("Unauthorised absence", "unauthorised"),
        figure("Pupils persistently absent", "persistent"),
        figure("Pupils severely absent", "severe"),
        figure("Pupils at the penalty notice threshold", "threshold_met"),
        figure("Not marked", "missing"),
    )
