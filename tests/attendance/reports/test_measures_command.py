"""`haven measures` compared with a simple implementation of every measure, on a school with random marks, joiners, leavers and a year
before."""

import csv
import io
import json
import random
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command

from haven.attendance.registers.actions.registers import take_marks
from haven.core.people.models import Enrolment, Identifier, Status
from haven.core.schools.models import Calendar
from haven.platform.row_security.context import access_context
from haven.rules import measures as obvious
from haven.rules.attendance_codes import codes_in_force
from haven.rules.sessions import school_week, session_of
from haven.rules.visibility import RecordCategory
from tests.factories.registers import AT, YEAR, SchoolData, build_school, weekdays
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2025, 9, 3), date(2026, 1, 30)
BEFORE = weekdays(date(2025, 6, 2), date(2025, 7, 18))
COLUMNS = (
    "upn,school_urn,from,to,possible,attended,absent,authorised,unauthorised,late_before,late_after,missing,attendance_rate,"
    "persistent,severe,threshold_met_on,unauthorised_run_days,unauthorised_run_met_on,illness_sessions,illness_run_sessions,"
    "illness_met_on,broken_weeks"
)
Marks = dict[int, str]


@pytest.fixture
def school_data() -> SchoolData:
    school_data = build_school(pupils=12, first=FIRST, last=LAST)
    with owner():
        Calendar.objects.create(school=school_data.school, year="2024-25", sessions=BEFORE, made_at=AT)
        for number, enrolment in enumerate(school_data.enrolments):
            enrolment.begins_on = FIRST + timedelta(days=7 * number) if number % 3 == 0 else date(2024, 9, 1)
            enrolment.ends_on = LAST - timedelta(days=5 * number) if number % 4 == 1 else None
            enrolment.save()
    return school_data


@pytest.fixture
def marks(school_data: SchoolData) -> dict[int, Marks]:
    """Random marks of each enrolment, entered in both years. Some pupils are nearly always away without permission."""
    dice = random.Random(7)
    chosen: dict[int, Marks] = {}
    for number, enrolment in enumerate(school_data.enrolments):
        for place in BEFORE + school_data.calendar.sessions:
            session = session_of(place)
            if session.on < enrolment.begins_on or (enrolment.ends_on and session.on > enrolment.ends_on):
                continue
            codes = [code.symbol for code in codes_in_force(session.on, session.half.value)]
            usual = ("G", "O", "N", "U") if number % 4 == 2 else ("I",) if number % 4 == 3 else ("/", "\\", "L")
            symbol = dice.choice(usual) if dice.random() < 0.8 else dice.choice([*codes, ""])
            if symbol:
                chosen.setdefault(enrolment.id, {})[place] = symbol
    with access_context(school_data.users["officer"].id):
        for year, places in (("2024-25", set(BEFORE)), (YEAR, set(school_data.calendar.sessions))):
            listed = [(e, k, s) for e, found in chosen.items() for k, s in found.items() if k in places]
            take_marks(
                by=school_data.viewer("officer"),
                at=AT,
                school_id=school_data.school.id,
                year=year,
                marks=listed,
                source="file",
            )
    return chosen


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("measures", *arguments, stdout=out)
    return out.getvalue()


def expected(school_data: SchoolData, enrolment: Enrolment, marks: Marks, start: date, end: date) -> obvious.Measures:
    def sheet(places: list[int]) -> list[obvious.Place]:
        found = [(session_of(place), marks.get(place)) for place in places]
        return [
            (session.on, session.half, symbol)
            for session, symbol in found
            if enrolment.begins_on <= session.on and (enrolment.ends_on is None or session.on <= enrolment.ends_on)
        ]

    weeks = {school_week(session_of(place).on) for place in BEFORE + school_data.calendar.sessions}
    return obvious.measure(sheet(school_data.calendar.sessions), start, end, sheet(BEFORE), weeks)


@pytest.mark.parametrize(
    ("start", "end"), [(date(2025, 9, 1), LAST), (date(2025, 9, 15), date(2025, 10, 31)), (FIRST, FIRST)]
)
def test_every_column_of_every_pupil(school_data: SchoolData, marks: dict[int, Marks], start: date, end: date) -> None:
    text = run("--school", str(school_data.school.urn), "--from", start.isoformat(), "--to", end.isoformat())
    assert text.splitlines()[0] == COLUMNS
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["upn"] for row in rows] == sorted(row["upn"] for row in rows)
    on_roll = [e for e in school_data.enrolments if e.begins_on <= end and (e.ends_on is None or e.ends_on >= start)]
    assert len(rows) == len(on_roll)
    with owner():
        upns = dict(Identifier.objects.values_list("pupil_id", "value"))
    by_upn = {row["upn"]: row for row in rows}
    met = 0
    for enrolment in on_roll:
        row, want = (
            by_upn[upns[enrolment.pupil_id]],
            expected(school_data, enrolment, marks.get(enrolment.id, {}), start, end),
        )
        for name in COLUMNS.split(",")[4:]:
            value = getattr(want, name)
            if name == "attendance_rate":
                wanted = "" if value is None else f"{value:.6f}"
            elif name.endswith("_on"):
                wanted = "" if value is None else value.isoformat()
            else:
                wanted = str(int(value))
            assert row[name] == wanted, (name, enrolment.id)
        met += want.threshold_met_on is not None
    assert met


def test_json_holds_the_same_numbers(school_data: SchoolData, marks: dict[int, Marks]) -> None:
    asked = ("--school", str(school_data.school.urn), "--from", "2025-09-01", "--to", "2026-01-30")
    rows, listed = list(csv.DictReader(io.StringIO(run(*asked)))), json.loads(run(*asked, "--format", "json"))
    assert len(rows) == len(listed)
    for row, entry in zip(rows, listed, strict=True):
        assert list(entry) == COLUMNS.split(",")
        for name, value in entry.items():
            text = "" if value is None else f"{value:.6f}" if name == "attendance_rate" else str(value)
            assert row[name] == text


def test_groups_sum_their_sessions(school_data: SchoolData, marks: dict[int, Marks]) -> None:
    with owner():
        for number, kind in ((0, "fsm"), (1, "fsm"), (2, "ehcp"), (3, "sen_support")):
            Status.objects.create(
                school=school_data.school, author_id=school_data.users["head"].id, record_category=RecordCategory.ATTENDANCE, kind=kind, source="file",
                pupil=school_data.enrolments[number].pupil, begins_on=date(2025, 9, 1),
            )  # fmt: skip
    asked = ("--school", str(school_data.school.urn), "--from", "2025-09-01", "--to", "2026-01-30")
    whole = list(csv.DictReader(io.StringIO(run(*asked))))
    labels = {
        "year": {"8", "9"},
        "group": {"8 Kestrel", "9 Osprey"},
        "sex": {"F", "M"},
        "sen": {"E", "K", "N"},
        "fsm": {"0", "1"},
        "school": {str(school_data.school.urn)},
    }
    for by, wanted in labels.items():
        rows = list(csv.DictReader(io.StringIO(run(*asked, "--by", by))))
        assert {row["group"] for row in rows} == wanted
        for name in ("possible", "attended", "absent", "missing", "persistent", "severe"):
            assert sum(int(row[name]) for row in rows) == sum(int(row[name]) for row in whole)
        for row in rows:
            assert row["attendance_rate"] == f"{int(row['attended']) / int(row['possible']):.6f}"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--school", "999999"), "No school has the number 999999"),
        (("--from", "2025-06-01", "--to", "2025-10-01"), "one academic year"),
        (("--from", "2025-10-02", "--to", "2025-10-01"), "last day is before the first day"),
        (("--from", "2019-10-02", "--to", "2019-10-03"), "no calendar for 2019-20"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_a_sentence(
    school_data: SchoolData, arguments: tuple[str, ...], sentence: str
) -> None:
    given = arguments if "--school" in arguments else ("--school", str(school_data.school.urn), *arguments)
    with pytest.raises(CommandError, match=sentence):
        run(*given)
