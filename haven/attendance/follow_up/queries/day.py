"""The follow-up day of a school: pupils missing without a reason in the order to act, counts, and registers.

Working together to improve school attendance (follow-up on the first day), Keeping children safe in education (a child who is missing is a
possible sign of harm). Location status: `haven.rules.whereabouts`; order and reasons: `haven.rules.morning`; next contact:
`haven.rules.contact_ladder`. The page, `haven today`, the banner and the end of the day all use these functions, so they agree.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from haven.attendance.follow_up import loaders as facts
from haven.attendance.follow_up.items import (
    TO_BE_CONFIRMED,
    Counts,
    FollowUpDay,
    FollowUpItem,
    OpenItem,
    Register,
    SeenVersion,
    VulnerablePupil,
    VulnerablePupilSession,
)
from haven.attendance.follow_up.loaders import AttemptLine, ContactLine, Sibling
from haven.attendance.follow_up.models import DayStep
from haven.attendance.follow_up.queries.end_of_day import signings_of
from haven.attendance.follow_up.queries.next_contact import next_of
from haven.attendance.follow_up.roll_snapshot import (
    DaySnapshot,
    RollRow,
    boxes_of,
    each_box_in,
    each_once,
    frame_of,
    roll_of,
    sees_all,
    whole_roll_of,
)
from haven.core.people.queries import Listing, listing_of, listing_of_pupil
from haven.platform.accounts.context import AccessContext
from haven.platform.dates import HALF_WORDS
from haven.platform.ordering import natural_order
from haven.platform.sql_files import SqlFile
from haven.rules.contact_ladder import OUTCOMES
from haven.rules.morning import MissingPupil, Placed, rank
from haven.rules.sessions import Half
from haven.rules.whereabouts import Whereabouts, days_without_reason, is_usual_weekday, sessions_missed

QUERIES = SqlFile(__file__)
LOOK_BACK_DAYS = 10
"""The number of school days whose N marks are offered when a reason is entered."""


def day_of(*, viewer: AccessContext, school_id: int, on: date, at: datetime, half: Half | None = None) -> FollowUpDay:
    """The day of a school at a moment (aware), for a user: counts that add up, and all pupils who are missing without a reason in the order
    to act. `half` selects a session; the default is the current or most recent one.

    The counts are of the pupils whose attendance the user may see: a school, a class, or a caseload. A closed school gives a day without
    sessions. Needs an access context; the number of queries does not depend on the length of the list.
    """
    frame = frame_of(school_id=school_id, on=on)
    now = half if half in frame.halves else frame.half_at(at)
    if now is None:
        return FollowUpDay(
            school_id, on, at, None, Counts(), (), (), (), None, sees_all(viewer, school_id), change_count_of(school_id)
        )
    rows = whole_roll_of(viewer=viewer, frame=frame, at=at)
    boxes = boxes_of(frame, rows, now, at)
    steps = facts.steps_on(school_id=school_id, on=on, until=at)
    listings = listing_of(school_id=school_id, on=on) if any(row.priority for row in rows) else {}
    missing = [row for row in rows if boxes[row.pupil_id] is Whereabouts.MISSING]
    signed_off, ended_before = signings_of(school_id=school_id, on=on)
    return FollowUpDay(
        school_id=school_id,
        on=on,
        at=at,
        half=now,
        counts=_counts(rows, boxes),
        lines=_lines(frame, missing, now, at, steps, listings),
        registers=_registers(frame, rows, now, at),
        listed=_listed(frame, [row for row in rows if row.priority], at, steps, listings),
        signed_off=signed_off,
        ended_before=ended_before,
        is_whole_school=sees_all(viewer, school_id),
        counter=change_count_of(school_id),
    )


def line_of_pupil(*, viewer: AccessContext, school_id: int, on: date, at: datetime, ref: UUID) -> FollowUpItem | None:
    """The item of one pupil, missing or not, also on a day without school; None if the school's roll that day has no such pupil whose
    attendance the user may see."""
    frame = frame_of(school_id=school_id, on=on)
    half = frame.half_at(at) or Half.PM
    rows = [row for row in roll_of(viewer=viewer, frame=frame, at=at) if row.ref == ref]
    if not rows:
        return None
    steps = facts.steps_on(school_id=school_id, on=on, until=at)
    listing = listing_of_pupil(school_id=school_id, pupil_id=rows[0].pupil_id, on=on)
    listings = {rows[0].pupil_id: listing} if listing else {}
    return _lines(frame, each_once(rows), half, at, steps, listings)[0]


def not_accounted_for(*, viewer: AccessContext, school_id: int, on: date, at: datetime) -> int:
    """The number of pupils who are missing without a reason now, as `day_of` counts them; 0 on a day when the school is closed.

    Two queries for a user who sees the whole school (three for others): the banner of every page calls this.
    """
    frame = frame_of(school_id=school_id, on=on)
    half = frame.half_at(at)
    if half is None:
        return 0
    rows = each_once(roll_of(viewer=viewer, frame=frame, at=at, only_doubtful=True))
    return sum(box is Whereabouts.MISSING for box in boxes_of(frame, rows, half, at).values())


def open_items(day: FollowUpDay) -> list[OpenItem]:
    """What stands between a day and its end: pupils not accounted for, pupils of the vulnerable pupils list said to be elsewhere and not
    confirmed, registers that are not in. In that order; empty when nothing is open."""
    items = [
        OpenItem(f"pupil-{line.ref}", line.pupil_id, line.name, line.form, f"Not accounted for. {'. '.join(line.because)}.",
                 line.explanation.words if line.explanation else "")
        for line in day.lines
    ]  # fmt: skip
    listed = {line.pupil_id for line in day.lines}
    for pupil in day.listed:
        unsure = [HALF_WORDS[half.half.value] for half in pupil.halves if half.status == TO_BE_CONFIRMED]
        if unsure and pupil.pupil_id not in listed:
            why = f"On the vulnerable pupils list and recorded as off site. Nobody has confirmed it ({' and '.join(unsure)})."
            items.append(OpenItem(f"pupil-{pupil.ref}", pupil.pupil_id, pupil.name, pupil.form, why))
    for register in day.registers_out:
        why = f"Register not taken: {register.unmarked} of {register.pupils} pupils have no mark."
        items.append(OpenItem(f"register-{register.group_id or 0}", None, register.form, register.tutor, why))
    return items


def change_count_of(school_id: int) -> int:
    """The school's change counter, 0 if nothing has changed yet."""
    return next(iter(QUERIES.values(int, "counter", school_id=school_id)), 0)


def _counts(rows: Sequence[RollRow], boxes: Mapping[int, Whereabouts]) -> Counts:
    counts: Counter[str] = Counter()
    for row in rows:
        counts[boxes[row.pupil_id].value] += row.pupils
    return Counts(on_roll=counts.total(), **{box.value: counts[box.value] for box in Whereabouts})


def _registers(frame: DaySnapshot, rows: Sequence[RollRow], half: Half, at: datetime) -> tuple[Register, ...]:
    """The classes by name. No register is due from a class in which no pupil is expected or every absence is planned."""
    classes: dict[int | None, list[RollRow]] = {}
    for row in rows:
        classes.setdefault(row.group_id, []).append(row)
    registers = []
    for members in classes.values():
        head = members[0]
        marks = [(row.mark(half), row.pupils) for row in members]
        unmarked = sum(pupils for mark, pupils in marks if mark.code is None and mark.planned is None)
        is_in = any(mark.taken for mark, _ in marks) or not unmarked
        is_late = not is_in and frame.is_closed(half, at, head.site_id)
        form = head.form or "No class"
        pupils = sum(row.pupils for row in members)
        registers.append(Register(head.group_id, form, head.tutor_id, head.tutor, pupils, unmarked, is_in, is_late))
    return tuple(sorted(registers, key=lambda register: (register.group_id is None, natural_order(register.form))))


def _listed(
    frame: DaySnapshot,
    rows: Sequence[RollRow],
    at: datetime,
    steps: Mapping[int, Sequence[DayStep]],
    listings: Mapping[int, Listing],
) -> tuple[VulnerablePupil, ...]:
    begun = {half: _is_begun(frame, half, at) for half in frame.halves}
    boxes = {half: each_box_in(frame, rows, half, at) for half in frame.halves}
    return tuple(
        _listed_pupil(
            row,
            frame.on,
            steps.get(row.pupil_id, ()),
            listings,
            begun,
            {half: boxes[half][row.pupil_id] for half in boxes},
        )
        for row in rows
    )


def _listed_pupil(
    row: RollRow,
    on: date,
    steps: Sequence[DayStep],
    listings: Mapping[int, Listing],
    begun: Mapping[Half, bool],
    boxes: Mapping[Half, Whereabouts],
) -> VulnerablePupil:
    listing = listings.get(row.pupil_id, Listing(row.priority, "", None))
    halves = []
    for half, box in boxes.items():
        step = facts.newest(steps, "accounted", "not_accounted", half=half.value)
        halves.append(
            VulnerablePupilSession(
                half=half,
                code=row.mark(half).code or "",
                box=box,
                is_begun=begun[half] or row.mark(half).code is not None or step is not None,
                said=None if step is None else step.kind == "accounted",
                by=step.author_name if step else "",
                at=step.at if step else None,
                words=step.words if step else "",
            )
        )
    done = facts.newest(steps, "instruction_done")
    seen = SeenVersion(max((step.id for step in steps), default=0), 0, row.version)
    return VulnerablePupil(
        row.pupil_id, row.ref, row.name, row.form, listing.priority, listing.instruction_before_time, listing.due_at(on), done,
        tuple(halves), seen,
    )  # fmt: skip


def _is_begun(frame: DaySnapshot, half: Half, at: datetime) -> bool:
    local = timezone.localtime(at)
    return local.date() > frame.on or (local.date() == frame.on and local.time() >= frame.hours_of(half).starts)


def _lines(
    frame: DaySnapshot,
    rows: Sequence[RollRow],
    half: Half,
    at: datetime,
    steps: Mapping[int, Sequence[DayStep]],
    listings: Mapping[int, Listing],
) -> tuple[FollowUpItem, ...]:
    if not rows:
        return ()
    pupil_ids = [row.pupil_id for row in rows]
    known = _Known(
        years=facts.years_of(rows=rows, frame=frame, upto=half),
        contacts=facts.contacts_for(pupil_ids=pupil_ids, school_id=frame.school_id, on=frame.on),
        attempts=facts.attempts_for(pupil_ids=pupil_ids, on=frame.on, until=at),
        siblings=facts.siblings_for(pupil_ids=pupil_ids, on=frame.on),
        listings=listings,
        steps=steps,
    )
    by_ref = {str(row.ref): row for row in rows}
    placed = rank((_missing(known, frame, row, half, at) for row in rows), timezone.localtime(at))
    return tuple(_line(known, frame, by_ref[place.pupil.ref], place, at) for place in placed)


@dataclass(frozen=True)
class _Known:
    """The facts about all pupils of the list, by pupil."""

    years: Mapping[int, Sequence[tuple[date, Half, str | None]]]
    contacts: Mapping[int, Sequence[ContactLine]]
    attempts: Mapping[int, Sequence[AttemptLine]]
    siblings: Mapping[int, Sequence[Sibling]]
    listings: Mapping[int, Listing]
    steps: Mapping[int, Sequence[DayStep]]


def _missing(known: _Known, frame: DaySnapshot, row: RollRow, half: Half, at: datetime) -> MissingPupil:
    """The input of `rules.morning` for one pupil."""
    steps, attempts = known.steps.get(row.pupil_id, ()), known.attempts.get(row.pupil_id, ())
    today = [attempt for attempt in attempts if attempt.is_on(frame.on)]
    year = known.years.get(row.pupil_id, ())
    missed, possible = sessions_missed(year)
    listing = known.listings.get(row.pupil_id)
    is_done, claim = facts.newest(steps, "instruction_done") is not None, facts.claim_of(steps, attempts, at)
    return MissingPupil(
        ref=str(row.ref),
        priority=row.priority,
        instruction=listing.instruction_before_time if listing and not is_done else "",
        instruction_due_at=listing.due_at(frame.on) if listing and not is_done else None,
        days_unexplained=days_without_reason(year),
        attempts_today=len(today),
        reached=any(OUTCOMES[attempt.outcome].spoke for attempt in today),
        last_attempt_at=today[-1].at if today else None,
        sessions_missed=missed,
        sessions_possible=possible,
        is_usual_weekday=is_usual_weekday([place for place in year if place[0] < frame.on], frame.on.weekday()),
        sibling_missing=any(sibling.is_missing for sibling in known.siblings.get(row.pupil_id, ())),
        year_group=_year_number(row.year_group),
        unmarked=row.mark(half).code is None and row.mark(half).said is None,
        passed_on=facts.newest(steps, "passed_on") is not None,
        claimed_by=claim.author_name if claim else "",
    )


def _line(known: _Known, frame: DaySnapshot, row: RollRow, place: Placed, at: datetime) -> FollowUpItem:
    steps, attempts = known.steps.get(row.pupil_id, ()), known.attempts.get(row.pupil_id, ())
    contacts = known.contacts.get(row.pupil_id, ())
    today = [attempt for attempt in attempts if attempt.is_on(frame.on)]
    newest_step = max((step.id for step in steps), default=0)
    newest_entry = max((attempt.entry_id for attempt in attempts), default=0)
    return FollowUpItem(
        position=place.position,
        pupil_id=row.pupil_id,
        enrolment_id=row.enrolment_id,
        ref=row.ref,
        name=row.name,
        form=row.form,
        year_group=row.year_group,
        priority=row.priority,
        am=row.am.code or "",
        pm=row.pm.code or "",
        because=place.because,
        instruction=place.instruction,
        instruction_due_at=place.pupil.instruction_due_at,
        instruction_done=facts.newest(steps, "instruction_done"),
        days=place.pupil.days_unexplained,
        missed=place.pupil.sessions_missed,
        possible=place.pupil.sessions_possible,
        siblings=tuple(known.siblings.get(row.pupil_id, ())),
        contacts=tuple(contacts),
        attempts=tuple(attempts),
        attempts_today=len(today),
        is_reached=place.pupil.reached,
        next=next_of(contacts, today, at),
        claim=facts.claim_of(steps, attempts, at),
        passed_on=facts.newest(steps, "passed_on"),
        explanation=facts.newest(steps, "explained"),
        remark=facts.newest(steps, "remark"),
        open_sessions=_open_sessions(known.years.get(row.pupil_id, ()), frame.on),
        seen=SeenVersion(newest_step, newest_entry, row.version),
        newest_sentence=_newest(steps, today),
    )


def _open_sessions(year: Sequence[tuple[date, Half, str | None]], on: date) -> tuple[tuple[date, Half, str], ...]:
    days = sorted({day for day, _, _ in year})[-LOOK_BACK_DAYS:]
    return tuple(
        (day, half, code or "")
        for day, half, code in year
        if (day == on and code in (None, "N", "O")) or (days and day >= days[0] and code == "N")
    )


_STEP_WORDS = {
    "working": "is calling now",
    "released": "is no longer dealing with this",
    "accounted": "accounted for the pupil",
    "not_accounted": "says the pupil is not accounted for",
    "passed_on": "passed this on",
    "explained": "wrote why this is still open",
    "instruction_done": "carried out the instruction",
    "remark": "added a note",
    "set_off": "recorded that a visitor has set off",
    "back": "recorded that the visitor is back",
}


def _newest(steps: Sequence[DayStep], today: Sequence[AttemptLine]) -> str:
    step, attempt = steps[-1] if steps else None, today[-1] if today else None
    if attempt and (step is None or attempt.at >= step.at):
        return f"{attempt.by}, {_clock(attempt.at)}: {attempt.said}"
    if step is None:
        return ""
    return f"{step.author_name} {_STEP_WORDS[step.kind]} ({_clock(step.at)})"


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M}"


def _year_number(year_group: str) -> int:
    """National curriculum year as a number: reception 0, nursery -1; unknown values sort last."""
    text = year_group.strip().upper().removeprefix("YEAR").strip()
    if text.isdecimal():
        return int(text)
    return {"R": 0, "RECEPTION": 0, "N": -1, "N1": -2, "N2": -1, "NURSERY": -1}.get(text, 99)
