"""The follow-up day of a school: pupils missing without a reason in the order to act, counts, and registers.

Working together to improve school attendance (follow-up on the first day), Keeping children safe in education (a child who is missing is a
possible sign of harm). Location status: `haven.rules.whereabouts`; order and reasons: `haven.rules.morning`; next contact:
`haven.rules.contact_ladder`. The page, `haven today`, the banner and the end of the day all use these functions, so they agree.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from haven.attendance.follow_up import loaders
from haven.attendance.follow_up.day import (
    TO_BE_CONFIRMED,
    Counts,
    FollowUpDay,
    OpenItem,
    Register,
    VulnerablePupil,
    VulnerablePupilSession,
    unknown_words,
)
from haven.attendance.follow_up.items import FollowUpItem, SeenVersion
from haven.attendance.follow_up.models import DayStep
from haven.attendance.follow_up.queries.end_of_day import signings_of
from haven.attendance.follow_up.roll_snapshot import (
    DaySnapshot,
    RollRow,
    frame_of,
    roll_of,
    sees_all,
    statuses_by_now,
    statuses_in,
    whole_roll_of,
)
from haven.core.people.queries import Listing, listing_of, listing_of_pupil
from haven.platform.accounts.context import AccessContext
from haven.platform.dates import HALF_WORDS
from haven.platform.ordering import natural_order
from haven.platform.sql_files import SqlFile
from haven.rules.morning import rank
from haven.rules.sessions import Half, academic_year_of
from haven.rules.visibility import RecordCategory, access_scope_of
from haven.rules.whereabouts import Whereabouts

QUERIES = SqlFile(__file__)
Steps = Mapping[int, Sequence[DayStep]]
Listings = Mapping[int, Listing]


def day_of(*, viewer: AccessContext, school_id: int, on: date, at: datetime, half: Half | None = None) -> FollowUpDay:
    """The day of a school at a moment (aware), for a user: counts that add up, and all pupils who are missing without a reason in the order
    to act. `half` selects a session; the default is the current or most recent one.

    The counts are of the pupils whose attendance the user may see: a school, a class, or a caseload. A closed school gives a day without
    sessions. Needs an access context; the number of queries does not depend on the length of the list.
    """
    frame = frame_of(school_id=school_id, on=on)
    now = half if half in frame.halves else frame.half_at(at)
    is_whole, counter = sees_all(viewer, school_id), change_count_of(school_id)
    if now is None:
        return FollowUpDay(school_id, on, at, None, Counts(), (), (), (), None, is_whole, counter)
    rows = whole_roll_of(viewer=viewer, frame=frame, at=at)
    statuses = statuses_by_now(frame, rows, now, at)
    steps = loaders.steps_on(school_id=school_id, on=on, until=at)
    listed = [row for row in rows if row.priority]
    listings = listing_of(school_id=school_id, on=on) if listed else {}
    missing = [row for row in rows if statuses[row.pupil_id] is Whereabouts.MISSING]
    signed_off, ended_before = signings_of(school_id=school_id, on=on)
    return FollowUpDay(
        school_id=school_id,
        on=on,
        at=at,
        half=now,
        counts=_counts(rows, statuses),
        lines=_items(frame, missing, now, at, steps, listings),
        registers=_registers(frame, rows, now, at),
        listed=_listed(frame, listed, at, steps, listings),
        signed_off=signed_off,
        ended_before=ended_before,
        is_whole_school=is_whole,
        counter=counter,
    )


def line_of_pupil(*, viewer: AccessContext, school_id: int, on: date, at: datetime, ref: UUID) -> FollowUpItem | None:
    """The item of one pupil, missing or not, also on a day without school; None if the school's roll that day has no such pupil whose
    attendance the user may see."""
    frame = frame_of(school_id=school_id, on=on)
    rows = [row for row in roll_of(viewer=viewer, frame=frame, at=at) if row.ref == ref]
    if not rows:
        return None
    steps = loaders.steps_on(school_id=school_id, on=on, until=at)
    listing = listing_of_pupil(school_id=school_id, pupil_id=rows[0].pupil_id, on=on)
    listings = {rows[0].pupil_id: listing} if listing else {}
    return _items(frame, rows, frame.half_at(at) or Half.PM, at, steps, listings)[0]


def not_accounted_for(*, viewer: AccessContext, school_id: int, on: date, at: datetime) -> int:
    """The number of pupils who are missing without a reason now, as `day_of` counts them; 0 on a day when the school is closed.

    Two queries: the banner of every page calls this.
    """
    frame = frame_of(school_id=school_id, on=on)
    half = frame.half_at(at)
    if half is None:
        return 0
    rows = roll_of(viewer=viewer, frame=frame, at=at, only_doubtful=True)
    return sum(status is Whereabouts.MISSING for status in statuses_by_now(frame, rows, half, at).values())


def summary_of(*, viewer: AccessContext, school_id: int, on: date, at: datetime) -> tuple[int, str]:
    """The number of pupils who are missing without a reason now, and the sentence about those of whom nothing is known yet ("" for none).
    On a day when the school is closed (0, ""). Two queries."""
    frame = frame_of(school_id=school_id, on=on)
    half = frame.half_at(at)
    if half is None:
        return 0, ""
    rows = whole_roll_of(viewer=viewer, frame=frame, at=at)
    counts = _counts(rows, statuses_by_now(frame, rows, half, at))
    out = sum(not register.is_in for register in _registers(frame, rows, half, at))
    return counts.missing, unknown_words(counts.waiting, out)


def open_items(day: FollowUpDay) -> list[OpenItem]:
    """What stands between a day and its end: pupils not accounted for, pupils of the vulnerable pupils list said to be elsewhere and not
    confirmed, registers that are not in. In that order; empty when nothing is open."""
    items = [
        _open_item(line.pupil, f"Not accounted for. {'. '.join(line.place.because)}.", line.explanation)
        for line in day.lines
    ]
    missing = {line.pupil.pupil_id for line in day.lines}
    for listed in day.listed:
        unsure = [HALF_WORDS[half.half.value] for half in listed.halves if half.status == TO_BE_CONFIRMED]
        if unsure and listed.pupil.pupil_id not in missing:
            why = f"On the vulnerable pupils list and recorded as off site. Nobody has confirmed it ({' and '.join(unsure)})."
            items.append(_open_item(listed.pupil, why, None))
    for register in day.registers_out:
        why = f"Register not taken: {register.unmarked} of {register.pupils} pupils have no mark."
        items.append(OpenItem(f"register-{register.group_id or 0}", None, register.form, register.tutor, why))
    return items


def _open_item(pupil: RollRow, why: str, explained: DayStep | None) -> OpenItem:
    words = explained.words if explained else ""
    return OpenItem(f"pupil-{pupil.ref}", pupil.pupil_id, pupil.name, pupil.form, why, words)


class PupilOfDay(NamedTuple):
    """The enrolment and the register row by which a pupil is on a school's roll on a day."""

    enrolment_id: int
    sheet_id: int | None
    version: int


def pupil_of_day(*, school_id: int, pupil_id: int, on: date) -> PupilOfDay | None:
    """How a pupil is on the school's roll that day; None if they are not, or if the user may not see their attendance."""
    rows = QUERIES.rows(
        PupilOfDay, "pupil_of_day", school=school_id, pupil=pupil_id, on=on, year=academic_year_of(on),
        access_scope=access_scope_of(school_id, RecordCategory.ATTENDANCE),
    )  # fmt: skip
    return rows[0] if rows else None


def change_count_of(school_id: int) -> int:
    """The school's change counter, 0 if nothing has changed yet."""
    return next(iter(QUERIES.values(int, "counter", school_id=school_id)), 0)


def _counts(rows: Sequence[RollRow], statuses: Mapping[int, Whereabouts]) -> Counts:
    counts: Counter[str] = Counter()
    for row in rows:
        counts[statuses[row.pupil_id].value] += row.pupils
    return Counts(on_roll=counts.total(), **{status.value: counts[status.value] for status in Whereabouts})


def _registers(frame: DaySnapshot, rows: Iterable[RollRow], half: Half, at: datetime) -> tuple[Register, ...]:
    """The classes by name. No register is due from a class in which no pupil is expected or every absence is planned."""
    classes: dict[int | None, list[RollRow]] = {}
    for row in rows:
        classes.setdefault(row.group_id, []).append(row)
    registers = []
    for members in classes.values():
        head = members[0]
        marks = [(row.mark(half), row.pupils) for row in members]
        unmarked = sum(pupils for mark, pupils in marks if mark.code is None and mark.planned is None)
        is_in = any(mark.is_taken for mark, _ in marks) or not unmarked
        is_late = not is_in and frame.is_closed(half, at, head.site_id)
        pupils = sum(row.pupils for row in members)
        form = head.form or "No class"
        registers.append(Register(head.group_id, form, head.tutor_id, head.tutor, pupils, unmarked, is_in, is_late))
    return tuple(sorted(registers, key=lambda register: (register.group_id is None, natural_order(register.form))))


def _listed(
    frame: DaySnapshot, rows: Sequence[RollRow], at: datetime, steps: Steps, listings: Listings
) -> tuple[VulnerablePupil, ...]:
    statuses = {half: statuses_in(frame, rows, half, at) for half in frame.halves}
    listed = []
    for row in rows:
        own, listing = steps.get(row.pupil_id, ()), listings.get(row.pupil_id, Listing(row.priority, "", None))
        halves = tuple(_session(frame, row, half, statuses[half][row.pupil_id], own, at) for half in frame.halves)
        seen = SeenVersion(max((step.id for step in own), default=0), 0, row.version)
        done = loaders.newest(own, "instruction_done")
        listed.append(VulnerablePupil(row, listing, listing.due_at(frame.on), done, halves, seen))
    return tuple(listed)


def _session(
    frame: DaySnapshot, row: RollRow, half: Half, status: Whereabouts, steps: Sequence[DayStep], at: datetime
) -> VulnerablePupilSession:
    local, code = timezone.localtime(at), row.mark(half).code
    step = loaders.newest(steps, "accounted", "not_accounted", half=half.value)
    is_begun = (local.date(), local.time()) >= (frame.on, frame.hours_of(half).starts)
    if step is None:
        return VulnerablePupilSession(half, code or "", status, is_begun or code is not None, None, "", None, "")
    is_accounted = step.kind == "accounted"
    return VulnerablePupilSession(half, code or "", status, True, is_accounted, step.author_name, step.at, step.words)


def _items(
    frame: DaySnapshot, rows: Sequence[RollRow], half: Half, at: datetime, steps: Steps, listings: Listings
) -> tuple[FollowUpItem, ...]:
    """These pupils in the order to act. Four queries, none without a pupil."""
    if not rows:
        return ()
    pupil_ids = [row.pupil_id for row in rows]
    years = loaders.years_of(rows=rows, frame=frame, upto=half)
    contacts = loaders.contacts_for(pupil_ids=pupil_ids, school_id=frame.school_id, on=frame.on)
    attempts = loaders.attempts_for(pupil_ids=pupil_ids, on=frame.on, until=at)
    siblings = loaders.siblings_for(pupil_ids=pupil_ids, on=frame.on)
    items = {}
    for row in rows:
        key = row.pupil_id
        items[str(row.ref)] = FollowUpItem(
            row, frame.on, at, half, years.get(key, ()), contacts.get(key, ()), attempts.get(key, ()), siblings.get(key, ()),
            steps.get(key, ()), listings.get(key),
        )  # fmt: skip
    ranked = rank((item.ranked_by() for item in items.values()), timezone.localtime(at))
    return tuple(replace(items[place.pupil.ref], place=place) for place in ranked)
