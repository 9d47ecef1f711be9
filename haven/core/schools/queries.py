"""Reads schools, their calendars and times, and the state of the day's registers.

The attendance register is taken at the start of the morning session and once in the afternoon session, and stays open for a time that the
school sets (SI 2024/208 regulation 10; Working together to improve school attendance: not longer than 30 minutes). There is no personal
data here, so no row policy is needed.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, time
from hashlib import sha256

from django.utils import timezone

from haven.core.schools.calendars import Span
from haven.core.schools.models import Calendar, CalendarSpan, School, SessionTimes, Site, Switch
from haven.platform.sql_files import SqlFile
from haven.rules.sessions import Half, academic_year_of, session_key, session_of

QUERIES = SqlFile(__file__)


@dataclass(frozen=True)
class RegisterState:
    """The state of a school's day. `half` is the current or most recent session; None before the first and on a day when the school is
    closed. `phase`: "no_session" (no session today), "before", "open" (the register is being taken), "closed" (the session runs, its
    register is closed) or "over". `closes_at` is the time at which the register of `half` closes, None without `half`."""

    phase: str
    half: Half | None = None
    closes_at: time | None = None

    @property
    def is_register_closed(self) -> bool:
        """Whether the register of `half` has closed; False if there is no session yet."""
        return self.phase in ("closed", "over")


def school_by_urn(urn: int) -> School | None:
    """The school with that URN, with its authority and trust, or None."""
    return School.objects.select_related("local_authority", "trust").filter(urn=urn).first()


def schools_by_urn(urns: Iterable[int]) -> dict[int, School]:
    """The schools with these URNs, by URN; unknown URNs are left out."""
    return {school.urn: school for school in School.objects.filter(urn__in=list(urns))}


_asked: ContextVar[dict[tuple[int, str], tuple[Calendar, ...]] | None] = ContextVar("calendars asked for", default=None)


@contextmanager
def calendars_asked_once() -> Iterator[None]:
    """Cache calendars within the block: for a page that only reads, and for a writer that has locked the registers, of which a calendar is
    a part."""
    token = _asked.set({})
    try:
        yield
    finally:
        _asked.reset(token)


def calendar_versions(school_id: int, year: str) -> tuple[Calendar, ...]:
    """Every version of a school's list of sessions in an academic year, the oldest first; empty if there is none."""
    cached = _asked.get()
    versions = cached.get((school_id, year)) if cached is not None else None
    if versions is None:
        versions = tuple(QUERIES.objects(Calendar, "calendar_versions", school_id=school_id, year=year))
    if cached is not None:
        cached[school_id, year] = versions
    return versions


def calendar_for(school_id: int, year: str) -> Calendar | None:
    """The newest version of the school's list of sessions in an academic year ("2025-26"), or None."""
    return next(reversed(calendar_versions(school_id, year)), None)


def calendars_of(school_id: int) -> list[Calendar]:
    """The newest calendar of each academic year that has one, newest year first."""
    rows = Calendar.objects.filter(school_id=school_id).order_by("-year", "-version").distinct("year")
    return list(rows)


def spans_of(school_id: int, year: str) -> list[CalendarSpan]:
    """Terms, holidays, INSET days and closures of an academic year, in order of date; empty if there are none."""
    return list(CalendarSpan.objects.filter(school_id=school_id, year=year).order_by("begins_on", "ends_on"))


def stretches_of(school_id: int, year: str) -> list[Span]:
    """As `spans_of`, as plain periods for haven.core.schools.calendars."""
    return [Span(row.kind, row.name, row.begins_on, row.ends_on, row.half) for row in spans_of(school_id, year)]


def year_mark(school_id: int, year: str) -> str:
    """A short version text that changes when sessions or periods of the year change; a form sends it back."""
    calendar = calendar_for(school_id, year)
    words = [str(calendar.version if calendar else 0), *map(repr, stretches_of(school_id, year))]
    return sha256("\n".join(words).encode()).hexdigest()[:16]


def sites_of(school_id: int) -> list[Site]:
    """The school's sites by name; empty for a school without named sites."""
    return list(Site.objects.filter(school_id=school_id).order_by("name"))


def session_times_on(school_id: int, on: date, site: int | None = None) -> SessionTimes | None:
    """The session times in force on a day: the latest begun, with those of a site (its id) before those of the whole school.

    None if no times have begun by then.
    """
    times = QUERIES.objects(SessionTimes, "session_times", school_id=school_id, on=on, site_id=site)
    return next(iter(times), None)


def session_times_of(school_id: int) -> list[SessionTimes]:
    """Every set of session times of a school and its sites, newest first."""
    return list(
        SessionTimes.objects.filter(school_id=school_id).select_related("site").order_by("-begins_on", "site_id")
    )


def times_mark(school_id: int) -> str:
    """A short version text that changes when any session times of the school change."""
    rows = SessionTimes.objects.filter(school_id=school_id).order_by("id").values_list()
    return sha256("\n".join(map(repr, rows)).encode()).hexdigest()[:16]


def is_open(school_id: int, on: date, half: Half) -> bool:
    """Whether the school has that session; False if the year has no calendar."""
    calendar = calendar_for(school_id, academic_year_of(on))
    return calendar is not None and session_key(on, half) in calendar.sessions


def open_days(school_id: int, year: str) -> list[date]:
    """The days of an academic year with at least one session, in order; empty without a calendar."""
    calendar = calendar_for(school_id, year)
    return sorted({session_of(key).on for key in calendar.sessions}) if calendar else []


ESTIMATE = "estimate"
"""The switch of the estimate of persistent absence (haven.attendance.reports.estimate.query)."""


def switch_of(school_id: int, name: str) -> Switch | None:
    """Who last switched an option of a school on or off, and why; None if nobody has, so it is off."""
    return next(iter(QUERIES.objects(Switch, "newest_switch", school_id=school_id, name=name)), None)


def is_on(school_id: int, name: str) -> bool:
    """Whether a school has switched an option on. Every option is off by default."""
    switch = switch_of(school_id, name)
    return switch is not None and switch.is_on


def register_state(school_id: int, at: datetime) -> RegisterState:
    """The current session at a moment (aware), and whether its register is closed.

    A school without session times counts as open from 00:00 with registers that close at the usual 09:30 and 13:30, so that it can be used
    before times are set.
    """
    local = timezone.localtime(at)
    calendar = calendar_for(school_id, academic_year_of(local.date()))
    halves = [half for half in Half if calendar and session_key(local.date(), half) in calendar.sessions]
    if not halves:
        return RegisterState("no_session")
    times = session_times_on(school_id, local.date()) or USUAL
    begun = [half for half in halves if local.time() >= _starts(times, half)]
    if not begun:
        return RegisterState("before")
    half = begun[-1]
    closes, ends = _closes(times, half), _ends(times, half)
    phase = "open" if local.time() < closes else "closed" if local.time() < ends else "over"
    return RegisterState(phase, half, closes)


USUAL = SessionTimes(
    am_starts=time(8, 45), am_register_closes=time(9, 30), am_ends=time(12, 0),
    pm_starts=time(13, 0), pm_register_closes=time(13, 30), pm_ends=time(15, 15),
)  # fmt: skip
"""Used until a school has set its times; never saved."""


def _starts(times: SessionTimes, half: Half) -> time:
    return times.am_starts if half is Half.AM else times.pm_starts


def _closes(times: SessionTimes, half: Half) -> time:
    return times.am_register_closes if half is Half.AM else times.pm_register_closes


def _ends(times: SessionTimes, half: Half) -> time:
    return times.am_ends if half is Half.AM else times.pm_ends
