"""Sign-offs, handover notes, reminders and late arrivals of a day.

Working together to improve school attendance: every unexplained absence has a next step. A day that was signed off and opened again is not
signed off; every sign-off is kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from haven.attendance.follow_up.day import OpenItem
from haven.attendance.follow_up.models import DaySignOff, DayStep, HandOverNote, HandOverRead
from haven.attendance.registers.models import MarkNote
from haven.attendance.task_sources import AttendanceTaskSource
from haven.core.tasks.sources import Source
from haven.platform.accounts.context import AccessContext
from haven.platform.sql_files import SqlFile

QUERIES = SqlFile(__file__)


def sign_off_of(*, school_id: int, on: date) -> DaySignOff | None:
    """The newest sign-off of a day, or None if there is none or the day was opened again."""
    row = next(iter(QUERIES.objects(DaySignOff, "newest_signing", school_id=school_id, on=on)), None)
    return row if row and row.kind == "signed_off" else None


def signings_of(*, school_id: int, on: date) -> tuple[DaySignOff | None, DaySignOff | None]:
    """The newest sign-off of a day, as in `sign_off_of`, and that of the newest earlier day that was signed off (None if there is none or
    that day was opened again)."""
    signings = list(QUERIES.objects(DaySignOff, "newest_signings", school_id=school_id, on=on))
    here = next((signing for signing in signings if signing.on == on), None)
    before = next((signing for signing in signings if signing.on != on), None)
    return (
        here if here and here.kind == "signed_off" else None,
        before if before and before.kind == "signed_off" else None,
    )


@dataclass(frozen=True)
class Explained:
    """An item that stayed open at the sign-off: who or what it is about, what happens next, who wrote it and when."""

    title: str
    words: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Ending:
    """How a day ended, limited to what the user may see. `covered`: the keys of the open items that were signed off."""

    signed: DaySignOff
    covered: frozenset[str]
    lines: tuple[Explained, ...]


def ending_of(*, school_id: int, on: date) -> Ending | None:
    """The sign-off of a day with each item that it and later ones explain; None if the day is not signed off. Items about a pupil whom the
    user may not see are left out without a trace."""
    signed = sign_off_of(school_id=school_id, on=on)
    if signed is None:
        return None
    later = DaySignOff.objects.filter(school_id=school_id, on=on, kind="rest", id__gt=signed.id).order_by("id")
    explained = [(row, item) for row in (signed, *later) for item in row.open_lines]
    steps = DayStep.objects.filter(ref__in=[item["step"] for _, item in explained if "step" in item])
    by_ref = {str(step.ref): step for step in steps.select_related("pupil")}
    lines = []
    for row, item in explained:
        step = by_ref.get(item.get("step", ""))
        if step is not None:
            lines.append(Explained(step.pupil.name, step.words, step.author_name, step.at))
        elif "register" in item:
            lines.append(Explained(f"Register of {item['register']}", item["words"], row.author_name, row.signed_at))
    return Ending(signed, frozenset(item["key"] for _, item in explained), tuple(lines))


def left_of(items: Sequence[OpenItem], ending: Ending | None) -> list[OpenItem]:
    """The open items that no sign-off covers; all of them if the day is not signed off."""
    return [item for item in items if ending is None or item.key not in ending.covered]


def sign_offs_of(*, school_id: int, on: date) -> list[DaySignOff]:
    """Every sign-off and re-opening of a day, oldest first."""
    return list(DaySignOff.objects.filter(school_id=school_id, on=on).order_by("id"))


def unread_notes(*, viewer: AccessContext, school_id: int, on: date) -> list[HandOverNote]:
    """Handover notes for this day or an earlier one that the user has neither written nor read, oldest first."""
    return QUERIES.objects(HandOverNote, "unread_notes", school_id=school_id, reader=viewer.user_id, on=on)


def notes_of(*, school_id: int, limit: int = 50) -> list[tuple[HandOverNote, list[HandOverRead]]]:
    """The newest handover notes with their readers, newest first, at most `limit`."""
    notes = list(HandOverNote.objects.filter(school_id=school_id).order_by("-for_on", "-id")[:limit])
    readers: dict[int, list[HandOverRead]] = {}
    for read in HandOverRead.objects.filter(note_id__in=[note.id for note in notes]).order_by("id"):
        readers.setdefault(read.note_id, []).append(read)
    return [(note, readers.get(note.id, [])) for note in notes]


def note_by_ref(*, ref: UUID, school_id: int) -> HandOverNote | None:
    """The handover note with this reference at a school, or None."""
    return HandOverNote.objects.filter(ref=ref, school_id=school_id).first()


def reminders_of(*, school_id: int, sources: Iterable[Source]) -> dict[str, str]:
    """The time at which each open reminder was sent, by the reference of its source (`reminders.source_of`)."""
    refs = [source.ref for source in sources]
    rows = QUERIES.rows(_Reminder, "reminders", school_id=school_id, kind=AttendanceTaskSource.REGISTER, refs=refs)
    return {row.source_ref: f"{timezone.localtime(row.recorded_at):%H:%M}" for row in rows}


class _Reminder(NamedTuple):
    source_ref: str
    recorded_at: datetime


@dataclass(frozen=True)
class LateArrival:
    """A pupil signed in at the late gate: the session, the code, the minutes, who signed them in and when."""

    name: str
    half: str
    minutes: int
    words: str
    by: str
    at: datetime


def late_arrivals(*, school_id: int, on: date) -> list[LateArrival]:
    """Pupils with recorded minutes late on that day, newest first."""
    rows = MarkNote.objects.filter(school_id=school_id, on=on, minutes_late__isnull=False).order_by("-id")
    return [
        LateArrival(row.pupil.name, row.half, row.minutes_late or 0, row.comment, row.author_name, row.noted_at)
        for row in rows.select_related("pupil")
    ]
