"""A file of pupils: matching, changes, and no change from the same file again."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from haven.core.people import actions, queries
from haven.core.people.actions.importing import Counts, RowsRefused
from haven.core.people.models import Contact, Enrolment, Identifier, Placement, Pupil, Status, VulnerableListing
from haven.platform.audit.models import AuditEvent
from haven.platform.row_security.context import access_context
from tests.factories.families import AT, SCARY, TODAY, YEAR, Families, build_school, upn
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class ContactLine:
    name: str
    relationship: str = ""
    phone: str = ""
    priority: int | None = None
    parental_responsibility: bool | None = None
    safe_to_contact: bool | None = None


@dataclass(frozen=True)
class Line:
    row: int
    surname: str
    forename: str
    dob: date | None
    upn: str | None = None
    former_upn: str = ""
    preferred_forename: str = ""
    year_group: str = "8"
    registration_group: str = "8 Kestrel"
    start_date: date | None = None
    leave_date: date | None = None
    enrolment: str = ""
    sen: str = ""
    fsm: bool | None = None
    first_language: str = ""
    address: tuple[str, ...] = ()
    town: str = ""
    postcode: str = ""
    contacts: tuple[ContactLine, ...] = field(default=())


AISHA = Line(
    2, "Rahman", "Aisha", date(2013, 3, 4), upn(1), sen="K", fsm=True, first_language="BEN", address=("1 Mill Lane",),
    town="Northbrook", contacts=(ContactLine("Farid Rahman", "father", "07700 900123", 1, True), ContactLine("Nadia Rahman", phone="07700 900124")),
)  # fmt: skip
SCARY_LINE = Line(3, SCARY, "Siân", date(2013, 5, 6), sen="E")
LINES = [AISHA, SCARY_LINE]


@pytest.fixture
def school_data() -> Families:
    return build_school()


def bring(
    school_data: Families, lines: list[Any], *, who: str = "attendance_officer", year: str = YEAR, at: Any = AT
) -> Counts:
    school = school_data.oakhurst if who.startswith("oakhurst") else school_data.larkfield
    with access_context(school_data.users[who].id):
        return actions.import_pupils(by=school_data.viewer(who), at=at, school_id=school.id, rows=lines, year=year)


def everything() -> list[Any]:
    with owner():
        return [list(model.objects.order_by("pk").values()) for model in (Pupil, Enrolment, Placement, Identifier, Contact, Status, VulnerableListing)]  # fmt: skip


def test_a_file_brings_pupils_with_class_number_contacts_and_statuses(school_data: Families) -> None:
    assert bring(school_data, LINES) == Counts(new=2)
    with access_context(school_data.users["attendance_officer"].id):
        school = school_data.larkfield.id
        aisha, scary = queries.pupils_of_school(school_id=school, on=TODAY)[::-1]
        assert (aisha.name, aisha.group, aisha.year_title, aisha.upn) == ("Aisha Rahman", "8 Kestrel", "Year 8", upn(1))
        assert scary.name == f"Siân {SCARY}"
        father, mother = queries.contacts_of(school_id=school, pupil_id=aisha.id)
        assert (father.name, father.telephone, father.parental_responsibility) == ("Farid Rahman", "07700 900123", True)
        assert (mother.priority, mother.parental_responsibility, mother.safe_to_contact) == (2, None, True)
        assert [row.kind for row in queries.statuses_of(school_id=school, pupil_id=aisha.id, on=TODAY)] == ["fsm", "sen_support"]  # fmt: skip
        assert queries.details_of(school_id=school, pupil_id=aisha.id).address == "1 Mill Lane\nNorthbrook"  # type: ignore[union-attr]
        assert list(queries.listing_of(school_id=school, on=TODAY)) == [scary.id]


def test_the_same_file_again_changes_nothing(school_data: Families) -> None:
    bring(school_data, LINES)
    before = everything()
    assert bring(school_data, LINES) == Counts(unchanged=2)
    assert everything() == before


def test_what_the_file_does_not_say_stays(school_data: Families) -> None:
    bring(school_data, LINES)
    with access_context(school_data.users["dsl"].id):
        aisha = Pupil.objects.get(surname_key="rahman")
        Contact.objects.filter(pupil=aisha, name="Farid Rahman").update(
            safe_to_contact=False, safe_contact_note="Old number"
        )
    silent = replace(AISHA, sen="", fsm=None, first_language="", address=(), town="", registration_group="", year_group="",
                     contacts=(ContactLine("FARID RAHMAN", phone="07700 900999"),))  # fmt: skip
    assert bring(school_data, [silent]) == Counts(changed=1)
    with access_context(school_data.users["dsl"].id):
        contacts = queries.contacts_of(school_id=school_data.larkfield.id, pupil_id=aisha.id)
        assert {contact.name: contact.telephone for contact in contacts} == {
            "Farid Rahman": "07700 900999",
            "Nadia Rahman": "07700 900124",
        }
        assert [contact.safe_to_contact for contact in contacts] == [False, True]
        assert Contact.objects.filter(pupil=aisha, ends_on=TODAY).count() == 1
        assert len(queries.statuses_of(school_id=school_data.larkfield.id, pupil_id=aisha.id, on=TODAY)) == 2


def test_a_new_name_is_the_same_pupil_by_number_and_is_found_by_the_old_one(school_data: Families) -> None:
    bring(school_data, LINES)
    assert bring(school_data, [replace(AISHA, surname="Begum")]) == Counts(changed=1)
    with access_context(school_data.users["teacher"].id):
        found = queries.find_pupils(school_ids=[school_data.larkfield.id], text="rahm", on=TODAY)
        assert [pupil.name for pupil in found] == ["Aisha Begum"]


def test_a_change_of_class_keeps_the_days_before(school_data: Families) -> None:
    bring(school_data, LINES)
    assert bring(school_data, [replace(AISHA, registration_group="8 Osprey")]) == Counts(changed=1)
    assert bring(school_data, [replace(AISHA, registration_group="8 Osprey")]) == Counts(unchanged=1)
    with access_context(school_data.users["head"].id):
        for on, group in ((date(2025, 11, 3), "8 Kestrel"), (TODAY, "8 Osprey")):
            aisha = next(
                p for p in queries.pupils_of_school(school_id=school_data.larkfield.id, on=on) if p.forename == "Aisha"
            )
            assert aisha.group == group


def test_the_next_year_ends_the_placement_of_the_year_before_and_a_past_year_stays_past(school_data: Families) -> None:
    bring(school_data, LINES)
    bring(school_data, [replace(AISHA, year_group="9", registration_group="9 Kestrel")], year="2026-27")
    assert bring(
        school_data, [replace(AISHA, year_group="7", registration_group="7 Kestrel")], year="2024-25"
    ) == Counts(changed=1)
    with access_context(school_data.users["head"].id):
        rows = Placement.objects.filter(pupil__surname_key="rahman").order_by("begins_on")
        assert [(row.year, row.begins_on, row.ends_on) for row in rows] == [
            ("2024-25", date(2024, 9, 1), date(2025, 8, 31)),
            ("2025-26", date(2025, 9, 1), date(2026, 8, 31)),
            ("2026-27", date(2026, 9, 1), None),
        ]


def test_a_leaver_is_counted_once(school_data: Families) -> None:
    bring(school_data, LINES)
    gone = replace(AISHA, leave_date=date(2026, 1, 9))
    assert bring(school_data, [gone]) == Counts(changed=1, left=1)
    assert bring(school_data, [gone]) == Counts(unchanged=1)
    with access_context(school_data.users["head"].id):
        assert [pupil.forename for pupil in queries.pupils_of_school(school_id=school_data.larkfield.id, on=TODAY)] == [
            "Siân"
        ]
        left = queries.pupils_of_school(
            school_id=school_data.larkfield.id, on=TODAY, asked=queries.Asked(on_roll="left")
        )
        assert [(pupil.forename, pupil.left_on) for pupil in left] == [("Aisha", date(2026, 1, 9))]


def test_a_permanent_number_takes_the_place_of_none_or_of_a_temporary_one(school_data: Families) -> None:
    temporary = "H80120002001A"
    from haven.rules.identifiers import check_letter

    temporary = check_letter("80120002001A") + "80120002001A"
    bring(school_data, [replace(AISHA, upn=temporary), SCARY_LINE])
    assert bring(school_data, [AISHA, replace(SCARY_LINE, upn=upn(2))]) == Counts(changed=2)
    with access_context(school_data.users["attendance_officer"].id):
        aisha = Pupil.objects.get(surname_key="rahman")
        numbers = queries.identifiers_of(school_id=school_data.larkfield.id, pupil_id=aisha.id)
        assert [(row.kind, row.ends_on is None) for row in numbers] == [("upn", True), ("temporary_upn", False)]


TWIN = replace(SCARY_LINE, row=9)


@pytest.mark.parametrize(
    ("lines", "row", "why"),
    [
        ([replace(AISHA, row=7, upn=upn(1)), AISHA], 2, "same pupil as in row 7"),
        (
            [AISHA, replace(AISHA, row=8, forename="Other", dob=date(2010, 1, 1))],
            8,
            "different forename and date of birth",
        ),
        ([SCARY_LINE, TWIN], 9, "same pupil as in row 3"),
        ([replace(AISHA, upn=upn(5))], 2, "a different UPN"),
        (
            [replace(AISHA, surname="Other", forename="Other", dob=date(2010, 1, 1))],
            2,
            "different forename and date of birth",
        ),
        ([replace(AISHA, upn="X123")], 2, "13 characters"),
        ([replace(AISHA, surname=" ' ")], 2, "must have a surname"),
    ],
)
def test_a_doubtful_row_is_a_problem_and_nothing_is_written(
    school_data: Families, lines: list[Line], row: int, why: str
) -> None:
    bring(school_data, [AISHA])
    before = everything()
    with pytest.raises(RowsRefused) as refused:
        bring(school_data, [*lines, Line(20, "New", "Pupil", date(2012, 1, 1), upn(20))])
    assert [(problem.row, why in problem.text) for problem in refused.value.problems] == [(row, True)]
    assert everything() == before


def test_two_pupils_of_one_name_and_birthday_are_told_apart_by_number_only(school_data: Families) -> None:
    bring(school_data, [AISHA, replace(AISHA, row=3, upn=upn(2))])
    assert bring(school_data, [replace(AISHA, row=3, upn=upn(2))]) == Counts(unchanged=1)
    with pytest.raises(RowsRefused, match="Two pupils at the school"):
        bring(school_data, [replace(AISHA, upn=None)])


def test_two_pupils_of_one_name_and_birthday_may_stand_in_a_file_twice_with_a_number_each(
    school_data: Families,
) -> None:
    lines = [AISHA, replace(AISHA, row=3, upn=upn(2))]
    assert bring(school_data, lines) == Counts(new=2)
    assert bring(school_data, lines) == Counts(unchanged=2)
    with pytest.raises(RowsRefused, match="Two pupils at the school"):
        bring(school_data, [*lines[1:], replace(AISHA, row=4, upn=None)])


def test_a_school_cannot_try_the_numbers_of_another(school_data: Families) -> None:
    bring(school_data, [AISHA])
    assert bring(school_data, [AISHA], who="oakhurst_head") == Counts(new=1)
    with owner():
        assert Pupil.objects.filter(surname_key="rahman").count() == 2


def test_who_keeps_both_schools_gets_one_pupil_with_two_enrolments(school_data: Families) -> None:
    from haven.platform.accounts.context import system_context
    from haven.platform.accounts.models import User

    bring(school_data, [replace(AISHA, enrolment="M")])
    with system_context(on=TODAY) as haven:
        assert User.objects.get(id=haven.user_id).is_service
        counts = actions.import_pupils(by=haven, at=AT, school_id=school_data.oakhurst.id, rows=[replace(AISHA, enrolment="S")], year=YEAR)  # fmt: skip
    assert counts == Counts(changed=1)
    with owner():
        pupil = Pupil.objects.get(surname_key="rahman")
        assert sorted(pupil.school_ids) == sorted([school_data.larkfield.id, school_data.oakhurst.id])
        assert set(Enrolment.objects.filter(pupil=pupil).values_list("kind", flat=True)) == {"main", "subsidiary"}


def test_one_event_says_how_many_and_no_name(school_data: Families) -> None:
    bring(school_data, LINES)
    with owner():
        event = AuditEvent.objects.get(verb="people.import_pupils")
        assert event.detail == {"year": YEAR, "new": 2, "changed": 0, "unchanged": 0, "left": 0}
        assert event.pupil_ids == []


def test_a_thousand_pupils_take_no_more_questions_than_ten(school_data: Families) -> None:
    """The cost of a file is its number of queries: it stays the same, except for the batches of writes."""
    lines = [
        replace(
            AISHA,
            row=n,
            surname=f"Surname{n}" if n < 1000 else f"Zimmer{n}mann",
            upn=upn(n) if n < 1000 else None,
            registration_group=f"8 {n % 40}",
        )
        for n in range(2, 1002)
    ]
    with CaptureQueriesContext(connection) as few:
        assert bring(school_data, lines[:10]) == Counts(new=10)
    with CaptureQueriesContext(connection) as many:
        assert bring(school_data, lines) == Counts(new=990, unchanged=10)
    assert len(many) < len(few) + 12
    assert bring(school_data, lines) == Counts(unchanged=1000)


MEALS = replace(AISHA, sen="")


def meals_of(school_data: Families, on: date) -> list[str]:
    with access_context(school_data.users["attendance_officer"].id):
        pupil = Pupil.objects.get(surname_key="rahman")
        kinds = [row.kind for row in queries.statuses_of(school_id=school_data.larkfield.id, pupil_id=pupil.id, on=on)]
        return [kind for kind in kinds if kind.startswith("fsm")]


@pytest.mark.parametrize("at", [AT, datetime(2026, 9, 14, 9, 0, tzinfo=UTC)])
def test_a_plain_yes_means_the_targeted_kind_before_and_after_september_2026(
    school_data: Families, at: datetime
) -> None:
    """The reading meals_plain_yes: the narrower kind, so that years can be compared."""
    bring(school_data, [MEALS], at=at)
    assert meals_of(school_data, at.date()) == ["fsm"]
    assert bring(school_data, [MEALS], at=at) == Counts(unchanged=1)


def test_a_plain_yes_leaves_expanded_meals_alone_and_a_plain_no_ends_both(school_data: Families) -> None:
    at = datetime(2026, 9, 14, 9, 0, tzinfo=UTC)
    bring(school_data, [replace(MEALS, fsm=False)], at=at)
    with access_context(school_data.users["dsl"].id):
        actions.record_status(
            by=school_data.viewer("dsl"), at=at, school_id=school_data.larkfield.id, pupil_id=Pupil.objects.get(surname_key="rahman").id,
            record=actions.StatusRecord(kind="fsm_expanded", begins_on=date(2026, 9, 1)),
        )  # fmt: skip
    assert bring(school_data, [MEALS], at=at) == Counts(unchanged=1)
    assert meals_of(school_data, at.date()) == ["fsm_expanded"]
    assert bring(school_data, [replace(MEALS, fsm=False)], at=at + timedelta(days=1)) == Counts(changed=1)
    assert meals_of(school_data, at.date() + timedelta(days=2)) == []
