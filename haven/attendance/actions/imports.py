"""Taking an import of marks back, as amendments: nothing that was entered is ever wiped out.

A mark goes back to what stood there before the import, and to an empty place where the import entered it first. A mark that somebody
changed after the import is left as it is.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from haven.access.viewer import Viewer
from haven.attendance.calendars import key_of, versions_of
from haven.attendance.models import MarkAmendment, RegisterTake, Sheet
from haven.attendance.pulse import raise_pulse
from haven.attendance.storage import OpenYear, Why, open_year, write
from haven.audit.actions import action, note
from haven.rules.attendance_codes import MISSING

Place = tuple[int, int]
"""Sheet id, session key."""


@dataclass(frozen=True, slots=True)
class Undone:
    """Marks that went back to what they were, and marks left alone because somebody changed them since."""

    changed: int = 0
    left: int = 0


@action
def undo_import(*, by: Viewer, at: datetime, import_ref: UUID, reason: str = "") -> Undone:
    """Undo an import of marks as new amendments; returns the counts. A second time it changes nothing. Unknown reference: zeros.

    Only what the viewer may see and write is undone. Raises Refused as `take_marks` does.
    """
    sheet_ids = set(RegisterTake.objects.filter(import_ref=import_ref).values_list("sheet_id", flat=True))
    sheet_ids |= set(MarkAmendment.objects.filter(import_ref=import_ref).values_list("sheet_id", flat=True))
    by_year: dict[tuple[int, str], list[int]] = defaultdict(list)
    for school_id, year, enrolment_id in Sheet.objects.filter(id__in=sheet_ids).values_list(
        "school_id", "year", "enrolment_id"
    ):
        by_year[school_id, year].append(enrolment_id)
    total, pupils = Undone(), set()
    for (school_id, year), enrolment_ids in sorted(by_year.items()):
        opened = open_year(by=by, at=at, school_id=school_id, year=year, enrolment_ids=enrolment_ids)
        undone = _undo(by, at, opened, import_ref, reason)
        total = Undone(total.changed + undone.changed, total.left + undone.left)
        pupils |= {sheet.pupil_id for sheet in opened.sheets.values()}
        raise_pulse(school_id)
    schools = {school_id for school_id, _ in by_year}
    note(
        by=by, at=at, verb="attendance.undo_import", about=("import", import_ref), reason=reason,
        school_id=schools.pop() if len(schools) == 1 else None, pupil_ids=sorted(pupils),
        detail={"changed": total.changed, "left": total.left},
    )  # fmt: skip
    return total


def _undo(by: Viewer, at: datetime, opened: OpenYear, import_ref: UUID, reason: str) -> Undone:
    enrolments = {sheet.id: enrolment_id for enrolment_id, sheet in opened.sheets.items()}
    back, left = _what_stood_before(opened, list(enrolments), import_ref)
    on_calendar = set(opened.calendar.sessions)
    marks = [(enrolments[sheet_id], key, was) for (sheet_id, key), was in back.items() if key in on_calendar]
    why = Why("undo", f"Import undone{f': {reason.strip()}' if reason.strip() else ''}")
    counts = write(by=by, at=at, year=opened, proposed=opened.propose(marks), why=why)
    return Undone(counts.amended + counts.taken, left)


def _what_stood_before(opened: OpenYear, sheet_ids: Iterable[int], import_ref: UUID) -> tuple[dict[Place, str], int]:
    """For each place on which the import had the last word, the code before it; and how many places have a later word."""
    ids = list(sheet_ids)
    touched: dict[Place, str] = dict.fromkeys(_taken(opened, ids, import_ref), "")
    last: dict[Place, UUID | None] = dict.fromkeys(touched, import_ref)
    rows = MarkAmendment.objects.filter(sheet_id__in=ids).order_by("id")
    for sheet_id, on, half, original, ref in rows.values_list("sheet_id", "on", "half", "original", "import_ref"):
        place = (sheet_id, key_of(on, half))
        if ref == import_ref and last.get(place) != import_ref:
            touched[place] = original
        last[place] = ref
    back = {place: was for place, was in touched.items() if last[place] == import_ref}
    return back, len(touched) - len(back)


def _taken(opened: OpenYear, sheet_ids: list[int], import_ref: UUID) -> Iterable[Place]:
    calendars = versions_of(opened.school_id, opened.year)
    rows = RegisterTake.objects.filter(sheet_id__in=sheet_ids, import_ref=import_ref)
    for sheet_id, calendar_id, first, codes in rows.values_list("sheet_id", "calendar_id", "first", "codes"):
        keys = calendars[calendar_id].sessions[first : first + len(codes)]
        yield from ((sheet_id, key) for key, byte in zip(keys, bytes(codes), strict=True) if byte != MISSING)
