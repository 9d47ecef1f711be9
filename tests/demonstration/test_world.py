"""Do the made-up people fit together: numbers, ages, seats, families, classes?"""

from collections import Counter
from datetime import date

import pytest

from haven.demonstration.build import Asked, World
from haven.demonstration.people import SIGN_INS
from haven.demonstration.places import build_school
from haven.rules.identifiers import is_valid_upn
from haven.rules.roles import ROLES

ON = date(2026, 11, 20)


@pytest.fixture(scope="module")
def world() -> World:
    return World(Asked(pupils=2004, schools=3, earlier_years=1, seed=1, on=ON))


@pytest.mark.parametrize(("schools", "pupils"), [(1, 30), (2, 100), (3, 120), (3, 2004), (12, 7001), (300, 180_000)])
def test_seats_add_up_to_the_pupils_asked_for(schools: int, pupils: int) -> None:
    places = build_school(schools=schools, pupils=pupils)
    assert len(places) == schools
    assert sum(sum(place.seats.values()) for place in places) == pupils
    assert len({place.name for place in places}) == len({place.urn for place in places}) == schools


def test_as_many_pupils_are_on_roll_as_asked_for(world: World) -> None:
    assert sum(not child.has_left for child in world.children) == 2004


def test_unique_pupil_numbers_are_valid_and_unique(world: World) -> None:
    numbers = [child.upn for child in world.children]
    assert len(set(numbers)) == len(numbers)
    assert all(is_valid_upn(number) for number in numbers)


def test_children_have_the_age_of_their_year_group(world: World) -> None:
    for child in world.children:
        age_in_september = (date(2026, 9, 1) - child.born_on).days / 365.25
        assert child.group + 4 <= age_in_september + 0.01 and age_in_september - 0.01 <= child.group + 5


def test_brothers_and_sisters_are_at_different_schools_too(world: World) -> None:
    kinds = Counter(frozenset(child.place.key for child in family.children) for family in world.families)
    assert kinds[frozenset({"primary", "secondary"})] > 50
    assert all(0 < len(family.children) <= 4 for family in world.families)
    assert sum(len(family.children) for family in world.families) == len(world.children)


def test_numbers_and_addresses_belong_to_nobody(world: World) -> None:
    people = [person for family in world.families for person in family.people]
    assert all(person.telephone[:9] in ("", "07700 900") for person in people)
    assert all(person.landline[:9] in ("", "020 7946 ") for person in people)
    assert all(person.email == "" or person.email.endswith("@example.org") for person in people)
    assert any(not person.safe and person.note for person in people)
    assert any(person.parental_responsibility is False for person in people)


def test_names_that_systems_stumble_over_are_there(world: World) -> None:
    surnames = {child.surname for child in world.children}
    assert {"O'Brien-Ñandú", "Fotheringay-Smythe", "Putri"} <= surnames


def test_classes_are_of_a_size_and_have_a_tutor(world: World) -> None:
    sizes = Counter(id(stay.group) for one in world.rolls.enrolled for stay in one.stays)
    assert max(sizes.values()) <= 30
    assert all(group.tutor is not None for group in world.rolls.groups.values())


def test_pupils_move_up_a_year(world: World) -> None:
    moved = 0
    for one in world.rolls.enrolled:
        groups = [0 if stay.group.year_group == "R" else int(stay.group.year_group) for stay in one.stays]
        assert groups == list(range(groups[0], groups[0] + len(groups)))
        moved += len(groups) > 1
        assert [stay.ends_on is None for stay in one.stays].count(True) == (one.ends_on is None)
    assert moved > 1000


def test_pupils_at_the_bridge_are_on_two_rolls(world: World) -> None:
    by_child: dict[int, list[str]] = {}
    for one in world.rolls.enrolled:
        if one.child.bridge is not None:
            by_child.setdefault(id(one.child), []).append(one.kind)
    assert len(by_child) > 20
    assert all(
        sorted(kind for kind in kinds if kind != "single") == ["main", "subsidiary"] for kinds in by_child.values()
    )


def test_every_person_of_the_cast_has_a_role_that_exists() -> None:
    assert {person.role for person in SIGN_INS} == set(ROLES) - {"service"}
    assert len({person.email for person in SIGN_INS}) == len(SIGN_INS) == 15


def test_every_person_of_the_cast_has_a_post_and_every_school_somebody_in_charge(world: World) -> None:
    posted = {post.worker.signs_in for post in world.staff.posts}
    assert {person.key for person in SIGN_INS} <= posted
    pastoral = [post for post in world.staff.posts if post.worker.signs_in == "pastoral_coordinator"]
    assert len(pastoral) == 3 and len({id(post.manager) for post in pastoral}) == 3


def test_the_same_seed_makes_the_same_people() -> None:
    def names(seed: int) -> list[tuple[str, str, str]]:
        made = World(Asked(pupils=150, schools=3, seed=seed, on=ON))
        return [(child.upn, child.forename, child.surname) for child in made.children]

    assert names(1) == names(1)
    assert names(1) != names(2)
