"""The nightly run: each proposal follows from the registers' measures and is made once; `haven verify` finds a manipulated register row."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from haven.attendance.night import proposals, run_night
from haven.attendance.registers.actions.registers import take_marks
from haven.attendance.registers.models import Sheet
from haven.core.people.models import Enrolment, Pupil
from haven.core.schools.models import Calendar, School
from haven.core.tasks.models import Task
from haven.platform.accounts.context import AccessContext, system_context
from haven.platform.accounts.models import Membership, User
from haven.rules.sessions import Half, session_key
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 14, 20, 0, tzinfo=UTC)
DAY = date(2026, 1, 14)
SOON = date(2025, 12, 22)  # within four weeks of the facts below


def weekdays(first: date, many: int) -> list[date]:
    days: list[date] = []
    day = first
    while len(days) < many:
        if day.weekday() < 5:
            days.append(day)
        day += timedelta(days=1)
    return days


OPEN = weekdays(date(2025, 11, 24), 30)
KEYS = [session_key(day, half) for day in OPEN for half in Half]


@pytest.fixture
def school() -> School:
    with owner():
        school = School.objects.create(urn=900001, name="Larkfield Academy")
        user = User.objects.create_user("officer@example.test", "Priya Nair")
        Membership.objects.create(user=user, role="attendance_officer", school=school, begins_on=date(2020, 1, 1))
        Calendar.objects.create(school=school, year="2025-26", sessions=KEYS, made_at=AT)
    return school


def enrol(by: AccessContext, school: School, surname: str) -> Enrolment:
    pupil = Pupil.objects.create(
        surname=surname, forename="A", surname_key=surname.lower(), forename_key="a", school_ids=[school.id]
    )
    return Enrolment.objects.create(
        school=school,
        author_id=by.user_id,
        pupil=pupil,
        begins_on=date(2025, 9, 1),
    )


def enter(by: AccessContext, school: School, enrolment: Enrolment, absences: dict[int, str]) -> None:
    present = {Half.AM: "/", Half.PM: "\\"}
    marks = [
        (enrolment.id, key, absences.get(place, present[Half.PM if key % 2 else Half.AM]))
        for place, key in enumerate(KEYS)
        if key <= session_key(DAY, Half.PM)
    ]
    take_marks(by=by, at=AT, school_id=school.id, year="2025-26", marks=marks, source="keyboard")


def test_each_fact_is_proposed_once_however_often_the_night_runs(school: School) -> None:
    with system_context(on=DAY) as by:
        truant, ill, steady = (enrol(by, school, name) for name in ("Okafor", "Rahman", "Price"))
        enter(by, school, truant, dict.fromkeys(range(20), "O"))
        enter(by, school, ill, dict.fromkeys(range(30), "I"))
        enter(by, school, steady, {3: "M"})
        first = run_night(by=by, at=AT, school=school, as_of=SOON)
        again = run_night(by=by, at=AT, school=school, as_of=SOON)
        tasks = {task.source_ref: task for task in Task.objects.all()}
    assert (first.proposed, first.new, again.new) == (3, 3, 0)
    assert {source.split(":")[0] for source in tasks} == {
        "threshold_met_on",
        "unauthorised_run_met_on",
        "illness_met_on",
    }
    for task in tasks.values():
        assert task.assignee_role == "attendance_officer"
        assert task.pupil_ids == [ill.pupil_id if "illness" in task.source_ref else truant.pupil_id]


@pytest.mark.parametrize(
    ("missed", "proposed"),
    [
        # By Friday 12 December there are 30 sessions, by the Friday before 20.
        (dict.fromkeys(range(20, 30), "I"), ["persistent"]),
        (dict.fromkeys(range(15, 30), "I"), ["severe"]),  # persistent a week ago already
        (dict.fromkeys(range(10), "I"), []),  # severe a week ago, persistent still
        ({}, []),
    ],
)
def test_who_became_persistently_or_severely_absent_this_week(
    school: School, missed: dict[int, str], proposed: list[str]
) -> None:
    friday = date(2025, 12, 12)
    with system_context(on=DAY) as by:
        child = enrol(by, school, "Rahman")
        enter(by, school, child, missed)
        enter(by, school, enrol(by, school, "Price"), {})
        found = [each for each in proposals(school=school, as_of=friday) if each.fact.endswith("2025-50")]
    assert [each.fact.split(":")[0] for each in found] == proposed
    assert all(each.pupil_ids == (child.pupil_id,) for each in found)


def test_nobody_is_proposed_in_the_week_in_which_shares_begin_to_be_asked(school: School) -> None:
    with system_context(on=DAY) as by:
        enter(by, school, enrol(by, school, "Rahman"), dict.fromkeys(range(4), "I"))
        found = proposals(school=school, as_of=date(2025, 12, 5))  # twenty sessions; a week before, ten
    assert found == []


MONDAYS = [10 * week for week in range(6)]  # places of Monday mornings
SUNDAY = OPEN[-1] + timedelta(days=2)  # the sixth week is over


@pytest.mark.parametrize(
    ("missed", "proposed"),
    [
        ([place + half for place in MONDAYS[2:] for half in (0, 1)], ["weekday"]),  # the fourth Monday in a row
        ([place + half for place in MONDAYS for half in (0, 1)], ["broken-weeks"]),  # a pattern a week ago, too
        ([2, 14, 26, 50], []),  # four weeks of six
        ([2, 14, 26, 38, 59], ["broken-weeks"]),
        ([range(10)[place % 10] + 10 * (place // 10) for place in range(20, 60)], []),  # away for whole weeks
    ],
)
def test_who_began_a_habit_this_week(school: School, missed: list[int], proposed: list[str]) -> None:
    with system_context(on=DAY) as by:
        child = enrol(by, school, "Rahman")
        enter(by, school, child, dict.fromkeys(missed, "I"))
        enter(by, school, enrol(by, school, "Price"), {})
        found = [each for each in proposals(school=school, as_of=SUNDAY) if each.fact.startswith(("weekday", "broken"))]
    assert [each.fact.split(":")[0] for each in found] == proposed
    assert all(each.pupil_ids == (child.pupil_id,) for each in found)
    assert all(each.title.startswith("1 pupil ") for each in found)


def test_marks_that_lie_ahead_make_no_habit(school: School) -> None:
    with system_context(on=DAY) as by:
        enter(
            by, school, enrol(by, school, "Rahman"), dict.fromkeys([*MONDAYS, *(place + 1 for place in MONDAYS)], "I")
        )
        found = proposals(school=school, as_of=OPEN[13])  # the third Monday is over, three more are marked already
    assert not [each for each in found if "weekday" in each.fact]


def test_nine_sessions_propose_nothing_and_ten_do(school: School) -> None:
    with system_context(on=DAY) as by:
        nine, ten = enrol(by, school, "Nine"), enrol(by, school, "Ten")
        enter(by, school, nine, dict.fromkeys(range(0, 18, 2), "G"))
        enter(by, school, ten, dict.fromkeys(range(0, 20, 2), "G"))
        found = [each for each in proposals(school=school, as_of=SOON) if "threshold" in each.fact]
    assert [each.pupil_ids for each in found] == [(ten.pupil_id,)]


def test_an_old_n_is_a_task_for_the_office(school: School) -> None:
    with system_context(on=DAY) as by:
        child = enrol(by, school, "Late")
        enter(
            by, school, child, {place: "N" for place, key in enumerate(KEYS) if key == session_key(OPEN[20], Half.AM)}
        )
        found = [each.title for each in proposals(school=school, as_of=DAY)]
    assert found == ["Code N has run out for 1 mark of earlier weeks: enter the reason, or change them to code O."]


N_ON = OPEN[20]  # Monday 22 December; the fifth school day after it is Monday 29 December


@pytest.mark.parametrize(
    ("as_of", "sources"),
    [
        (OPEN[24], []),  # four school days have followed
        (OPEN[25], ["n-to-o:2025-12-29"]),
        (OPEN[25] + timedelta(days=6), ["n-to-o:2025-12-29"]),
        (OPEN[25] + timedelta(days=7), ["old-n:2026-02"]),
    ],
)
def test_code_o_is_proposed_on_the_last_day_of_n_and_no_mark_is_changed(
    school: School, as_of: date, sources: list[str]
) -> None:
    with system_context(on=DAY) as by:
        child = enrol(by, school, "Late")
        enter(by, school, child, {KEYS.index(session_key(N_ON, half)): "N" for half in Half})
        before = bytes(Sheet.objects.get().marks)
        run_night(by=by, at=AT, school=school, as_of=as_of)
        again = run_night(by=by, at=AT, school=school, as_of=as_of)
        tasks = list(Task.objects.filter(source_kind="night"))
        assert bytes(Sheet.objects.get().marks) == before
    assert ([task.source_ref for task in tasks], again.new) == (sources, 0)
    for task in tasks:
        assert "for 2 marks" in task.title and task.title.endswith("enter the reason, or change them to code O.")
        assert task.pupil_ids == ([child.pupil_id] if "n-to-o" in task.source_ref else [])


def test_a_closure_moves_the_last_day_of_n(school: School) -> None:
    """School days are the school's own: a day on which it was closed does not count, though it is a working day."""
    closed = OPEN[22]
    with owner():
        Calendar.objects.filter(school=school).update(
            sessions=[key for key in KEYS if key not in {session_key(closed, half) for half in Half}]
        )
    with system_context(on=DAY) as by:
        child = enrol(by, school, "Late")
        marks = [(child.id, session_key(N_ON, Half.AM), "N")]
        take_marks(by=by, at=AT, school_id=school.id, year="2025-26", marks=marks, source="keyboard")
        found = {day: [each.fact for each in proposals(school=school, as_of=day)] for day in OPEN[25:27]}
    assert found == {OPEN[25]: [], OPEN[26]: ["n-to-o:2025-12-30"]}


def test_the_command_speaks_in_counts_and_refuses_a_school_that_is_not_there(
    school: School, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("night", "--as-of", "2026-01-14")
    assert "1 of 1 schools checked" in capsys.readouterr().out
    with pytest.raises(CommandError, match="No school has URN 111111"):
        call_command("night", "--school", "111111")


def test_a_school_without_a_calendar_is_said_and_not_counted(capsys: pytest.CaptureFixture[str]) -> None:
    with owner():
        School.objects.create(urn=900002, name="Oakhurst Primary")
    call_command("night", "--as-of", "2026-01-14")
    assert "Oakhurst Primary: not checked." in capsys.readouterr().out


def test_a_school_with_nobody_at_it_is_looked_through_and_says_who_is_missing(
    school: School, capsys: pytest.CaptureFixture[str]
) -> None:
    with owner():
        Membership.objects.filter(role="attendance_officer").delete()
    with system_context(on=DAY) as by:
        enter(by, school, enrol(by, school, "Okafor"), dict.fromkeys(range(20), "O"))
    call_command("night", "--as-of", SOON.isoformat())
    said = capsys.readouterr().out
    assert "2 proposals were found, but there is nobody to assign them to" in said
    assert "haven user add EMAIL" in said and "--school 900001" in said
    assert "1 of 1 schools checked" in said and "not checked" not in said
    with owner():
        assert not Task.objects.exists()
        user = User.objects.get(email="officer@example.test")
        Membership.objects.create(user=user, role="attendance_officer", school=school, begins_on=date(2020, 1, 1))
    call_command("night", "--as-of", SOON.isoformat())
    assert "2 of 2 proposals are new" in capsys.readouterr().out


def test_verify_finds_a_sheet_that_its_record_does_not_yield(school: School) -> None:
    with system_context(on=DAY) as by:
        enter(by, school, enrol(by, school, "Rahman"), {2: "I"})
    with owner():
        call_command("verify")
        sheet = Sheet.objects.get()
        Sheet.objects.filter(id=sheet.id).update(marks=bytes(sheet.marks).replace(b"I", b"/"))
        with pytest.raises(CommandError, match="1 registers do not match their entries and amendments"):
            call_command("verify")


def test_what_was_met_long_ago_is_history_and_not_proposed(school: School) -> None:
    with system_context(on=DAY) as by:
        child = enrol(by, school, "Okafor")
        enter(by, school, child, dict.fromkeys(range(10), "O"))  # met on Friday 28 November
        assert [each.fact for each in proposals(school=school, as_of=date(2025, 12, 25))] != []
        assert proposals(school=school, as_of=date(2025, 12, 26)) == []
