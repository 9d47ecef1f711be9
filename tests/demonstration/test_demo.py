"""`haven demo` in an empty database: what it leaves there, and what each person of the demonstration then sees."""

import json
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, transaction

from haven.attendance.registers.models import Sheet
from haven.core.people.models import Pupil
from haven.core.schools.models import School
from haven.demonstration.load import referenced_at_once, write
from haven.demonstration.people import PASSWORD, SIGN_INS
from haven.platform.accounts.models import User
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
ON = date(2026, 3, 11)
NOW = datetime.combine(ON, time(9, 12), ZoneInfo("Europe/London"))
KEPT = (
    ("people_pupil", "ref, surname, forename, born_on, sex"),
    ("people_enrolment", "ref, kind, begins_on, ends_on, destination"),
    ("people_identifier", "kind, value"),
    ("people_contact", "ref, name, telephone, safe_to_contact"),
    ("people_status", "ref, kind, detail, begins_on"),
    ("registers_sheet", "year, marks"),
    ("registers_initialentry", "first, codes, author_name, taken_at"),
    ("registers_markamendment", '"on", half, original, amended, reason, amended_at'),
    ("follow_up_daystep", 'ref, "on", kind, words, at'),
    ("records_entry", "ref, form, fields, happened_at, author_name"),
    ("tasks_task", "ref, title, due_at"),
)


def make(folder: Path, **options: Any) -> None:
    with owner():
        call_command("demo", on=ON, verbosity=0, **options)


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.DATA = tmp_path
    return tmp_path


def content() -> dict[str, list[Any]]:
    """Every row of the tables, without the numbers that the database gives."""
    found = {}
    with owner(), connection.cursor() as cursor:
        for table, columns in KEPT:
            cursor.execute(f"select {columns} from {table} order by {columns}".replace("fields,", "fields::text,"))
            found[table] = [
                tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor.fetchall()
            ]
            assert found[table], table
    return found


class Undone(Exception):
    """Takes a made demonstration back."""


def test_the_same_seed_makes_the_same_demonstration(folder: Path) -> None:
    from django.db import transaction

    seen = []
    for seed in (5, 5, 6):
        with pytest.raises(Undone), transaction.atomic():
            make(folder, pupils=120, seed=seed)
            seen.append(content())
            raise Undone
    for table in seen[0]:
        assert seen[0][table] == seen[1][table], table
    assert seen[0]["people_pupil"] != seen[2]["people_pupil"]


def test_it_refuses_a_database_that_is_in_use(folder: Path) -> None:
    with owner():
        School.objects.create(urn=100001, name="A real school")
    with pytest.raises(CommandError, match="This database already has schools"):
        make(folder, pupils=120)
    with owner():
        assert not Pupil.objects.exists()
    assert not (folder / "demonstration.json").exists()


@pytest.mark.parametrize("options", [{"pupils": 0}, {"years": -1}, {"years": 13}, {"schools": -2}])
def test_it_refuses_what_cannot_be(folder: Path, options: dict[str, int]) -> None:
    with pytest.raises(CommandError):
        make(folder, **options)


@pytest.mark.parametrize("on", [date(2026, 9, 3), date(2026, 9, 4), date(2026, 7, 31), date(2025, 1, 6)])
def test_it_stands_on_any_morning_of_the_year(folder: Path, on: date) -> None:
    with owner():
        call_command("demo", on=on, pupils=90, years=0, verbosity=0)
        assert Sheet.objects.exists()


def test_it_leaves_a_clock_and_the_sign_ins(folder: Path) -> None:
    make(folder, pupils=90, years=0)
    facts = json.loads((folder / "demonstration.json").read_text(encoding="utf-8"))
    assert facts["morning"] == ON.isoformat()
    assert facts["password"] == PASSWORD
    assert [one["email"] for one in facts["sign_ins"]] == [one.email for one in SIGN_INS]
    assert (folder / "clock.json").exists()
    for person in SIGN_INS:
        assert User.objects.get(email=person.email).check_password(PASSWORD)
    assert not any(
        user.has_usable_password() for user in User.objects.exclude(email__in=[one.email for one in SIGN_INS])
    )


def test_rows_that_refer_to_nothing_are_found_at_the_end(folder: Path) -> None:
    """The look-ups that are left out row by row are made for all rows together."""
    school = School.objects.create(urn=900001, name="Nowhere")
    with (
        owner(),
        transaction.atomic(),
        pytest.raises(IntegrityError, match="Sheet.pupil_id"),
        referenced_at_once(Sheet),
    ):
        Sheet.objects.create(
            school=school, author_id=User.objects.get(is_service=True).id, pupil_id=1, enrolment_id=4_711,
            year="2025-26", calendar_id=1, marks=b"",
        )  # fmt: skip


def test_writing_again_and_again_holds_no_more_locks() -> None:
    """A table made for each call held ten locks each until the end: seven years of 300 schools were more than PostgreSQL has room for."""

    def locks() -> int:
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from pg_locks where pid = pg_backend_pid()")
            return int(cursor.fetchone()[0])

    columns = ("urn", "name", "changed_at")
    with owner():
        write(School, columns, [(900001, "One", NOW)])
        held = locks()
        for number in range(5):
            write(School, columns, [(900010 + number, f"School {number}", NOW)])
        assert locks() == held
    assert School.objects.count() == 6
