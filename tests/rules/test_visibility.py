"""Who sees what: the table of roles, and the row policy arm by arm."""

from itertools import product

import pytest

from haven.rules.roles import CAPABILITIES, MORNING, REGISTER, ROLES, STAFF, may
from haven.rules.visibility import (
    GRANTS,
    AccessSets,
    NobodyEntered,
    RecordCategory,
    Row,
    access_scope_of,
    access_scopes_of,
    grants_of,
    may_insert,
    may_see,
    why_visible,
)

SCOPE = access_scope_of(3, RecordCategory.SAFEGUARDING)


def test_every_role_has_one_grant_for_each_compartment() -> None:
    assert [(grant.role, grant.record_category) for grant in GRANTS] == list(product(ROLES, RecordCategory))
    assert {grant.scope for grant in GRANTS} == {"all", "allocated", "none"}


def readers(record_category: RecordCategory, scope: str) -> set[str]:
    return {grant.role for grant in GRANTS if grant.record_category is record_category and grant.scope == scope}


def test_safeguarding_is_read_by_head_and_leads_and_written_by_everybody_at_school() -> None:
    assert readers(RecordCategory.SAFEGUARDING, "all") == {"head", "dsl", "deputy_dsl"}
    assert readers(RecordCategory.SAFEGUARDING, "allocated") == set()
    writers = {
        grant.role for grant in GRANTS if grant.record_category is RecordCategory.SAFEGUARDING and grant.may_write
    }
    assert {role.name for role in ROLES.values() if role.based_at_school} <= writers
    assert writers == {role.name for role in ROLES.values() if may(role.name, "raise_concern")}


def test_the_vault_of_staff_concerns_is_the_heads_alone() -> None:
    assert readers(RecordCategory.STAFF, "all") == {"head"}
    assert readers(RecordCategory.STAFF, "allocated") == set()


@pytest.mark.parametrize("role", ["governor", "trust_lead", "data_protection_officer", "system_administrator"])
def test_some_roles_open_no_row_at_all(role: str) -> None:
    assert access_scopes_of([(1, role)]) == (frozenset(), frozenset(), frozenset())


def test_havens_own_account_never_reads_what_people_write() -> None:
    opened, allocated, written = access_scopes_of([(1, "service")])
    assert opened == written == {access_scope_of(1, RecordCategory.ROLL), access_scope_of(1, RecordCategory.ATTENDANCE)}
    assert allocated == frozenset()


def test_everybody_at_school_sees_the_roll() -> None:
    assert readers(RecordCategory.ROLL, "all") == {r.name for r in ROLES.values() if r.based_at_school} | {"service"}


def test_whoever_sees_the_marks_of_pupils_sees_them_on_the_roll() -> None:
    """The reader of many schools asks for the marks alone and relies on the roll."""
    wide = ("none", "allocated", "all")
    for role in ROLES:
        scope = {grant.record_category: wide.index(grant.scope) for grant in grants_of(role)}
        assert scope[RecordCategory.ATTENDANCE] <= scope[RecordCategory.ROLL], role


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
    opened, allocated, written = access_scopes_of([(1, "teacher"), (2, "dsl"), (1, "family_support_worker")])
    assert access_scope_of(2, RecordCategory.SAFEGUARDING) in opened
    assert access_scope_of(1, RecordCategory.SAFEGUARDING) not in opened | allocated
    assert access_scope_of(1, RecordCategory.SAFEGUARDING) in written
    assert access_scope_of(1, RecordCategory.PASTORAL) in allocated
    assert not opened & allocated
    assert access_scope_of(2, RecordCategory.STAFF) not in opened | allocated | written


PUPIL, OTHER = frozenset({70}), frozenset({71})
VIEWERS = {
    "stranger": AccessSets(1),
    "scope": AccessSets(1, readable_scopes=frozenset({SCOPE})),
    "caseload": AccessSets(1, caseload_scopes=frozenset({SCOPE}), caseload_pupils=PUPIL),
    "other caseload": AccessSets(1, caseload_scopes=frozenset({SCOPE}), caseload_pupils=OTHER),
    "caseload, no scope": AccessSets(1, caseload_pupils=PUPIL),
    "conflict": AccessSets(1, readable_scopes=frozenset({SCOPE}), conflicted_pupils=PUPIL),
    "other conflict": AccessSets(1, readable_scopes=frozenset({SCOPE}), conflicted_pupils=OTHER),
}
ROWS = {
    "plain": Row(5, SCOPE, 9, PUPIL),
    "own": Row(5, SCOPE, 1, PUPIL),
    "restricted": Row(5, SCOPE, 9, PUPIL, frozenset({8})),
    "named": Row(5, SCOPE, 9, PUPIL, frozenset({1})),
    "author only": Row(5, SCOPE, 9, PUPIL, frozenset()),
    "elsewhere": Row(6, SCOPE + 8, 9, PUPIL),
    "no pupil": Row(6, SCOPE, 9),
}
TRUTH = """
                   plain      own     restricted  named      author only  elsewhere  no pupil
stranger           -          author  -           -          -            -          -
scope              scope      author  -           scope      -            -          scope
caseload           caseload   author  -           caseload   -            -          -
other caseload     -          author  -           -          -            -          -
caseload, no scope -          author  -           -          -            -          -
conflict           -          -       -           -          -            -          scope
other conflict     scope      author  -           scope      -            -          scope
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
    assert why_visible(VIEWERS[viewer], ROWS[row]) == arm
    assert may_see(VIEWERS[viewer], ROWS[row]) == (arm is not None)


def test_the_truth_table_is_whole() -> None:
    assert {(viewer, row) for viewer, row, _ in truth()} == set(product(VIEWERS, ROWS))


def test_nobody_entered_is_loud() -> None:
    for question in (may_see, may_insert, why_visible):
        with pytest.raises(NobodyEntered):
            question(AccessSets(), ROWS["plain"])


def test_a_record_is_added_as_oneself_where_one_may_write_and_never_about_a_shut_pupil() -> None:
    writer = AccessSets(1, writable_scopes=frozenset({SCOPE}))
    assert may_insert(writer, ROWS["own"])
    assert not may_insert(writer, ROWS["plain"])
    assert not may_insert(AccessSets(1, readable_scopes=frozenset({SCOPE})), ROWS["own"])
    assert not may_insert(AccessSets(1, writable_scopes=frozenset({SCOPE}), conflicted_pupils=PUPIL), ROWS["own"])


def test_the_numbers_that_are_stored_in_rows_never_change() -> None:
    """A stored access scope is the school's number times eight plus the category."""
    assert [category.value for category in RecordCategory] == [0, 1, 2, 3, 4]
    assert access_scope_of(5, RecordCategory.SAFEGUARDING) == 43
    assert access_scope_of(5, RecordCategory.ROLL) == 40


@pytest.mark.parametrize("role", ["pupil_support_worker", "form_tutor", "teacher", "attendance_officer", "head"])
def test_everybody_who_takes_registers_may_take_and_see_them(role: str) -> None:
    assert ROLES[role].capabilities >= REGISTER


def test_what_support_workers_may_do() -> None:
    assert ROLES["pupil_support_worker"].capabilities == REGISTER | MORNING | STAFF | {"late_gate"}
    assert ROLES["family_support_worker"].capabilities == MORNING | STAFF
    assert not REGISTER <= MORNING | STAFF and not MORNING <= REGISTER | STAFF
