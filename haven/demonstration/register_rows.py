"""Writes the registers: sheets with original marks, amendments, notes and plans."""

import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from haven.attendance.follow_up.models import DayStep
from haven.attendance.registers.models import InitialEntry, MarkAmendment, MarkNote, PlannedAbsence, Sheet
from haven.demonstration.day_end import STEP
from haven.demonstration.load import reserve, write
from haven.demonstration.morning import LONDON, Morning
from haven.demonstration.places import TIMES
from haven.demonstration.registers import Register
from haven.demonstration.rows import PUPIL_ROW, Rows
from haven.demonstration.staff import Staff
from haven.rules.attendance_codes import MISSING, from_byte, to_byte
from haven.rules.sessions import session_of

SOURCE = "demonstration"
REGISTERS = (Sheet, InitialEntry, MarkAmendment, MarkNote)
"""The tables that `RegisterRows.register` writes."""


class RegisterRows:
    """Writes registers as the account of `rows`."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    def register(self, register: Register) -> int:
        """Write sheets with their original marks, amendments and minutes late; returns the number of sheets."""
        place, year, marks = register.place, register.year, register.marks
        calendar = place.calendars[year.label]
        first = reserve(Sheet, len(register.stays))
        rows = [self.rows.row(place, stay.enrolment.child) for stay in register.stays]
        write(
            Sheet,
            ("id", *PUPIL_ROW, "enrolment_id", "year", "calendar_id", "marks"),
            (
                (first + n, *rows[n], stay.enrolment.id, year.label, calendar, marks[n].tobytes())
                for n, stay in enumerate(register.stays)
            ),
        )
        write(
            InitialEntry,
            (*PUPIL_ROW, "sheet_id", "calendar_id", "first", "codes", "source", "author_name", "taken_at"),
            self._takes(register, first, rows, calendar),
        )
        write(
            MarkAmendment,
            (*PUPIL_ROW, "sheet_id", "on", "half", "original", "amended", "reason", "author_name", "author_role", "amended_at"),
            (
                (*rows[change.row], first + change.row, *self._session(register, change.column), from_byte(change.original) or "",
                 from_byte(int(marks[change.row, change.column])) or "", change.reason, change.by.name, change.by_role, change.at)
                for change in sorted(register.amended, key=lambda change: change.at)
            ),
        )  # fmt: skip
        write(
            MarkNote,
            (*PUPIL_ROW, "sheet_id", "on", "half", "minutes_late", "comment", "author_name", "noted_at"),
            (
                (*rows[note.row], first + note.row, *self._session(register, note.column), note.minutes, note.comment, "School office",
                 self._when(register, note.column, note.minutes or 18))
                for note in register.notes
            ),
        )  # fmt: skip
        write(DayStep, STEP, self._accounted(register, rows))
        return len(register.stays)

    def _accounted(self, register: Register, rows: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        """What the families of pupils coded O said: a person was reached, so the pupil is accounted for in that session."""
        for note in register.notes:
            if register.marks[note.row, note.column] == to_byte("O"):
                on, half = self._session(register, note.column)
                pupil = register.stays[note.row].enrolment.child
                ref = uuid.uuid5(uuid.NAMESPACE_OID, f"{register.place.urn}/{pupil.upn}/{on}/{half}")
                when = self._when(register, note.column, 18)
                yield (*rows[note.row], ref, on, half, "accounted", note.comment, "School office", when)

    def _session(self, register: Register, column: int) -> tuple[date, str]:
        session = session_of(register.year.keys[column])
        return session.on, session.half.value

    def _when(self, register: Register, column: int, minutes: int) -> datetime:
        """The time so many minutes after a session began."""
        session = session_of(register.year.keys[column])
        begins = TIMES[register.place.kind][0 if column % 2 == 0 else 3]
        return datetime.combine(session.on, begins, LONDON) + timedelta(minutes=minutes)

    def _takes(
        self, register: Register, first: int, rows: list[tuple[int, int, int]], calendar: int
    ) -> Iterator[tuple[Any, ...]]:
        """The original marks, entered by the class's tutor. Unchanged sessions are stored together. A session that was
        changed later, and those of yesterday and this morning, are stored separately, so that each is older than its
        change."""
        entered = register.first_entered
        until = entered.shape[1] if register.today is None else register.today + 1
        marked = entered[:, :until] != MISSING
        begins = marked.argmax(axis=1)
        ends = until - marked[:, ::-1].argmax(axis=1)
        cuts: dict[int, set[int]] = {}
        for change in register.amended:
            cuts.setdefault(change.row, set()).update((change.column, change.column + 1))
        days = () if register.today is None else (until - 3, until - 2, until - 1)
        for n, stay in enumerate(register.stays):
            if not marked[n].any():
                continue
            tutor = stay.group.tutor.name if stay.group.tutor else "School office"
            inner = {cut for cut in (*cuts.get(n, ()), *days) if begins[n] < cut < ends[n]}
            edges = sorted({int(begins[n]), int(ends[n]), *inner})
            for start, after in pairwise(edges):
                codes = entered[n, start:after].tobytes()
                if codes.strip(b"."):
                    taken = self._when(register, after - 1, 3 + sum(stay.group.slot) % 14)
                    yield (*rows[n], first + n, calendar, start, codes, SOURCE, tutor, taken)

    def planned(self, morning: Morning, staff: Staff) -> None:
        """Write absences that the attendance officer of the school entered beforehand, on the previous afternoon."""
        before = datetime.combine(morning.yesterday or morning.on, time(8, 20), LONDON)
        write(
            PlannedAbsence,
            (*PUPIL_ROW, "ref", "first_key", "last_key", "code", "reason", "author_name", "recorded_at"),
            (
                (*self.rows.row(plan.place, plan.child), self.rows.ref(), plan.first_key, plan.last_key, plan.code, plan.reason,
                 staff.holder(plan.place, "attendance_officer").name, before)
                for plan in morning.planned
            ),
        )  # fmt: skip
