"""Search by name: the database function finds exactly the pupils that the row policy shows the user."""

from datetime import date

import pytest
from django.db import DatabaseError, connection

from haven.core.people.models import Pupil
from haven.core.people.names import fold, names_key
from haven.core.people.queries import find_pupils
from haven.core.schools.models import LocalAuthority, School
from haven.platform.accounts.models import Conflict, Membership, User
from haven.platform.row_security.context import access_context
from tests.core.people.test_listing import enrolled
from tests.support.database_owner import owner

ON = date(2026, 1, 14)
BEGUN = date(2025, 9, 1)

Staged = tuple[User, School, School, dict[str, Pupil]]


@pytest.fixture
def school_data(db: None) -> Staged:
    """A lead of one school, with pupils there and one elsewhere; she has a conflict of interest with one of them."""
    with owner():
        authority = LocalAuthority.objects.create(code="999", name="Larkshire")
        here, there = (
            School.objects.create(urn=urn, name=f"School {urn}", local_authority=authority) for urn in (990101, 990102)
        )
        lead = User.objects.create_user("lead@larkfield.example", "Helen Stansfield")
        Membership.objects.create(user=lead, role="dsl", school=here, begins_on=BEGUN)
        pupils = {}
        for forename, surname, school in (
            ("Siobhán", "O'Brien-Ñandú", here), ("Anna Maria", "Vanderberg", here), ("Anna", "Shutt", here),
            ("Anna", "Elsewhere", there),
        ):  # fmt: skip
            pupil = Pupil.objects.create(
                forename=forename, surname=surname, forename_key=fold(forename), surname_key=fold(surname),
                names_key=names_key(surname, forename),
            )  # fmt: skip
            enrolled(pupil, school, BEGUN)
            pupils[surname] = pupil
        Conflict.objects.create(
            user_id=lead.id, school=here, author_id=lead.id, pupil_id=pupils["Shutt"].id,
            kind="relative", begins_on=BEGUN,
        )  # fmt: skip
    return lead, here, there, pupils


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("obr", ["O'Brien-Ñandú"]),
        ("o brien", ["O'Brien-Ñandú"]),
        ("nan", ["O'Brien-Ñandú"]),
        ("van der", ["Vanderberg"]),
        ("maria van", ["Vanderberg"]),
        ("vanderberg, an", ["Vanderberg"]),
        (", an", ["Vanderberg"]),
        ("vanderberg,", ["Vanderberg"]),
        ("vanderberg, si", []),
        ("anna", ["Vanderberg"]),
        ("ria", []),
        ("x' | y:* \\", []),
        ("'", []),
    ],
)
def test_letters_find_those_who_may_be_seen(school_data: Staged, text: str, names: list[str]) -> None:
    lead, here, there, _ = school_data
    with access_context(lead.id, on=ON):
        found = find_pupils(school_ids=[here.id, there.id], text=text, on=ON)
    assert [one.surname for one in found] == names


def test_the_function_itself_gives_nobody_else(school_data: Staged) -> None:
    lead, here, there, pupils = school_data
    ids = [pupil.id for pupil in pupils.values()]
    with access_context(lead.id, on=ON), connection.cursor() as cursor:
        cursor.execute(
            "select app.pupils_named(%s::int[], '{a}', 'a', null, null, %s::int[], 100)", [[here.id, there.id], ids]
        )
        assert {row[0] for row in cursor.fetchall()} == {pupils["O'Brien-Ñandú"].id, pupils["Vanderberg"].id}


def test_with_nobody_entered_it_is_an_error(school_data: Staged) -> None:
    with pytest.raises(DatabaseError, match="nobody is entered"), connection.cursor() as cursor:
        cursor.execute("select app.pupils_named('{1}', '{a}', 'a', null, null, null, 100)")
