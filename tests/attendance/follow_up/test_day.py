"""The follow-up list and its actions, as the application role under the row policies."""

from datetime import UTC, date, datetime, time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from haven.attendance.follow_up.items import SeenVersion
from haven.attendance.follow_up.queries.day import day_of, not_accounted_for
from haven.attendance.registers.models import Sheet
from haven.core.people.models import VulnerableListing
from haven.core.people.queries import listing_of_pupil
from haven.platform.accounts.context import system_context
from haven.platform.row_security.context import access_context
from haven.rules.contact_ladder import Action
from haven.rules.sessions import Half
from haven.rules.whereabouts import Whereabouts
from tests.factories.morning import (
    AT,
    LATER,
    ON,
    Morning,
    allocate,
    build_school,
    conflicted,
    line,
    look,
    names,
    set_mark,
)
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def morning() -> Morning:
    return build_school()


def test_counts_add_up_and_the_list_is_in_order(morning: Morning) -> None:
    day = look(morning)
    counts = day.counts
    assert counts.as_dict() == {
        "on_roll": 12, "here": 1, "elsewhere": 1, "reason": 1, "missing": 3, "waiting": 6, "not_expected": 0
    }  # fmt: skip
    assert day.half is Half.AM and day.registers_in == 1
    assert [register.form for register in day.registers_out] == ["9 Osprey"]
    assert day.registers_out[0].tutor == "Osprey" and not day.registers_out[0].is_late
    assert names(day) == ["Pupil000", "Pupil002", "Pupil006"]


def test_a_line_says_why_and_what_next_and_never_the_reason_behind(morning: Morning) -> None:
    first = line(morning, 0)
    assert first.place.because[:4] == (
        "An instruction is due at 10:00",
        "On the vulnerable pupils list: find first",
        "Second day of unexplained absence",
        "No contact attempts yet",
    )
    assert first.place.instruction == "Ring the social worker before 10:00."
    assert (first.place.pupil.days_unexplained, first.place.pupil.sessions_missed) == (2, 3)
    assert first.next.action is Action.CALL
    assert first.next.sentence.startswith("Mother of Pupil000, mother, 020 7946")
    assert [(each.name, each.school_name, each.is_missing) for each in first.siblings] == [
        ("Pupil000 O'Brien-Ñandú <script>", "Larkfield Academy", True)
    ]
    assert "A brother or sister is also missing" in first.place.because


def test_a_tutor_sees_her_class_alone_and_a_worker_the_caseload(morning: Morning) -> None:
    tutor = look(morning, "kestrel")
    assert tutor.counts.on_roll == 6 and names(tutor) == ["Pupil000", "Pupil002", "Pupil006"]
    assert not tutor.is_whole_school
    allocate(morning, "worker", 6)
    worker = look(morning, "worker")
    assert worker.counts.on_roll == 1
    assert names(worker) == [
        "Pupil006"
    ]  # no mark, although the marks of others show that the register of the class is in
    assert look(morning, "teacher").counts.on_roll == 0
    assert look(morning, "governor").counts.on_roll == 0


def test_who_is_shut_out_of_a_child_finds_no_trace_of_it(morning: Morning) -> None:
    conflicted(morning, "lead", 0)
    day = look(morning, "lead")
    assert names(day) == ["Pupil002", "Pupil006"]
    assert day.counts.on_roll == 11
    assert [each.pupil.name.split()[0] for each in day.listed] == ["Pupil008"]


def test_the_banner_counts_what_the_list_counts(morning: Morning) -> None:
    allocate(morning, "worker", 6)
    for name in ("officer", "kestrel", "lead", "worker"):
        viewer = morning.viewer(name)
        with access_context(viewer.user_id), CaptureQueriesContext(connection) as asked:
            found = not_accounted_for(viewer=viewer, school_id=morning.school_id, on=ON, at=AT)
        assert found == len(look(morning, name).lines)
        assert len(asked) <= 2


def test_queries_do_not_grow_with_the_list(morning: Morning) -> None:
    viewer = morning.viewer("officer")

    def asked() -> int:
        with access_context(viewer.user_id), CaptureQueriesContext(connection) as queries:
            day_of(viewer=viewer, school_id=morning.school_id, on=ON, at=AT)
        return len(queries)

    before = asked()
    for number in range(1, 12, 2):
        set_mark(morning, number, Half.AM, "N")
    assert len(look(morning).lines) == 9
    assert asked() == before <= 14


def test_half_a_day_later_the_morning_is_remembered(morning: Morning) -> None:
    at = datetime(2026, 1, 14, 13, 5, tzinfo=UTC)
    set_mark(morning, 2, Half.PM, "\\")
    day = look(morning, at=at)
    assert day.half is Half.PM
    assert names(day)[0] == "Pupil000"  # no mark yet this afternoon, and missing in the morning
    assert "Pupil002" not in names(day)  # here now


def test_a_vulnerable_pupil_is_not_waited_for_once_the_register_closed(morning: Morning) -> None:
    with owner():
        VulnerableListing.objects.filter(pupil=morning.pupils[8]).update(pupil_id=morning.pupils[9].id)
    assert "Pupil009" not in names(look(morning))
    assert "Pupil009" in names(look(morning, at=LATER))


def test_todays_list_and_the_pupils_page_give_the_same_instruction(morning: Morning) -> None:
    pupil, officer = morning.pupils[8], morning.viewer("officer")
    more = (
        (1, "Tell the head of year.", time(9, 30)), (2, "Ring the grandmother", None), (2, "Tell the head of year", None),
        (1, "", time(9, 0)),
    )  # fmt: skip
    with owner():
        line = VulnerableListing.objects.get(pupil=pupil)
        VulnerableListing.objects.filter(id=line.id).update(instruction="Go to the home.", instruction_due=time(10, 0))
        for priority, instruction, due in more:
            VulnerableListing.objects.create(
                school_id=line.school_id, author_id=line.author_id, pupil=pupil, begins_on=line.begins_on,
                priority=priority, instruction=instruction, instruction_due=due,
            )  # fmt: skip
    today = next(each for each in look(morning).listed if each.pupil.pupil_id == pupil.id)
    with access_context(officer.user_id):
        page = listing_of_pupil(school_id=morning.school_id, pupil_id=pupil.id, on=AT.date())
    assert page is not None
    assert page.instruction == "Tell the head of year. Go to the home. Ring the grandmother."
    assert f"{today.instruction}." == page.instruction
    assert page.due == time(9, 30) and today.instruction_due_at == datetime(2026, 1, 14, 9, 30, tzinfo=UTC)
    assert page.priority == today.listing.priority == 2
    assert len(page.refs) == 5


def test_no_school_no_list(morning: Morning) -> None:
    viewer = morning.viewer("officer")
    with access_context(viewer.user_id):
        day = day_of(viewer=viewer, school_id=morning.school_id, on=date(2026, 1, 17), at=AT)
    assert not day.is_open and day.lines == () and day.counts.on_roll == 0


def test_haven_itself_sees_the_same(morning: Morning) -> None:
    with system_context(on=ON) as viewer:
        day = day_of(viewer=viewer, school_id=morning.school_id, on=ON, at=AT)
    assert names(day) == names(look(morning))


def test_seen_reads_back_what_it_writes_and_nothing_else() -> None:
    assert SeenVersion.read(str(SeenVersion(1, 22, 3))) == SeenVersion(1, 22, 3)
    for text in ("", "1.2", "a.b.c", "1.2.3.4", "-1.2.3", "9" * 40 + ".1.1"):
        assert SeenVersion.read(text) is None


def test_the_sum_of_the_boxes_is_the_roll_whatever_the_marks(morning: Morning) -> None:
    for code in ("N", "O", "U", "D", "#", "X", "G", None, "L", "Y1"):
        set_mark(morning, 10, Half.AM, code)
        counts = look(morning).counts.as_dict()
        assert counts.pop("on_roll") == sum(counts.values()) == 12


def test_a_stale_calendar_still_finds_the_mark(morning: Morning) -> None:
    from haven.core.schools.models import Calendar

    with owner():
        old = morning.school_data.calendar
        Calendar.objects.create(
            school=morning.school_data.school,
            year=old.year,
            version=2,
            sessions=old.sessions[4:],
            made_at=AT,
            reason="Snow",
        )
        assert Sheet.objects.filter(calendar=old).count() == 12
    assert names(look(morning)) == ["Pupil000", "Pupil002", "Pupil006"]
    assert look(morning).listed[0].halves[0].box is Whereabouts.MISSING
