"""Registers as the application role: initial entries, changes, undo, and rebuilding the register rows."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, transaction

from haven.attendance.calendar.actions import change_calendar
from haven.attendance.planned_absence.actions import plan_absence, withdraw_plan
from haven.attendance.registers.actions.corrections import Wrong, decide_correction, propose_correction
from haven.attendance.registers.actions.imports import Undone, undo_import
from haven.attendance.registers.actions.registers import Clash, Entered, ensure_sheets, note_marks, save_register
from haven.attendance.registers.editor import Counts
from haven.attendance.registers.errors import MarkChanged
from haven.attendance.registers.models import InitialEntry, MarkAmendment, MarkNote, PlannedAbsence, Sheet
from haven.attendance.registers.queries.days import marks_of_day, missing_registers
from haven.attendance.registers.queries.marks import history_of_mark
from haven.attendance.registers.queries.worklists import unexplained_older_than
from haven.platform.audit.models import AuditEvent
from haven.platform.errors import ActionRejected
from haven.platform.row_security.context import access_context
from haven.rules.attendance_codes import UnknownCode
from haven.rules.sessions import Half, session_key
from tests.factories.registers import AT, MONDAY, YEAR, SchoolData, amend, build_school, enrol, key, marks_of, take
from tests.support.database_owner import owner


@pytest.fixture
def school_data(db: None) -> SchoolData:
    return build_school()


def test_the_first_entry_is_a_take_and_a_change_an_amendment_with_everything_the_law_asks(
    school_data: SchoolData,
) -> None:
    assert take(school_data, [(0, key(0), "N"), (1, key(0), "/")]) == Counts(taken=2)
    assert amend(school_data, 0, (0, "AM"), "I", minutes_late=None).original == "N"
    assert marks_of(school_data, 0).startswith("I.")
    with access_context(school_data.users["officer"].id):
        row = MarkAmendment.objects.get()
        assert (row.original, row.amended, row.reason) == ("N", "I", "mother rang")
        assert (row.author_name, row.author_role, row.amended_at) == ("Officer", "Attendance officer", AT)
        sheet = Sheet.objects.get(enrolment=school_data.enrolments[0])
        events = history_of_mark(sheet=sheet, on=MONDAY, half=Half.AM)
        assert [(event.kind, event.original, event.amended, event.by) for event in events] == [
            ("taken", "", "N", "Officer"),
            ("amended", "N", "I", "Officer"),
        ]


def test_the_same_marks_twice_change_nothing(school_data: SchoolData) -> None:
    marks = [(number, key(day, half), "/") for number in range(3) for day in range(5) for half in ("AM", "PM")]
    assert take(school_data, marks) == Counts(taken=30)
    assert take(school_data, marks) == Counts(unchanged=30)
    with owner():
        assert (InitialEntry.objects.count(), MarkAmendment.objects.count()) == (3, 0)


def test_a_run_of_marks_is_one_row_of_what_was_entered(school_data: SchoolData) -> None:
    take(school_data, [(0, key(0), "/"), (0, key(1), "C2")])
    with owner():
        assert bytes(InitialEntry.objects.get().codes) == b"/.c"


def test_a_file_that_changes_a_mark_is_the_reason(school_data: SchoolData) -> None:
    ref = uuid.uuid4()
    take(school_data, [(0, key(0), "N")])
    assert take(school_data, [(0, key(0), "I")], source="marks.csv", import_ref=ref) == Counts(amended=1)
    with owner():
        row = MarkAmendment.objects.get()
        assert (row.reason, row.import_ref) == ("marks.csv", ref)


@pytest.mark.parametrize(
    ("marks", "sentence"),
    [
        ([(0, key(5), "/")], "no session on 10 January 2026, AM"),
        ([(0, key(0), "/"), (0, key(0), "N")], "Two different codes"),
        ([(0, key(0), "H")], "withdrawn"),
        ([(0, key(0), "q")], "not an attendance code"),
    ],
)
def test_bad_marks_are_refused_with_a_sentence_and_nothing_is_kept(
    school_data: SchoolData, marks: list[tuple[int, int, str]], sentence: str
) -> None:
    with pytest.raises((ActionRejected, UnknownCode), match=sentence):
        take(school_data, [(1, key(0), "/"), *marks])
    with owner():
        assert (Sheet.objects.count(), InitialEntry.objects.count()) == (0, 0)


def test_a_mark_outside_the_time_on_roll_is_refused(school_data: SchoolData) -> None:
    with owner():
        school_data.enrolments.append(
            enrol(school_data, 50, school_data.groups["8 Kestrel"], begins_on=MONDAY + timedelta(days=2))
        )
    with pytest.raises(ActionRejected, match="on roll"):
        take(school_data, [(6, key(1), "/")])
    assert take(school_data, [(6, key(2), "/")]) == Counts(taken=1)


def test_a_tutor_writes_for_the_own_class_alone(school_data: SchoolData) -> None:
    assert take(school_data, [(0, key(0), "/")], who="kestrel") == Counts(taken=1)
    with pytest.raises((ActionRejected, ProgrammingError)):
        take(school_data, [(1, key(0), "/")], who="kestrel")
    with access_context(school_data.users["kestrel"].id):
        seen = marks_of_day(school_id=school_data.school.id, on=MONDAY)
        assert {row.group for row in seen} == {"8 Kestrel"} and len(seen) == 3


def test_a_mark_that_is_no_longer_what_was_seen_is_left_alone(school_data: SchoolData) -> None:
    take(school_data, [(0, key(0), "N")])
    amend(school_data, 0, (0, "AM"), "I", expected="N")
    with pytest.raises(MarkChanged, match="It is now I"):
        amend(school_data, 0, (0, "AM"), "O", expected="N")
    assert marks_of(school_data, 0).startswith("I")


def test_two_pages_of_one_register_keep_each_others_marks(school_data: SchoolData) -> None:
    def save(who: str, *cells: tuple[int, str, str], reason: str = "") -> Any:
        with access_context(school_data.users[who].id):
            return save_register(
                by=school_data.viewer(who), at=AT, school_id=school_data.school.id, year=YEAR, reason=reason,
                cells=[Entered(school_data.enrolments[n].id, key(0), symbol, seen) for n, symbol, seen in cells],
            )  # fmt: skip

    assert save("officer", (0, "/", ""), (2, "N", ""), (4, "", "")).counts == Counts(taken=2)
    saved = save("kestrel", (0, "/", ""), (2, "/", ""), (4, "/", ""))
    assert saved.counts == Counts(taken=1, unchanged=1)
    assert saved.clashes == (Clash(school_data.enrolments[2].id, key(0), "/", "N"),)
    with pytest.raises(ActionRejected, match="Give a reason"):
        save("kestrel", (2, "/", "N"))
    assert save("kestrel", (2, "L", "N"), reason="came in at 9").counts == Counts(amended=1)
    assert [marks_of(school_data, number)[0] for number in (0, 2, 4)] == ["/", "L", "/"]


def test_minutes_late_stand_beside_the_mark_once(school_data: SchoolData) -> None:
    notes = [(school_data.enrolments[0].id, key(0), 12, "bus")]
    with access_context(school_data.users["officer"].id):
        for new in (1, 0):
            viewer = school_data.viewer("officer")
            assert note_marks(by=viewer, at=AT, school_id=school_data.school.id, year=YEAR, notes=notes) == new
        amend(school_data, 0, (0, "AM"), "L", minutes_late=15)
        assert [note.minutes_late for note in MarkNote.objects.order_by("id")] == [12, 15]
        assert marks_of_day(school_id=school_data.school.id, on=MONDAY)[0].am_minutes == 15


def test_undoing_an_import_leaves_what_others_changed_since(school_data: SchoolData) -> None:
    ref = uuid.uuid4()
    take(school_data, [(0, key(0), "N")])
    take(school_data, [(0, key(0), "I"), (0, key(1), "/"), (0, key(2), "/")], source="f.csv", import_ref=ref)
    amend(school_data, 0, (2, "AM"), "M")
    with access_context(school_data.users["officer"].id):
        undone = undo_import(by=school_data.viewer("officer"), at=AT, import_ref=ref, reason="wrong week")
        assert undone == Undone(changed=2, left=1)
        assert undo_import(by=school_data.viewer("officer"), at=AT, import_ref=ref).changed == 0
    assert marks_of(school_data, 0)[:6] == "N...M."
    # A mark in an emptied place is an amendment: its initial entry stays on record.
    assert take(school_data, [(0, key(1), "/")]) == Counts(amended=1)
    assert marks_of(school_data, 0)[:6] == "N./.M."


def test_a_snow_day_lays_every_sheet_anew_and_keeps_what_stood_there(school_data: SchoolData) -> None:
    take(school_data, [(0, key(0), "/"), (0, key(1), "N"), (0, key(2), "I"), (1, key(1), "Y4")])
    sessions = [each for each in school_data.calendar.sessions if each // 2 != key(1) // 2]
    with access_context(school_data.users["head"].id):
        change: dict[str, Any] = {
            "by": school_data.viewer("head"),
            "at": AT,
            "school_id": school_data.school.id,
            "year": YEAR,
            "reason": "snow",
        }
        with pytest.raises(
            ActionRejected, match="1 marks are in sessions to be removed, the first on 6 January 2026, AM"
        ):
            change_calendar(**change, sessions=sessions)
        done = change_calendar(**change, sessions=sessions, confirm=True)
        assert (done.calendar.version, done.removed, done.marks_put_aside, done.sheets) == (2, 2, 2, 2)
        again = change_calendar(**change, sessions=sessions)
        assert again.calendar == done.calendar
    assert marks_of(school_data, 0)[:4] == "/.I."
    with access_context(school_data.users["head"].id):
        change_calendar(**change, sessions=school_data.calendar.sessions)
    assert marks_of(school_data, 0)[:6] == "/...I."


def test_a_correction_needs_a_second_person(school_data: SchoolData) -> None:
    take(school_data, [(number, key(0), "N") for number in range(3)])
    items = [Wrong(school_data.enrolments[number].id, MONDAY, Half.AM, "N") for number in range(3)]
    with access_context(school_data.users["head"].id):
        own = propose_correction(
            by=school_data.viewer("head"),
            at=AT,
            school_id=school_data.school.id,
            items=items[:1],
            code="O",
            reason="no answer",
        )
        with pytest.raises(ActionRejected, match="You prepared this"):
            decide_correction(by=school_data.viewer("head"), at=AT, ref=own.ref, approve=True)
    with access_context(school_data.users["officer"].id):
        proposed = propose_correction(
            by=school_data.viewer("officer"),
            at=AT,
            school_id=school_data.school.id,
            items=items,
            code="O",
            reason="no answer",
        )
        with pytest.raises(ActionRejected, match="approve"):
            decide_correction(by=school_data.viewer("officer"), at=AT, ref=own.ref, approve=True)
    amend(school_data, 2, (0, "AM"), "I")
    with access_context(school_data.users["head"].id):
        decided = decide_correction(by=school_data.viewer("head"), at=AT, ref=proposed.ref, approve=True)
        assert (decided.changed, decided.left) == (2, 1)
        with pytest.raises(ActionRejected, match="already"):
            decide_correction(by=school_data.viewer("head"), at=AT, ref=proposed.ref, approve=False, reason="no")
        assert MarkAmendment.objects.filter(correction_ref=proposed.ref).count() == 2
    assert [marks_of(school_data, number)[0] for number in range(3)] == ["O", "O", "I"]


def test_the_database_itself_refuses_that_one_person_proposes_and_approves(school_data: SchoolData) -> None:
    from django.db import IntegrityError

    from haven.attendance.registers.models import BulkCorrection

    with access_context(school_data.users["head"].id), pytest.raises(IntegrityError), transaction.atomic():
        own = propose_correction(
            by=school_data.viewer("head"), at=AT, school_id=school_data.school.id, code="O", reason="x",
            items=[Wrong(school_data.enrolments[0].id, MONDAY, Half.AM, "N")],
        )  # fmt: skip
        BulkCorrection.objects.filter(ref=own.ref).update(decided_by_id=school_data.users["head"].id, decided_at=AT)


def test_a_planned_absence_is_there_until_it_is_withdrawn(school_data: SchoolData) -> None:
    with access_context(school_data.users["officer"].id):
        viewer = school_data.viewer("officer")
        plan: dict[str, Any] = {
            "by": viewer,
            "at": AT,
            "enrolment_id": school_data.enrolments[0].id,
            "reason": "hospital",
        }
        for bad in ({"code": "/"}, {"code": "N"}, {"first_key": key(4)}, {"reason": " "}):
            with pytest.raises(ActionRejected):
                plan_absence(**{**plan, "first_key": key(0), "last_key": key(2, "PM"), "code": "M", **bad})
        row = plan_absence(**plan, first_key=key(0), last_key=key(2, "PM"), code="M")
        withdraw_plan(by=viewer, at=AT, ref=row.ref)
        with pytest.raises(ActionRejected, match="already withdrawn on 14 January 2026"):
            withdraw_plan(by=viewer, at=AT, ref=row.ref)
        assert PlannedAbsence.objects.get().withdrawn_by_name == "Officer"


def test_missing_registers_name_the_tutor_once_the_session_has_begun(school_data: SchoolData) -> None:
    on = AT.date()
    take(school_data, [(0, session_key(on, Half.AM), "/")])
    with access_context(school_data.users["officer"].id):
        owed = missing_registers(school_id=school_data.school.id, on=on, at=AT)
        assert [(each.group, each.half, each.tutor) for each in owed] == [("9 Osprey", Half.AM, "Osprey")]
        assert len(missing_registers(school_id=school_data.school.id, on=on, at=AT.replace(hour=14))) == 3
        assert missing_registers(school_id=school_data.school.id, on=on, at=AT.replace(hour=7)) == []


def test_n_is_listed_when_its_five_school_days_have_run_out(school_data: SchoolData) -> None:
    take(school_data, [(0, key(0), "N"), (1, key(1, "PM"), "N"), (2, key(0), "O")])
    with access_context(school_data.users["officer"].id):
        for day, found in ((4, 0), (7, 1), (8, 2)):
            rows = unexplained_older_than(school_id=school_data.school.id, on=MONDAY + timedelta(days=day))
            assert len(rows) == found
        assert [(row.half, row.school_days) for row in rows] == [(Half.AM, 6), (Half.PM, 5)]


def test_every_action_leaves_an_event_with_counts_and_no_marks(school_data: SchoolData) -> None:
    take(school_data, [(0, key(0), "N")])
    with owner():
        event = AuditEvent.objects.get()
        assert event.detail == {"taken": 1, "amended": 0, "unchanged": 0}
        assert (event.verb, event.pupil_ids) == ("attendance.take_marks", [school_data.enrolments[0].pupil_id])


def test_nothing_is_written_where_there_is_no_calendar(school_data: SchoolData) -> None:
    with (
        access_context(school_data.users["officer"].id),
        pytest.raises(ActionRejected, match="no calendar for 2024-25"),
    ):
        ensure_sheets(
            by=school_data.viewer("officer"), at=AT, school_id=school_data.school.id, year="2024-25",
            enrolment_ids=[school_data.enrolments[0].id],
        )  # fmt: skip
