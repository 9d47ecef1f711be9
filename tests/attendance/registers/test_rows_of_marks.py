"""Marks entered as whole rows: the same results and errors as mark by mark, with the same exact undo."""

import uuid
from datetime import date
from typing import Any

import pytest
from django.db import ProgrammingError, transaction

from haven.attendance.calendar.actions import change_calendar
from haven.attendance.registers.actions.imports import Undone, undo_import
from haven.attendance.registers.actions.registers import take_marks, take_rows
from haven.attendance.registers.editor import Counts
from haven.attendance.registers.models import InitialEntry, MarkAmendment, Sheet
from haven.attendance.registers.rebuild import sheets_unlike_their_record
from haven.platform.audit.models import AuditEvent
from haven.platform.errors import ActionRejected
from haven.platform.row_security.context import access_context
from haven.rules.attendance_codes import MISSING, UnknownCode, from_byte, to_byte
from tests.factories.registers import AT, YEAR, SchoolData, build_school
from tests.support.database_owner import owner


@pytest.fixture
def school_data(db: None) -> SchoolData:
    return build_school()


def row_of(school_data: SchoolData, marks: dict[int, str | None]) -> bytes:
    """A row with codes at positions of the calendar, None for a mark to remove."""
    row = bytearray(len(school_data.calendar.sessions))
    for place, symbol in marks.items():
        row[place] = to_byte(symbol)
    return bytes(row)


def take(school_data: SchoolData, rows: dict[int, bytes], who: str = "officer", **more: Any) -> Counts:
    """Enter `rows` by the pupil's number in the fixture."""
    named = {school_data.enrolments[number].id: row for number, row in rows.items()}
    with access_context(school_data.users[who].id):
        return take_rows(
            by=school_data.viewer(who),
            at=AT,
            school_id=school_data.school.id,
            year=YEAR,
            rows=named,
            source="file",
            **more,
        )


def kept(school_data: SchoolData) -> tuple[list[str], list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    with owner():
        sheets = ["".join(chr(byte) for byte in bytes(marks)) for marks in
                  Sheet.objects.filter(school=school_data.school).order_by("enrolment_id").values_list("marks", flat=True)]  # fmt: skip
        takes = [(first, bytes(codes), ref) for first, codes, ref in
                 InitialEntry.objects.filter(school=school_data.school).order_by("id").values_list("first", "codes", "import_ref")]  # fmt: skip
        fields = ("pupil_id", "on", "half", "original", "amended", "reason", "author_name", "author_role")
        amendments = list(MarkAmendment.objects.filter(school=school_data.school).order_by("id").values_list(*fields))
        assert sheets_unlike_their_record([school_data.school.id]) == []
    return sheets, takes, amendments


@pytest.mark.django_db
def test_rows_and_single_marks_leave_the_same_registers() -> None:
    by_rows, by_marks = build_school(), build_school(urn=900002)
    batches: list[dict[int, dict[int, str | None]]] = [
        {0: {0: "/", 1: "\\", 5: "N"}, 1: {0: "I", 9: "I"}},
        {0: {5: "O"}, 1: {0: "I", 9: None}, 2: {3: "\\"}},
        {1: {9: "L"}, 2: {3: "\\"}},
    ]
    found = []
    for batch in batches:
        rows = {number: row_of(by_rows, marks) for number, marks in batch.items()}
        listed = [
            (by_marks.enrolments[number].id, by_marks.calendar.sessions[place], symbol)
            for number, marks in batch.items() for place, symbol in marks.items()
        ]  # fmt: skip
        one = take(by_rows, rows, reason="Because")
        with access_context(by_marks.users["officer"].id):
            other = take_marks(
                by=by_marks.viewer("officer"), at=AT, school_id=by_marks.school.id, year=YEAR, marks=listed,
                source="file", reason="Because",
            )  # fmt: skip
        found.append((one, other))
    assert found == [(Counts(5, 0, 0),) * 2, (Counts(1, 2, 1),) * 2, (Counts(0, 1, 1),) * 2]
    sheets, takes, amendments = kept(by_rows)
    others = kept(by_marks)
    assert (sheets, takes) == others[:2]
    assert [row[1:] for row in amendments] == [row[1:] for row in others[2]]
    assert [row[3:5] for row in amendments] == [("N", "O"), ("I", ""), ("", "L")]


def test_a_row_that_cannot_be_is_refused_and_nothing_is_kept(school_data: SchoolData) -> None:
    with owner():
        school_data.enrolments[1].begins_on = date(2026, 1, 6)
        school_data.enrolments[1].save()
    good = row_of(school_data, {4: "/"})
    bad: list[tuple[dict[int, bytes], type[Exception], str]] = [
        ({0: good, 1: row_of(school_data, {0: "/"})}, ActionRejected, "before the first or after the last day"),
        ({0: good[:-1]}, ActionRejected, "calendar of the school was changed"),
        ({0: row_of(school_data, {2: "H"})}, UnknownCode, "withdrawn"),
        ({0: bytes([1]) + good[1:]}, UnknownCode, "not an attendance code"),
    ]
    for rows, kind, why in bad:
        with pytest.raises(kind, match=why):
            take(school_data, rows)
    assert kept(school_data) == ([], [], [])
    assert take(school_data, {0: good}) == Counts(1, 0, 0) and take(school_data, {}) == Counts()


def test_a_tutor_writes_rows_for_the_own_class_alone(school_data: SchoolData) -> None:
    assert take(school_data, {0: row_of(school_data, {0: "/"})}, who="kestrel") == Counts(1, 0, 0)
    with pytest.raises((ActionRejected, ProgrammingError)), transaction.atomic():
        take(school_data, {0: row_of(school_data, {1: "\\"}), 1: row_of(school_data, {0: "/"})}, who="kestrel")
    assert len(kept(school_data)[1]) == 1


def test_one_event_a_call_with_counts_and_every_pupil(school_data: SchoolData) -> None:
    ref = uuid.uuid4()
    take(school_data, {0: row_of(school_data, {0: "/"}), 1: row_of(school_data, {0: "/"})}, import_ref=ref)
    with owner():
        event = AuditEvent.objects.get(verb="attendance.take_marks")
        assert event.detail == {"taken": 2, "amended": 0, "unchanged": 0} and event.about_ref == str(ref)
        assert event.pupil_ids == sorted(enrolment.pupil_id for enrolment in school_data.enrolments[:2])


def test_an_import_of_rows_is_taken_back_also_after_the_calendar_changed(school_data: SchoolData) -> None:
    ref, keys = uuid.uuid4(), school_data.calendar.sessions
    take(school_data, {0: row_of(school_data, {0: "N", 1: "N", 6: "/"}), 1: row_of(school_data, {0: "I"})})
    take(school_data, {0: row_of(school_data, {0: "I", 1: "I", 6: "/", 8: "B"})}, import_ref=ref)
    take(school_data, {0: row_of(school_data, {1: "M"})})
    with access_context(school_data.users["head"].id):
        change_calendar(
            by=school_data.viewer("head"), at=AT, school_id=school_data.school.id, year=YEAR, sessions=[*keys[:4], *keys[6:]],
            reason="Snow", confirm=True,
        )  # fmt: skip
    with access_context(school_data.users["officer"].id):
        undone = undo_import(by=school_data.viewer("officer"), at=AT, import_ref=ref, reason="wrong file")
        again = undo_import(by=school_data.viewer("officer"), at=AT, import_ref=ref, reason="wrong file")
    assert (undone, again) == (Undone(2, 1), Undone(0, 3))
    sheets, _, amendments = kept(school_data)
    assert [from_byte(ord(sheets[0][place])) for place in (0, 1, 4, 6)] == ["N", "M", "/", None]
    assert chr(MISSING) == sheets[0][6] and [row[3:6] for row in amendments[-2:]] == [
        ("I", "N", "Import undone: wrong file"), ("B", "", "Import undone: wrong file"),
    ]  # fmt: skip
