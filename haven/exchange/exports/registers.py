"""The pupils and the marks of a school as rows of files that `haven import` accepts.

Pupils: those on roll on a day, with their current class, details, statuses and contacts. Marks: the long form, one line for each mark of
an academic year. Rows are generated one by one, so that a year needs no more memory than its registers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import Any

from haven.attendance.registers.models import MarkNote, Sheet
from haven.core.people.definition_keys import EHCP, FSM, SEN_SUPPORT
from haven.core.people.models import Contact, Enrolment, Placement, Pupil, PupilDetail, Status
from haven.core.people.queries import upns_of
from haven.platform.dated import in_force, on_roll
from haven.rules.attendance_codes import MISSING, from_byte
from haven.rules.sessions import session_of

MARKS = ("upn", "date", "session", "code", "minutes_late", "comment")
PUPILS = (
    "upn", "surname", "forename", "middle_names", "preferred_surname", "preferred_forename", "dob", "sex", "year_group",
    "registration_group", "start_date", "leave_date", "enrolment", "sen", "fsm", "ethnicity", "first_language",
    "address_line_1", "address_line_2", "address_line_3", "postcode",
)  # fmt: skip
CONTACT = {
    "name": "name", "relationship": "relationship", "phone": "telephone", "email": "email", "priority": "priority",
    "parental_responsibility": "parental_responsibility", "safe_to_contact": "safe_to_contact",
    "lives_with_pupil": "lives_with_pupil", "language": "language", "interpreter": "needs_interpreter",
}  # fmt: skip
ENROLMENTS = {"single": "C", "main": "M", "subsidiary": "S", "guest": "G"}
Line = dict[str, str]


def marks_of(*, school_id: int, year: str) -> Iterator[Line]:
    """Every mark of a year by register and session, in the columns of MARKS. Pupils without a UPN are left out; without marks there are no
    lines."""
    sheets = Sheet.objects.filter(school_id=school_id, year=year).select_related("calendar").order_by("id")
    pupil_ids = sheets.values_list("pupil_id", flat=True)
    upns = upns_of(school_id=school_id, pupil_ids=list(pupil_ids))
    notes: dict[tuple[int, date, str], tuple[int | None, str]] = {}
    rows = MarkNote.objects.filter(sheet__school_id=school_id, sheet__year=year).order_by("id")
    for sheet_id, on, half, minutes, comment in rows.values_list("sheet_id", "on", "half", "minutes_late", "comment"):
        notes[sheet_id, on, half] = minutes, comment
    calendars: dict[int, list[Any]] = {}
    for sheet in sheets.iterator(chunk_size=500):
        if sheet.pupil_id not in upns:
            continue
        sessions = calendars.setdefault(sheet.calendar_id, [session_of(key) for key in sheet.calendar.sessions])
        for byte, session in zip(bytes(sheet.marks), sessions, strict=True):
            if byte == MISSING:
                continue
            minutes, comment = notes.get((sheet.id, session.on, session.half.value), (None, ""))
            yield {
                "upn": upns[sheet.pupil_id], "date": session.on.isoformat(), "session": session.half.value,
                "code": from_byte(byte) or "", "minutes_late": _text(minutes), "comment": comment,
            }  # fmt: skip


def pupil_columns(lines: list[Line]) -> list[str]:
    """The columns of a file of pupils, with as many contacts as the pupil with the most contacts has."""
    most = next(number for number in count() if not any(f"contact{number + 1}_name" in line for line in lines))
    return [*PUPILS, *(f"contact{number}_{field}" for number in range(1, most + 1) for field in CONTACT)]


def pupils_of(*, school_id: int, on: date, year: str) -> list[Line]:
    """The pupils on roll at a school on a day, by surname, in the columns of `pupil_columns`. Without pupils: an empty list."""
    enrolments = {
        row.pupil_id: row for row in Enrolment.objects.filter(on_roll(on), school_id=school_id).order_by("id")
    }
    where: dict[str, Any] = {"school_id": school_id, "pupil_id__in": list(enrolments)}
    placements = {
        row.enrolment_id: row
        for row in Placement.objects.filter(**where, year=year).select_related("group").order_by("begins_on", "id")
    }
    details = {row.pupil_id: row for row in PupilDetail.objects.filter(**where).order_by("id")}
    statuses: dict[int, set[str]] = defaultdict(set)
    for pupil_id, kind in Status.objects.filter(in_force(on), **where).values_list("pupil_id", "kind"):
        statuses[pupil_id].add(kind)
    contacts: dict[int, list[Contact]] = defaultdict(list)
    for contact in Contact.objects.filter(in_force(on), **where).order_by("priority", "id"):
        contacts[contact.pupil_id].append(contact)
    upns = upns_of(school_id=school_id, pupil_ids=list(enrolments))
    pupils = Pupil.objects.filter(id__in=list(enrolments)).order_by("surname_key", "forename_key", "id")
    return [
        {
            **_names(pupil, upns.get(pupil.id, "")),
            **_enrolled(enrolments[pupil.id], placements.get(enrolments[pupil.id].id)),
            **_known(details.get(pupil.id), statuses[pupil.id]),
            **_contacts(contacts[pupil.id]),
        }
        for pupil in pupils
    ]


def _names(pupil: Pupil, upn: str) -> Line:
    keys = ("surname", "forename", "middle_names", "preferred_surname", "preferred_forename", "sex")
    return {"upn": upn, "dob": _text(pupil.born_on), **{key: getattr(pupil, key) for key in keys}}


def _enrolled(enrolment: Enrolment, placement: Placement | None) -> Line:
    return {
        "start_date": _text(enrolment.begins_on), "leave_date": _text(enrolment.ends_on),
        "enrolment": ENROLMENTS[enrolment.kind], "year_group": placement.year_group if placement else "",
        "registration_group": placement.group.name if placement and placement.group else "",
    }  # fmt: skip


def _known(detail: PupilDetail | None, held: set[str]) -> Line:
    line = {"sen": "E" if EHCP in held else "K" if SEN_SUPPORT in held else "", "fsm": "Y" if FSM in held else ""}
    if detail is None:
        return line
    first, second, *rest = [*detail.address.split("\n"), "", ""]
    return {
        **line, "ethnicity": detail.ethnicity, "first_language": detail.first_language, "postcode": detail.postcode,
        "address_line_1": first, "address_line_2": second, "address_line_3": ", ".join(filter(None, rest)),
    }  # fmt: skip


def _contacts(contacts: list[Contact]) -> Line:
    return {
        f"contact{number}_{field}": _text(getattr(contact, column))
        for number, contact in enumerate(contacts, start=1)
        for field, column in CONTACT.items()
    }


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Y" if value else "N"
    return value.isoformat() if isinstance(value, date) else str(value)
