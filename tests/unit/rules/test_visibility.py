"""Who sees what: the table of roles, and the wall arm by arm."""

from itertools import product

import pytest

from haven.rules.roles import CAPABILITIES, ROLES, may
from haven.rules.visibility import (
    GRANTS,
    Compartment,
    NobodyEntered,
    Row,
    Sight,
    grants_of,
    may_put,
    may_see,
    why_seen,
    zone_of,
    zones_of,
)

ZONE = zone_of(3, Compartment.SAFEGUARDING)


def test_every_role_has_one_grant_for_each_compartment() -> None:
    assert [(grant.role, grant.compartment) for grant in GRANTS] == list(product(ROLES, Compartment))
    assert {grant.scope for grant in GRANTS} == {"all", "allocated", "none"}


def readers(compartment: Compartment, scope: str) -> set[str]:
    return {grant.role for grant in GRANTS if grant.compartment is compartment and grant.scope == scope}


def test_safeguarding_is_read_by_head_and_leads_and_written_by_everybody_at_school() -> None:
    assert readers(Compartment.SAFEGUARDING, "all") == {"head", "dsl", "deputy_dsl"}
    assert readers(Compartment.SAFEGUARDING, "allocated") == set()
    writers = {grant.role for grant in GRANTS if grant.compartment is Compartment.SAFEGUARDING and grant.may_write}
    assert {role.name for role in ROLES.values() if role.based_at_school} <= writers
    assert writers == {role.name for role in ROLES.values() if may(role.name, "raise_concern")}


def test_the_vault_of_staff_concerns_is_the_heads_alone() -> None:
    assert readers(Compartment.STAFF, "all") == {"head"}
    assert readers(Compartment.STAFF, "allocated") == set()


@pytest.mark.parametrize("role", ["governor", "trust_lead", "data_protection_officer", "system_administrator"])
def test_some_roles_open_no_row_at_all(role: str) -> None:
    assert zones_of([(1, role)]) == (frozenset(), frozenset(), frozenset())


def test_havens_own_account_never_reads_what_people_write() -> None:
    opened, allocated, written = zones_of([(1, "service")])
    assert opened == written == {zone_of(1, Compartment.ROLL), zone_of(1, Compartment.ATTENDANCE)}
    assert allocated == frozenset()


def test_everybody_at_school_sees_the_roll() -> None:
    assert readers(Compartment.ROLL, "all") == {r.name for r in ROLES.values() if r.based_at_school} | {"service"}


def test_whoever_sees_the_marks_of_pupils_sees_them_on_the_roll() -> None:
    """The door for many schools asks for the marks alone and takes the roll's word for granted."""
    wide = ("none", "allocated", "all")
    for role in ROLES:
        scope = {grant.compartment: wide.index(grant.scope) for grant in grants_of(role)}
        assert scope[Compartment.ATTENDANCE] <= scope[Compartment.ROLL], role


def test_capabilities_are_all_described_and_all_used() -> None:
    used = frozenset().union(*(role.capabilities for role in ROLES.values()))
    assert used == set(CAPABILITIES)
    assert all(role.title and role.sentence.endswith(".") for role in ROLES.values())
    assert may("attendance_officer", "amend_mark") and not may("teacher", "amend_mark")
    assert not may("attendance_officer", "approve_bulk"), "a second person approves"
    with pytest.raises(KeyError):
        may("head", "fly")
    with pytest.raises(KeyError):
        may("stranger", "amend_mark")
    with pytest.raises(KeyError):
        grants_of("stranger")


def test_zones_of_one_person_in_two_schools() -> None:
    opened, allocated, written = zones_of([(1, "teacher"), (2, "dsl"), (1, "family_support_worker")])
    assert zone_of(2, Compartment.SAFEGUARDING) in opened
    assert zone_of(1, Compartment.SAFEGUARDING) not in opened | allocated
    assert zone_of(1, Compartment.SAFEGUARDING) in written
    assert zone_of(1, Compartment.PASTORAL) in allocated
    assert not opened & allocated
    assert zone_of(2, Compartment.STAFF) not in opened | allocated | written


PUPIL, OTHER = frozenset({70}), frozenset({71})
SIGHTS = {
    "stranger": Sight(1),
    "zone": Sight(1, zones=frozenset({ZONE})),
    "allocated": Sight(1, azones=frozenset({ZONE}), alloc=PUPIL),
    "not allocated": Sight(1, azones=frozenset({ZONE}), alloc=OTHER),
    "alloc in no zone": Sight(1, alloc=PUPIL),
    "glass": Sight(1, glass=PUPIL),
    "share": Sight(1, shares=frozenset({5})),
    "shut": Sight(1, zones=frozenset({ZONE}), glass=PUPIL, shares=frozenset({5}), shut=PUPIL),
    "shut to another": Sight(1, zones=frozenset({ZONE}), shut=OTHER),
}
ROWS = {
    "plain": Row(5, ZONE, 9, PUPIL),
    "own": Row(5, ZONE, 1, PUPIL),
    "restricted": Row(5, ZONE, 9, PUPIL, frozenset({8})),
    "named": Row(5, ZONE, 9, PUPIL, frozenset({1})),
    "author only": Row(5, ZONE, 9, PUPIL, frozenset()),
    "elsewhere": Row(6, ZONE + 8, 9, PUPIL),
    "no pupil": Row(6, ZONE, 9),
}
TRUTH = """
                   plain      own     restricted  named      author only  elsewhere  no pupil
stranger           -          author  -           -          -            -          -
zone               zone       author  -           zone       -            -          zone
allocated          allocated  author  -           allocated  -            -          -
not allocated      -          author  -           -          -            -          -
alloc in no zone   -          author  -           -          -            -          -
glass              glass      author  glass       glass      glass        glass      -
share              share      author  share       share      share        -          -
shut               -          -       -           -          -            -          zone
shut to another    zone       author  -           zone       -            -          zone
"""


def truth() -> list[tuple[str, str, str | None]]:
    _, *lines = [line for line in TRUTH.split("\n") if line.strip()]
    return [
        (line[:18].strip(), row, None if arm == "-" else arm)
        for line in lines
        for row, arm in zip(ROWS, line[18:].split(), strict=True)
    ]


@pytest.mark.parametrize(("viewer", "row", "arm"), truth())
def test_the_wall(viewer: str, row: str, arm: str | None) -> None:
    assert why_seen(SIGHTS[viewer], ROWS[row]) == arm
    assert may_see(SIGHTS[viewer], ROWS[row]) == (arm is not None)


def test_the_truth_table_is_whole() -> None:
    assert {(viewer, row) for viewer, row, _ in truth()} == set(product(SIGHTS, ROWS))


def test_nobody_entered_is_loud() -> None:
    for question in (may_see, may_put, why_seen):
        with pytest.raises(NobodyEntered):
            question(Sight(), ROWS["plain"])


def test_a_record_is_added_as_oneself_where_one_may_write_and_never_about_a_shut_pupil() -> None:
    writer = Sight(1, wzones=frozenset({ZONE}))
    assert may_put(writer, ROWS["own"])
    assert not may_put(writer, ROWS["plain"])
    assert not may_put(Sight(1, zones=frozenset({ZONE})), ROWS["own"])
    assert not may_put(Sight(1, wzones=frozenset({ZONE}), shut=PUPIL), ROWS["own"])
