"""What each person of the demonstration sees in the demonstration, as the application role, under row-level security."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from haven.attendance.follow_up.models import DaySignOff
from haven.attendance.follow_up.queries.day import day_of
from haven.attendance.registers.models import InitialEntry, MarkAmendment, Sheet
from haven.core.people.models import Contact, Enrolment, Pupil, Status
from haven.core.records.models import Entry
from haven.core.schools.models import Calendar
from haven.core.tasks.models import Task
from haven.demonstration.people import SIGN_INS, sign_in
from haven.platform.accounts.context import AccessContext, access_context_for
from haven.platform.accounts.models import Allocation, Conflict, User
from haven.platform.row_security.context import access_context
from haven.rules.attendance_codes import to_byte
from haven.rules.sessions import Half, session_key
from haven.rules.visibility import RecordCategory
from haven.safeguarding.models import Receipt
from tests.factories.demonstration_data import AT, MORNING, demonstration
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, User]]:
    """One demonstration for all tests of this file."""
    with demonstration(django_db_blocker, pupils=600, seed=7) as people:
        yield people


def entered(key: str) -> tuple[User, AccessContext]:
    user = User.objects.get(email=sign_in(key).email)
    return user, access_context_for(user=user, on=MORNING)


def test_sheets_follow_from_what_was_entered_and_changed() -> None:
    """Takes laid one over the other, then each amendment in order, give the sheet."""
    with owner():
        keys = {calendar.id: {key: n for n, key in enumerate(calendar.sessions)} for calendar in Calendar.objects.all()}
        laid = {sheet.id: bytearray(b"." * len(bytes(sheet.marks))) for sheet in Sheet.objects.all()}
        for take in InitialEntry.objects.order_by("id"):
            for n, code in enumerate(bytes(take.codes)):
                if code != ord("."):
                    assert laid[take.sheet_id][take.first + n] == ord("."), "a session is entered first once"
                    laid[take.sheet_id][take.first + n] = code
        sheets = {sheet.id: sheet for sheet in Sheet.objects.all()}
        changes = list(MarkAmendment.objects.order_by("id"))
        assert len(changes) > 10
        for change in changes:
            place = keys[sheets[change.sheet_id].calendar_id][session_key(change.on, Half(change.half))]
            assert laid[change.sheet_id][place] == to_byte(change.original or None)
            laid[change.sheet_id][place] = to_byte(change.amended or None)
        assert all(bytes(sheet.marks) == bytes(laid[number]) for number, sheet in sheets.items())


def test_the_attendance_officer_finds_a_morning() -> None:
    user, viewer = entered("attendance_officer")
    with access_context(user.id):
        [place] = viewer.places
        day = day_of(viewer=viewer, school_id=place.school_id, on=MORNING, at=AT)
        assert day.counts.on_roll == Enrolment.objects.filter(school_id=place.school_id, ends_on=None).count()
        assert 3 <= len(day.lines) <= 25
        assert any(
            line.place.because and "Second day of unexplained absence" in "; ".join(line.place.because)
            for line in day.lines
        )
        assert {register.tutor for register in day.registers_out} >= {sign_in("form_tutor").name}
        yesterday = DaySignOff.objects.get(school_id=place.school_id)
        assert yesterday.on < MORNING and yesterday.open_lines
        assert not Entry.objects.exclude(record_category=RecordCategory.ATTENDANCE).exists()
        assert not Status.objects.filter(kind="child_protection").exists()


def test_each_person_sees_what_is_theirs_and_no_more() -> None:
    sees: dict[str, dict[str, int]] = {}
    for person in SIGN_INS:
        user, _ = entered(person.key)
        with access_context(user.id):
            sees[person.key] = {
                "pupils": Pupil.objects.count(),
                "sheets": Sheet.objects.filter(year="2025-26").count(),
                "contacts": Contact.objects.count(),
                "safeguarding": Entry.objects.filter(record_category=RecordCategory.SAFEGUARDING).count(),
                "pastoral": Entry.objects.filter(record_category=RecordCategory.PASTORAL).count(),
            }
    nothing = dict.fromkeys(sees["head"], 0)
    for key in ("governor", "trust_lead", "data_protection_officer", "system_administrator"):
        assert sees[key] == nothing, key
    for key in ("dsl", "deputy_dsl", "head"):
        assert sees[key]["safeguarding"] == 3, key
        assert sees[key]["pastoral"] > 5, key
    assert sees["pastoral_coordinator"]["pupils"] == sees["attendance_coordinator"]["pupils"] > sees["dsl"]["pupils"]
    assert sees["attendance_officer"]["sheets"] == sees["dsl"]["sheets"] > 400
    assert sees["attendance_officer"]["pastoral"] == sees["attendance_officer"]["safeguarding"] == 0
    # what one raised oneself one keeps, and nothing else behind that row policy
    assert (
        sees["teacher_parent"]["safeguarding"]
        == sees["form_tutor"]["safeguarding"]
        == sees["pupil_support_worker"]["safeguarding"]
        == 1
    )
    for key in ("family_support_worker", "pupil_support_worker", "form_tutor", "teacher_parent"):
        assert 5 <= sees[key]["sheets"] <= 40, key
    assert sees["authority_practitioner"]["pupils"] == 10


def test_the_teacher_is_shut_out_of_her_own_child() -> None:
    user, _ = entered("teacher_parent")
    with owner():
        own = set(Conflict.objects.filter(user_id=user.id, kind="parent").values_list("pupil_id", flat=True))
        taught = set(Allocation.objects.filter(user_id=user.id).values_list("pupil_id", flat=True))
        assert own & taught
        assert Contact.objects.filter(pupil_id__in=own, name=user.name).exists()
    with access_context(user.id):
        assert not Pupil.objects.filter(id__in=own).exists()
        assert not Sheet.objects.filter(pupil_id__in=own).exists()
        assert Sheet.objects.filter(pupil_id__in=taught - own).exists()


def test_concerns_stand_at_each_stage() -> None:
    user, _ = entered("dsl")
    with access_context(user.id):
        waiting = Task.objects.filter(record_category=RecordCategory.SAFEGUARDING, done_at=None)
        assert waiting.count() == 1
        assert Task.objects.filter(record_category=RecordCategory.SAFEGUARDING).count() == 3
    user, _ = entered("teacher_parent")
    with access_context(user.id):
        assert Receipt.objects.get().received_at is None


def test_nothing_was_recorded_after_the_morning() -> None:
    with owner(), connection.cursor() as cursor:
        for table, column in (
            ("records_entry", "recorded_at"), ("registers_initialentry", "taken_at"), ("registers_markamendment", "amended_at"),
            ("registers_marknote", "noted_at"), ("follow_up_daystep", "at"), ("records_acknowledgement", "recorded_at"),
        ):  # fmt: skip
            cursor.execute(f"select count(*) from {table} where {column} > %s", [AT])
            assert cursor.fetchone()[0] == 0, table


def test_a_pupil_at_the_bridge_has_marks_there_and_d_at_the_main_school() -> None:
    with owner():
        main = Enrolment.objects.filter(kind="main").first()
        assert main is not None
        other = Enrolment.objects.get(kind="subsidiary", pupil_id=main.pupil_id)
        at_main = bytes(Sheet.objects.get(enrolment=main, year="2025-26").marks)
        at_bridge = bytes(Sheet.objects.get(enrolment=other, year="2025-26").marks)
    assert at_main.count(b"D") > 10
    assert len(at_bridge.replace(b".", b"").replace(b"D", b"")) > 10
