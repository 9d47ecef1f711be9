"""What a file of pupils says against what Haven knows: people in doubt, contacts who are not safe, and being on roll.

Each case stands for trouble that offices have reported in public about other products; all people are made up.
"""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from haven.core.people.models import Contact, Enrolment, Pupil
from haven.operations.references import shared_days
from tests.factories.cases import HOLT_ROAD, Office, pupil_named
from tests.factories.imports import school_of
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db

HEAD = "upn,surname,forename,dob,sex,year_group,registration_group,start_date"
LEAVING = f"{HEAD},leave_date"
CONTACTS = (
    f"{HEAD},contact1_name,contact1_relationship,contact1_phone,contact1_priority,contact1_safe_to_contact,"
    "contact2_name,contact2_relationship,contact2_phone,contact2_priority,contact2_safe_to_contact"
)


@pytest.fixture
def office(tmp_path: Path, settings: Any) -> Office:
    return Office(tmp_path, settings)


def file_of(head: str, *rows: str) -> str:
    return "\n".join((head, *rows)) + "\n"


def enrolments(pupil: Pupil) -> list[tuple[str, str | None]]:
    with owner():
        rows = Enrolment.objects.filter(pupil=pupil).order_by("begins_on")
        return [(str(row.begins_on), str(row.ends_on) if row.ends_on else None) for row in rows]


def contacts(pupil: Pupil) -> list[tuple[str, str, str, int, bool]]:
    """Name, relationship, number, priority and whether safe, of the contacts in force at the school."""
    with owner():
        rows = Contact.objects.filter(pupil=pupil, ends_on=None).order_by("priority", "id")
        return [(row.name, row.relationship, row.telephone, row.priority, row.safe_to_contact) for row in rows]


# One UPN, two children


FENN = "B998210123001,Fenn,Alma,2016-03-01,F,5,5 Wren,2025-09-03"


def test_a_brother_does_not_overwrite_his_sister(office: Office) -> None:
    office.good("pupils", file_of(HEAD, FENN))
    said = office.bring("pupils", file_of(HEAD, "B998210123001,Fenn,Bruno,2022-01-15,M,R,R Duck,2026-11-16"))
    assert said.status != 0 and "row 2" in said.err + said.out
    assert "This UPN belongs to a pupil with a different forename and date of birth or sex" in said.err + said.out
    with owner():
        assert [(pupil.forename, pupil.sex) for pupil in Pupil.objects.all()] == [("Alma", "F")]


@pytest.mark.parametrize(
    ("row", "is_taken"),
    [
        ("B998210123001,Green,Alma,2016-03-01,F,5,5 Wren,2025-09-03", True),  # a new surname
        ("B998210123001,Fenn,Alma,2016-03-11,F,5,5 Wren,2025-09-03", True),  # a corrected birthday
        ("B998210123001,Fenn,Almah,2016-03-01,F,5,5 Wren,2025-09-03", True),  # a corrected forename
        ("B998210123001,Fenn,Tom,2016-03-01,M,5,5 Wren,2025-09-03", False),  # a twin brother
        ("B998210123001,Green,Bea,2016-03-02,F,5,5 Wren,2025-09-03", False),
    ],
)
def test_a_correction_is_taken_and_another_child_is_not(office: Office, row: str, is_taken: bool) -> None:
    office.good("pupils", file_of(HEAD, FENN))
    assert (office.bring("pupils", file_of(HEAD, row)).status == 0) is is_taken
    with owner():
        assert Pupil.objects.count() == 1


# Nearly the same pupil, without a UPN


CLASS = "surname,forename,dob,registration_group,year_group"


@pytest.mark.parametrize(
    ("there", "row"),
    [
        ("X998210121004,Vane,Ida,2017-02-11,F,4,4 Kestrel,2025-09-03", "Vane,Idah,2017-02-11,4 Kestrel,4"),
        ("X998210121004,O'Hara,Renée,2017-02-02,F,4,4 Dove,2025-09-03", "OHarra,Renee,2017-02-02,4 Dove,4"),
        ("X998210121004,Vane,Ida,2017-02-11,F,4,4 Kestrel,2025-09-03", "Vane,Ida,2017-11-02,4 Kestrel,4"),
    ],
)
def test_a_likely_same_pupil_is_asked_about_and_no_second_one_is_made(office: Office, there: str, row: str) -> None:
    office.good("pupils", file_of(HEAD, there))
    said = office.bring("pupils", file_of(CLASS, row))
    assert said.status == 0
    assert "row 2" in said.err and "nearly matches this row, by name and date of birth" in said.err
    with owner():
        assert Pupil.objects.count() == 1


def test_a_twin_in_a_class_list_is_a_new_pupil(office: Office) -> None:
    office.good("pupils", file_of(HEAD, FENN))
    office.good("pupils", file_of(CLASS, "Fenn,Tobias,2016-03-01,5 Wren,5"))
    with owner():
        assert Pupil.objects.count() == 2


# On roll


POPPY = "E998210121001,Marsden,Poppy,2017-03-14,F,4,4 Kestrel,2025-09-03"


def test_a_row_without_a_last_day_does_not_undo_one_that_is_past(office: Office) -> None:
    office.good("pupils", file_of(LEAVING, f"{POPPY},2026-11-06"))
    said = office.bring("pupils", file_of(LEAVING, f"{POPPY},"))
    assert said.status != 0 and "row 2" in said.err + said.out
    assert "Haven has 6 November 2026 as the pupil's last day on roll" in said.err + said.out
    assert enrolments(pupil_named("Marsden", "Poppy")) == [("2025-09-03", "2026-11-06")]


def test_a_class_list_with_a_pupil_who_left_asks(office: Office) -> None:
    office.good("pupils", file_of(LEAVING, f"{POPPY},2026-11-06"))
    said = office.bring("pupils", file_of(CLASS, "Marsden,Poppy,2017-03-14,4 Kestrel,4"))
    assert said.status == 0 and "last day on roll, and this row has no last day. The row was left out." in said.err


def test_a_last_day_to_come_stands(office: Office) -> None:
    office.good("pupils", file_of(LEAVING, f"{POPPY},2026-12-18"))
    said = office.good("pupils", file_of(LEAVING, f"{POPPY},"))
    assert said.err == "" and enrolments(pupil_named("Marsden", "Poppy")) == [("2025-09-03", "2026-12-18")]


def test_a_pupil_who_is_back_has_a_second_enrolment(office: Office) -> None:
    office.good("pupils", file_of(LEAVING, f"{POPPY},2026-11-06"))
    office.good("pupils", file_of(LEAVING, f"{POPPY.replace('2025-09-03', '2026-11-09')},"))
    assert enrolments(pupil_named("Marsden", "Poppy")) == [("2025-09-03", "2026-11-06"), ("2026-11-09", None)]
    said = office.bring("pupils", file_of(LEAVING, f"{POPPY.replace('2025-09-03', '2026-11-04')},"))
    assert said.status != 0 and "had another enrolment here on this start date" in said.err + said.out


def test_two_enrolments_never_share_a_day_by_file(office: Office) -> None:
    office.good("pupils", file_of(LEAVING, f"{POPPY},2026-11-06"))
    said = office.bring("pupils", file_of(LEAVING, f"{POPPY.replace('2025-09-03', '2026-11-06')},"))
    assert said.status != 0 and "A new enrolment can begin on the next day at the earliest" in said.err + said.out
    assert enrolments(pupil_named("Marsden", "Poppy")) == [("2025-09-03", "2026-11-06")]


def test_two_enrolments_never_share_a_day_by_hand(office: Office) -> None:
    office.good("pupils", file_of(LEAVING, f"{POPPY},2026-11-06"))
    holt_road = school_of(HOLT_ROAD).id
    with owner():
        [held] = Enrolment.objects.all()
        values = {
            "school_id": held.school_id,
            "pupil_id": held.pupil_id,
            "author_id": held.author_id,
            "begins_on": held.ends_on,
        }
        with pytest.raises(IntegrityError, match="enrolments_never_share_a_day"), transaction.atomic():
            Enrolment.objects.create(**values)
        Enrolment.objects.create(**{**values, "school_id": holt_road})  # another school's roll is its own


def test_verify_names_enrolments_that_share_a_day(office: Office) -> None:
    office.good("pupils", file_of(LEAVING, f"{POPPY},2026-11-06"))
    with owner():
        assert shared_days() == 0
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
            cursor.execute("alter table people_enrolment drop constraint enrolments_never_share_a_day")
        [held] = Enrolment.objects.all()
        Enrolment.objects.create(
            school_id=held.school_id, pupil_id=held.pupil_id, author_id=held.author_id, begins_on=date(2026, 11, 6)
        )
        assert shared_days() == 1


# Contacts


BEA = "Q998210122001,Carter,Bea,2017-03-01,F,4,4 Robin,2025-09-03"
DEAN = "Dean Carter,Father,01632 960201,1,N"
RUTH = "Ruth Hale,Mother,01632 960202,2,Y"


@pytest.mark.parametrize("number", ["01632 960201", "+44 1632 960201", "0044 (0)1632 960201", "01632960201"])
def test_an_unsafe_number_under_another_name_is_left_out_and_asked_about(office: Office, number: str) -> None:
    office.good("pupils", file_of(CONTACTS, f"{BEA},{DEAN},{RUTH}"))
    said = office.good("pupils", file_of(CONTACTS, f"{BEA},Mr D Carter,Father,{number},1,Y,{RUTH}"))
    assert "row 2" in said.err and "belongs to a contact who is not safe to contact" in said.err
    assert number not in said.err
    assert [name for name, *_, is_safe in contacts(pupil_named("Carter", "Bea")) if is_safe] == ["Ruth Hale"]


def test_a_safe_contact_does_not_get_an_unsafe_number(office: Office) -> None:
    office.good("pupils", file_of(CONTACTS, f"{BEA},{DEAN},{RUTH}"))
    said = office.good("pupils", file_of(CONTACTS, f"{BEA},{DEAN},Ruth Hale,Mother,01632 960201,2,Y"))
    assert "belongs to a contact who is not safe to contact" in said.err
    assert ("Ruth Hale", "Mother", "01632 960202", 2, True) in contacts(pupil_named("Carter", "Bea"))


def test_the_same_file_twice_changes_nothing_with_two_contacts_of_one_name(office: Office) -> None:
    row = (
        "U998210122003,Singh,Arjan,2017-03-03,M,4,4 Robin,2025-09-03,"
        "Harpreet Singh,Father,01632 960204,1,Y,Harpreet Singh,Grandfather,01632 960205,2,Y"
    )
    both = [
        ("Harpreet Singh", "Father", "01632 960204", 1, True),
        ("Harpreet Singh", "Grandfather", "01632 960205", 2, True),
    ]
    for _ in range(3):
        office.good("pupils", file_of(CONTACTS, row))
        assert contacts(pupil_named("Singh", "Arjan")) == both
    with owner():
        assert Contact.objects.count() == 2


def test_a_contact_gone_from_a_row_is_kept_after_the_others_and_asked_about(office: Office) -> None:
    max_lowe = "H998210122004,Lowe,Max,2017-03-04,M,4,4 Robin,2025-09-03"
    office.good(
        "pupils", file_of(CONTACTS, f"{max_lowe},Gary Lowe,Father,01632 960206,1,Y,Tina Lowe,Mother,01632 960207,2,Y")
    )
    for _ in range(2):
        said = office.good("pupils", file_of(CONTACTS, f"{max_lowe},Tina Lowe,Mother,01632 960207,1,Y,,,,,"))
        assert "row 2" in said.err and "A contact in Haven is not in this row" in said.err
        assert [(name, priority) for name, _, _, priority, _ in contacts(pupil_named("Lowe", "Max"))] == [
            ("Tina Lowe", 1), ("Gary Lowe", 2),
        ]  # fmt: skip
    with owner():
        assert Contact.objects.count() == 4, "each change of priority ended a row and began one, once"


# Another school's register


DUAL = "upn,surname,forename,dob,sex,registration_group,year_group,start_date,enrolment"


def test_one_school_s_file_does_not_change_another_school_s_register(office: Office) -> None:
    office.good("pupils", file_of(DUAL, "E998210137001,Mistry,Muhammad,2011-01-01,M,4 Yew,4,2026-09-03,M"))
    holt = "E998210137001,Mistry,Mohammed,2012-01-01,M,8Z,8,2026-09-03,S"
    for _ in range(2):  # when the pupil comes on its roll, and again
        said = office.good("pupils", file_of(DUAL, holt), HOLT_ROAD)
        assert "row 2" in said.err and "also on roll at another school" in said.err
        with owner():
            assert [(pupil.forename, str(pupil.born_on)) for pupil in Pupil.objects.all()] == [
                ("Muhammad", "2011-01-01")
            ]
    office.good("pupils", file_of(DUAL, "E998210137001,Mistry,Mohammad,2011-01-01,M,4 Yew,4,2026-09-03,M"))
    with owner():
        assert [pupil.forename for pupil in Pupil.objects.all()] == ["Mohammad"], "the main school says so itself"


# Marks outside


def marks_of(upn: str, *days: str) -> str:
    return "upn,date,session,code\n" + "".join(f"{upn},{day},AM,/\n{upn},{day},PM,\\\n" for day in days)


IDA = "X998210121004,Vane,Ida,2017-02-11,F,4,4 Kestrel,2025-09-03"
DAYS = ("2026-09-03", "2026-09-04", "2026-11-18")


@pytest.mark.parametrize(
    ("row", "marks", "dates"),
    [
        (f"{IDA.replace('2025-09-03', '2026-10-05')},", "4 marks", ("2025-09-03", None)),
        (f"{IDA},2026-10-02", "2 marks", ("2025-09-03", None)),
        (f"{IDA.replace('2025-09-03', '2026-11-18')},2026-11-18", "4 marks", ("2025-09-03", None)),
        (f"{IDA.replace('2025-09-03', '2026-09-02')},", "", ("2026-09-02", None)),
        (f"{IDA},2026-11-18", "", ("2025-09-03", "2026-11-18")),
    ],
)
def test_marks_outside_new_dates_are_asked_about_and_nothing_leaves_a_figure(
    office: Office, row: str, marks: str, dates: tuple[str, str | None]
) -> None:
    office.good("pupils", file_of(HEAD, IDA))
    office.good("marks", marks_of("X998210121004", *DAYS))
    said = office.good("pupils", file_of(LEAVING, row))
    assert (f"{marks} of the pupil would be before the first day on roll or after the last" in said.err) is bool(marks)
    assert enrolments(pupil_named("Vane", "Ida")) == [dates]


def test_a_mark_before_its_session_has_begun_is_refused(office: Office) -> None:
    office.good("pupils", file_of(HEAD, IDA))
    office.at("2026-11-20T09:40")
    said = office.bring("marks", "upn,date,session,code\nX998210121004,2026-11-20,PM,N\n")
    assert said.status != 0 and "The PM session of 20 November 2026 has not begun" in said.err + said.out
    office.good("marks", "upn,date,session,code\nX998210121004,2026-11-20,AM,N\n")
    office.at("2026-11-20T13:40")
    office.good("marks", "upn,date,session,code\nX998210121004,2026-11-20,PM,N\n")


# Dates


@pytest.mark.parametrize("choice", [(), ("--good-rows",)])
def test_a_file_with_the_month_first_is_refused_whole(office: Office, choice: tuple[str, ...]) -> None:
    rows = (
        "H998210125007,Gale,Ina,03/14/2015,F,6,6A,09/03/2025",
        "X998210125008,Hunt,Joy,06/02/2015,F,6,6A,09/03/2025",
    )
    said = office.bring("pupils", file_of(HEAD, *rows), 998101, *choice)
    assert said.status != 0 and "row 2, column “dob”: “03/14/2015” has the month first" in said.err
    with owner():
        assert not Pupil.objects.exists()


@pytest.mark.parametrize("day", ["0015-01-01", "01/01/0015", "01/01/15", "1911-01-01", "29/02/2015", "2015-02-30"])
def test_a_birth_in_another_century_or_on_no_day_is_an_error(office: Office, day: str) -> None:
    rows = (f"Y998210125001,Ames,Ivy,{day},F,6,6A,2025-09-03", FENN)
    said = office.bring("pupils", file_of(HEAD, *rows), 998101, "--good-rows")
    assert "row 2, column “dob”" in said.err
    with owner():
        assert [pupil.forename for pupil in Pupil.objects.all()] == ["Alma"]


# Out and in again


def test_what_is_exported_comes_back_unchanged(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    head = f"{HEAD},middle_names,preferred_forename,contact1_name,contact1_phone"
    people = (
        ("F998210128001", "O’Neill", "Siân", "Nia O’Neill"), ("V998210128002", "Núñez-D'Souza", "Chloë", "Ana Núñez"),
        ("B998210128006", "Null", "Test", "True False"), ("E998210128008", "-2+3|cmd", "Minus", "-1+1"),
        ("U998210128009", "=1+1", "Equals", "@SUM(A1)"), ("Q998210128007", "'=1", "Apostrophe", "''-1"),
    )  # fmt: skip
    rows = [
        f"{upn},{surname},{forename},2017-01-0{number},F,4,4 Finch,2025-09-03,,,{contact},01632 96040{number}"
        for number, (upn, surname, forename, contact) in enumerate(people, start=1)
    ]
    office.good("pupils", file_of(head, *rows))
    call_command("export", "pupils", "--school", "998101")
    exported = capsys.readouterr().out
    assert "'=1+1" in exported and "\n" in exported
    said = office.good("pupils", exported)
    assert "Nothing to change" in said.out
    with owner():
        assert {(pupil.surname, pupil.forename) for pupil in Pupil.objects.all()} >= {
            ("=1+1", "Equals"),
            ("-2+3|cmd", "Minus"),
        }
        assert Contact.objects.count() == len(people)
