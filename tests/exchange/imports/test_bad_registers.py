"""What a register cannot be: refused, or handled by the rule that docs/explanation/registers.md states. Never a wrong number."""

import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from haven.attendance.registers.models import Sheet
from haven.attendance.registers.rebuild import sheets_unlike_their_record
from haven.core.people.models import Enrolment, Identifier
from haven.rules.sessions import session_of
from tests.factories.imports import fingerprint, marks, run_import, upns_of, write
from tests.factories.registers import SchoolData, build_school
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
RUNS = ("imports_importrun", "imports_importfile")
DAYS = sorted({date(2026, 1, 5) + timedelta(days=step) for step in range(7)} - {date(2026, 1, 10), date(2026, 1, 11)})


@pytest.fixture
def school_data() -> SchoolData:
    return build_school()


def file_of(school_data: SchoolData, days: list[date] = DAYS, code: str = "I") -> str:
    lines = [f"{upn},{day},{half},{code}\n" for upn in upns_of(school_data) for day in days for half in ("AM", "PM")]
    return "upn,date,session,code\n" + "".join(lines)


def measured(school_data: SchoolData, first: str = "2026-01-05", last: str = "2026-01-09") -> list[list[str]]:
    """`haven measures`, a list of cells for each enrolment."""
    out = io.StringIO()
    arguments = ["--from", first, "--to", last, "--school", str(school_data.school.urn)]
    call_command("measures", *arguments, stdout=out)
    return [line.split(",") for line in out.getvalue().splitlines()[1:]]


def possible_and_absent(school_data: SchoolData) -> list[tuple[str, str]]:
    return [(row[4], row[6]) for row in measured(school_data)]


# ---- a sheet of the wrong length, a byte that is no code --------------------------------------------------------------


@pytest.mark.parametrize("change", [b"", b".", b"-"])
def test_the_database_takes_no_sheet_of_another_length_than_its_calendar(
    school_data: SchoolData, tmp_path: Path, change: bytes
) -> None:
    marks(school_data, write(tmp_path, file_of(school_data)))
    with owner():
        sheet = Sheet.objects.order_by("id")[0]
        wrong = {b"": b"", b".": bytes(sheet.marks) + b".", b"-": bytes(sheet.marks)[:-1]}[change]
        with pytest.raises(DatabaseError, match="one place for each session"), transaction.atomic():
            Sheet.objects.filter(id=sheet.id).update(marks=wrong)
        with pytest.raises(DatabaseError, match="one place for each session"), transaction.atomic():
            Sheet.objects.filter(id=sheet.id).update(year="2024-25")
    assert possible_and_absent(school_data) == [("10", "10")] * 6


@pytest.mark.parametrize("byte", [b"@", b"\0", b"\xff"])
def test_a_byte_that_is_no_code_gives_no_figure_and_a_sentence(
    school_data: SchoolData, tmp_path: Path, byte: bytes
) -> None:
    marks(school_data, write(tmp_path, file_of(school_data)))
    with owner():
        sheet = Sheet.objects.order_by("id")[2]
        Sheet.objects.filter(id=sheet.id).update(marks=byte + bytes(sheet.marks)[1:])
    with pytest.raises(CommandError, match="not a valid code on its day, so no figure is given. Run haven verify"):
        measured(school_data)
    with owner():
        assert [number for number, _ in sheets_unlike_their_record([school_data.school.id])] == [sheet.id]


def test_a_code_that_there_is_not_is_refused_by_row_and_column(school_data: SchoolData, tmp_path: Path) -> None:
    before = fingerprint()
    said = marks(school_data, write(tmp_path, file_of(school_data).replace(",I\n", ",@\n", 1)))
    assert said.status == 1
    assert "register.csv, row 2, column “code”" in said.err
    assert fingerprint() == before


# ---- a calendar that changes in mid-year ------------------------------------------------------------------------------


def calendar_without(school_data: SchoolData, tmp_path: Path, day: date) -> Path:
    """The school's calendar as a file, with one day less."""
    lines = [session_of(key) for key in school_data.calendar.sessions]
    kept = "".join(f"{each.on},{each.half.value}\n" for each in lines if each.on != day)
    return write(tmp_path, f"date,session\n{kept}", "calendar.csv")


@pytest.mark.parametrize("why", ["a snow day", "an INSET day that is added"])
def test_a_day_that_goes_counts_for_nobody_and_its_marks_stay_on_record(
    school_data: SchoolData, tmp_path: Path, why: str
) -> None:
    year = write(tmp_path, file_of(school_data))
    marks(school_data, year)
    gone = calendar_without(school_data, tmp_path, DAYS[2])
    asked = run_import("calendar", gone, "--school", school_data.school.urn)
    assert asked.status == 1  # marks stand there: somebody has to agree
    assert "--confirm" in asked.err
    assert possible_and_absent(school_data) == [("10", "10")] * 6
    assert run_import("calendar", gone, "--school", school_data.school.urn, "--confirm").status == 0
    assert possible_and_absent(school_data) == [("8", "8")] * 6
    again = marks(school_data, year)  # the file still has the day
    assert again.status == 1
    assert f"row {2 + 2 * 2}, column “date”" in again.err
    assert possible_and_absent(school_data) == [("8", "8")] * 6
    with owner():
        assert sheets_unlike_their_record([school_data.school.id]) == []


def test_a_day_that_comes_back_is_empty_until_somebody_says_what_was_so(
    school_data: SchoolData, tmp_path: Path
) -> None:
    year = write(tmp_path, file_of(school_data))
    marks(school_data, year)
    run_import(
        "calendar", calendar_without(school_data, tmp_path, DAYS[2]), "--school", school_data.school.urn, "--confirm"
    )
    whole = calendar_without(school_data, tmp_path, date(2020, 1, 1))
    assert run_import("calendar", whole, "--school", school_data.school.urn).status == 0
    assert [row[11] for row in measured(school_data)] == ["2"] * 6  # missing: neither possible nor absent
    assert possible_and_absent(school_data) == [("8", "8")] * 6
    assert "10 new" not in (said := marks(school_data, year)).out  # what stood there once comes as an amendment
    assert said.status == 0
    assert possible_and_absent(school_data) == [("10", "10")] * 6
    with owner():
        assert sheets_unlike_their_record([school_data.school.id]) == []


# ---- days on roll -----------------------------------------------------------------------------------------------------


def test_an_enrolment_that_ends_before_it_begins_is_refused_by_the_file_and_by_the_database(
    school_data: SchoolData, tmp_path: Path
) -> None:
    before = fingerprint()
    text = (
        "upn,surname,forename,dob,start_date,leave_date\n"
        + f"{upns_of(school_data)[0]},A,B,2012-01-01,2025-11-03,2025-11-02\n"
    )
    said = run_import("pupils", write(tmp_path, text, "pupils.csv"), "--school", school_data.school.urn)
    assert said.status == 1
    assert "pupils.csv, row 2, column “leave_date”: The leaving date is before the start date." in said.err
    assert fingerprint() == before
    with owner(), pytest.raises(DatabaseError), transaction.atomic():
        Enrolment.objects.filter(id=school_data.enrolments[0].id).update(
            begins_on=date(2025, 11, 3), ends_on=date(2025, 11, 2)
        )


def test_a_mark_off_roll_is_refused(school_data: SchoolData, tmp_path: Path) -> None:
    with owner():
        Enrolment.objects.filter(id=school_data.enrolments[0].id).update(ends_on=DAYS[1])
    before = fingerprint()
    said = marks(school_data, write(tmp_path, file_of(school_data)))
    assert said.status == 1
    assert f"register.csv, row {2 + 2 * 2}, column “date”" in said.err
    assert fingerprint() == before


def test_a_pupil_on_two_rolls_on_one_day_is_counted_at_each_school_by_its_own_register(
    school_data: SchoolData, tmp_path: Path
) -> None:
    other = build_school(urn=900002)
    with owner():
        mine = Identifier.objects.get(pupil_id=school_data.enrolments[0].pupil_id, kind="upn").value
        Identifier.objects.filter(pupil_id=other.enrolments[0].pupil_id, kind="upn").delete()
        Identifier.objects.filter(pupil_id=school_data.enrolments[0].pupil_id).update()
        Identifier.objects.create(
            school=other.school, author_id=1,
            pupil_id=other.enrolments[0].pupil_id, kind="upn", value=mine,
        )  # fmt: skip
    for where, code in ((school_data, "I"), (other, "D")):
        assert marks(where, write(tmp_path, file_of(where, code=code), f"{where.school.urn}.csv")).status == 0
    assert possible_and_absent(school_data) == [("10", "10")] * 6
    assert possible_and_absent(other) == [("0", "0")] * 6
