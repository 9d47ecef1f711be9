"""Actions on schools, their sites, session times and calendars, each with its audit event.

A calendar is never changed: a school that closes for snow gets a next version, and the caller of `next_calendar` realigns the register rows
in the same transaction. Facts come from the public register of schools (Get information about schools), so a file with the same facts
changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.db.models import Q

from haven.core.schools.calendars import Span, checked
from haven.core.schools.models import Calendar, CalendarSpan, LocalAuthority, School, SessionTimes, Site, Switch, Trust
from haven.core.schools.queries import calendar_for, times_mark
from haven.platform.audit.actions import Actor, action, append_event
from haven.platform.errors import ActionRejected, StaleDataError
from haven.platform.locks import Lock, lock

FACTS = (
    "establishment_number", "phase", "type", "status", "low_age", "high_age", "address", "postcode", "telephone",
)  # fmt: skip


class BadTimes(ActionRejected):
    """The session times are not valid; the text says why."""


class SessionTimesChanged(StaleDataError):
    """Another user has changed the session times meanwhile."""


class CalendarStands(ActionRejected):
    """The year has a calendar already, and registers may depend on it."""


@dataclass(frozen=True)
class SchoolFacts:
    """One school of a file. `local_authority` is (code, name), `trust` (reference, name). None leaves the stored value, and so do facts
    (columns of FACTS) that are not given. Raises ValueError for an unknown fact and an empty name."""

    urn: int
    name: str
    local_authority: tuple[str, str] | None = None
    trust: tuple[str, str] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = sorted(set(self.facts) - set(FACTS))
        if unknown:
            raise ValueError(f"Unknown school details: {', '.join(unknown)}.")
        if not self.name.strip():
            raise ValueError("Enter the school's name.")


@dataclass(frozen=True)
class Kept:
    """The number of new, changed and unchanged schools."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class Times:
    """Session times of a day, in the school's own time. Raises BadTimes if they are out of order."""

    am_starts: time
    am_register_closes: time
    am_ends: time
    pm_starts: time
    pm_register_closes: time
    pm_ends: time

    def __post_init__(self) -> None:
        order = [
            self.am_starts, self.am_register_closes, self.am_ends, self.pm_starts, self.pm_register_closes, self.pm_ends,
        ]  # fmt: skip
        if order != sorted(order):
            raise BadTimes(
                "Enter the times in order: session start, register close, session end. The afternoon must follow the morning."
            )


@action
def keep_school(
    *,
    by: Actor,
    at: datetime,
    urn: int,
    name: str,
    local_authority: tuple[str, str] | None = None,
    trust: tuple[str, str] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> School:
    """Create or change the school with that URN (see SchoolFacts for the values that stay)."""
    wanted = SchoolFacts(urn, name, local_authority, trust, facts or {})
    counts = _keep([wanted], at)
    school = School.objects.get(urn=urn)
    append_event(
        by=by,
        at=at,
        verb="schools.keep_school",
        about=("school", urn),
        school_id=school.id,
        detail={"changed": not counts.unchanged},
    )
    return school


@action
def keep_schools(*, by: Actor, at: datetime, schools: Iterable[SchoolFacts]) -> Kept:
    """Every school of a file, each by its number; the same file again changes nothing. Of two rows with one number the last holds."""
    counts = _keep(_newest(schools), at)
    append_event(by=by, at=at, verb="schools.keep_schools", detail={"new": counts.new, "changed": counts.changed})
    return counts


def compare_schools(schools: Iterable[SchoolFacts]) -> Kept:
    """What keep_schools would do with these schools now. Writes nothing."""
    rows = _newest(schools)
    there = _schools_of(rows)
    new = sum(row.urn not in there for row in rows)
    changed = sum(row.urn in there and _differs(there[row.urn], row) for row in rows)
    return Kept(new, changed, len(rows) - new - changed)


def _newest(schools: Iterable[SchoolFacts]) -> list[SchoolFacts]:
    """One row for each number: the last."""
    return list({row.urn: row for row in schools}.values())


def _schools_of(rows: list[SchoolFacts]) -> dict[int, School]:
    schools = School.objects.filter(urn__in=[row.urn for row in rows]).select_related("local_authority", "trust")
    return {school.urn: school for school in schools}


def _differs(school: School, row: SchoolFacts) -> bool:
    authority, trust = school.local_authority, school.trust
    return (
        school.name != row.name.strip()
        or any(getattr(school, key) != value for key, value in row.facts.items())
        or (row.local_authority is not None and (authority is None or authority.code != row.local_authority[0]))
        or (row.trust is not None and (trust is None or trust.ref != row.trust[0]))
    )


def _keep(rows: list[SchoolFacts], at: datetime) -> Kept:
    authorities = _named(LocalAuthority, "code", dict(row.local_authority for row in rows if row.local_authority))
    trusts = _named(Trust, "ref", dict(row.trust for row in rows if row.trust))
    there = _schools_of(rows)
    fresh, changed = [], []
    for row in rows:
        wanted: dict[str, Any] = {"name": row.name.strip(), **row.facts}
        if row.local_authority:
            wanted["local_authority_id"] = authorities[row.local_authority[0]]
        if row.trust:
            wanted["trust_id"] = trusts[row.trust[0]]
        school = there.get(row.urn)
        if school is None:
            fresh.append(School(urn=row.urn, **wanted))
        elif _differs(school, row):
            for key, value in wanted.items():
                setattr(school, key, value)
            school.changed_at = at
            changed.append(school)
    School.objects.bulk_create(fresh, batch_size=2000)
    School.objects.bulk_update(changed, ["name", "local_authority", "trust", "changed_at", *FACTS], batch_size=1000)
    return Kept(len(fresh), len(changed), len(rows) - len(fresh) - len(changed))


def _named(model: Any, key: str, names: Mapping[str, str]) -> dict[str, int]:
    """Ids of the authorities or trusts with these codes, created or renamed if needed."""
    there = {getattr(row, key): row for row in model.objects.filter(**{f"{key}__in": list(names)})}
    model.objects.bulk_create([model(**{key: code, "name": name}) for code, name in names.items() if code not in there])
    for code, row in there.items():
        if names[code] and row.name != names[code]:
            row.name = names[code]
            row.save(update_fields=["name"])
    return dict(model.objects.filter(**{f"{key}__in": list(names)}).values_list(key, "id"))


@action
def add_site(*, by: Actor, at: datetime, school_id: int, name: str, address: str = "") -> Site:
    """Add a site of the school; an existing site with that name gets the new address."""
    site, made = Site.objects.get_or_create(school_id=school_id, name=name.strip(), defaults={"address": address})
    if not made and address and site.address != address:
        site.address = address
        site.save(update_fields=["address"])
    append_event(by=by, at=at, verb="schools.add_site", about=("site", site.id), school_id=school_id)
    return site


@action
def set_session_times(
    *,
    by: Actor,
    at: datetime,
    school_id: int,
    begins_on: date,
    times: Times,
    site_id: int | None = None,
    seen: str | None = None,
) -> SessionTimes:
    """Set the session times from a day on, for the whole school or one site. Times that begin on the same day are replaced; older ones stay
    for the days before. `seen` is the `times_mark` of the page on which the user decided: raises SessionTimesChanged if it has changed
    since; None skips the check."""
    lock(Lock.CALENDAR, school_id, "times")
    if seen is not None and seen != times_mark(school_id):
        raise SessionTimesChanged(
            "Someone else changed the session times after you opened this page. Your changes were not saved."
            " Check the current times, then save again if yours are still right."
        )
    there = SessionTimes.objects.filter(school_id=school_id, begins_on=begins_on).filter(_site(site_id)).first()
    row = there or SessionTimes(school_id=school_id, site_id=site_id, begins_on=begins_on)
    for key, value in vars(times).items():
        setattr(row, key, value)
    row.save()
    append_event(by=by, at=at, verb="schools.set_session_times", about=("session_times", row.id), school_id=school_id)
    return row


@action
def set_calendar(
    *,
    by: Actor,
    at: datetime,
    school_id: int,
    year: str,
    sessions: Iterable[int],
    spans: Iterable[Span] = (),
    reason: str = "",
) -> Calendar:
    """Set the first calendar of an academic year: its session keys (rules.sessions.session_key) and its named periods.

    The same calendar again changes nothing and returns the existing one. Raises CalendarStands if another one exists (a change must realign
    the registers), BadCalendar for invalid sessions or periods.
    """
    keys, stretches = checked(year=year, sessions=sessions, spans=spans)
    lock(Lock.CALENDAR, school_id, year)
    standing = calendar_for(school_id, year)
    if standing is not None and standing.sessions != keys:
        raise CalendarStands(
            f"The school already has a calendar for {year}. Change the days that differ, so that registers follow."
        )
    if standing is None:
        standing = _write(by, at, school_id, year, keys, 1, reason)
    _write_spans(school_id, year, stretches)
    append_event(
        by=by,
        at=at,
        verb="schools.set_calendar",
        about=("calendar", standing.id),
        school_id=school_id,
        reason=reason,
        detail={"year": year, "sessions": len(keys)},
    )
    return standing


@action
def next_calendar(
    *, by: Actor, at: datetime, school_id: int, year: str, sessions: Iterable[int], spans: Iterable[Span], reason: str
) -> Calendar:
    """Create the next version of a year's calendar. Only for callers that realign the register rows in the same transaction.

    Raises BadCalendar for invalid sessions or periods, ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("Enter a reason for the change.")
    keys, stretches = checked(year=year, sessions=sessions, spans=spans)
    lock(Lock.CALENDAR, school_id, year)
    standing = calendar_for(school_id, year)
    row = _write(by, at, school_id, year, keys, standing.version + 1 if standing else 1, reason)
    _write_spans(school_id, year, stretches)
    detail = {"year": year, "version": row.version, "sessions": len(keys)}
    append_event(
        by=by, at=at, verb="schools.next_calendar", about=("calendar", row.id), school_id=school_id, reason=reason,
        detail=detail,
    )  # fmt: skip
    return row


@action
def set_spans(*, by: Actor, at: datetime, school_id: int, year: str, spans: Iterable[Span]) -> None:
    """Set the names and dates of terms, holidays, INSET days and closures; the sessions stay as they are."""
    _, stretches = checked(year=year, sessions=_standing(school_id, year), spans=spans)
    _write_spans(school_id, year, stretches)
    append_event(by=by, at=at, verb="schools.set_spans", about=("year", year), school_id=school_id)


@action
def set_switch(*, by: Actor, at: datetime, school_id: int, name: str, is_on: bool, reason: str) -> Switch:
    """Switch an option of the school on or off, with the reason. Raises ValueError without one."""
    if not reason.strip():
        raise ValueError("Enter a reason.")
    row = Switch.objects.create(
        school_id=school_id, name=name, is_on=is_on, reason=reason.strip(), set_at=at, set_by_name=by.name
    )
    append_event(
        by=by, at=at, verb="schools.set_switch", about=("switch", name), school_id=school_id, reason=row.reason,
        detail={"is_on": is_on},
    )  # fmt: skip
    return row


def _standing(school_id: int, year: str) -> list[int]:
    calendar = calendar_for(school_id, year)
    return list(calendar.sessions) if calendar else []


def _write(by: Actor, at: datetime, school_id: int, year: str, keys: list[int], version: int, reason: str) -> Calendar:
    return Calendar.objects.create(
        school_id=school_id,
        year=year,
        version=version,
        sessions=keys,
        reason=reason,
        made_at=at,
        made_by_name=by.name,
    )


def _write_spans(school_id: int, year: str, spans: list[Span]) -> None:
    """Set the periods of a year; periods that are no longer given are deleted."""
    there = {
        (row.kind, row.name, row.begins_on, row.ends_on, row.half): row.id
        for row in CalendarSpan.objects.filter(school_id=school_id, year=year)
    }
    wanted = {(span.kind, span.name, span.begins_on, span.ends_on, span.half) for span in spans}
    CalendarSpan.objects.filter(id__in=[id for key, id in there.items() if key not in wanted]).delete()
    CalendarSpan.objects.bulk_create(
        CalendarSpan(
            school_id=school_id, year=year, kind=kind, name=name, begins_on=begins_on, ends_on=ends_on, half=half
        )
        for kind, name, begins_on, ends_on, half in sorted(wanted, key=lambda key: key[2])
        if (kind, name, begins_on, ends_on, half) not in there
    )


def _site(site_id: int | None) -> Q:
    return Q(site__isnull=True) if site_id is None else Q(site_id=site_id)
