"""Defines who may see and write which records, as a table and one short function.

Follows Keeping children safe in education (records are seen by those who need them) and the field's default matrix: any
member of staff may raise a concern and few may read one, an administrator sees no content, governors see aggregates.
Haven enforces the rules in the database: it generates the row policies from this table. `may_see` states the same rule
plainly, and tests compare the two.

A row belongs to an access scope: school x record category. A role at a school opens each record category of that school
in full (`all`), for the pupils on the person's caseload or in their class (`allocated`), or not at all (`none`).
`may_write` means that the person may add their own record. They can still see it afterwards as its author: so a teacher
may raise a concern and read no others.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from haven.rules.roles import ROLES, Role


class RecordCategory(IntEnum):
    """The kind of record. The numbers are stable: they are part of every row's access_scope."""

    ROLL = 0
    """Who is on roll: names, form, enrolment."""
    ATTENDANCE = 1
    """Marks, contacts, contact attempts, leave."""
    PASTORAL = 2
    """Support, cases, visits, statuses."""
    SAFEGUARDING = 3
    """Concerns and child protection files."""
    STAFF = 4
    """Concerns about staff."""


ROLL, ATTENDANCE, PASTORAL, SAFEGUARDING, STAFF = RecordCategory
CATEGORIES_PER_SCHOOL = 8


@dataclass(frozen=True, slots=True)
class Grant:
    """What one role may see in one record category. `scope` is "all", "allocated" or "none"."""

    role: str
    record_category: RecordCategory
    scope: str
    may_write: bool


_SCOPES = {"A": "all", "a": "allocated", "-": "none"}

# One row for each role, one pair for each record category: A all, a allocated, - none; then w where the role may add a
# record.
_TABLE = """
role                     roll  attendance  pastoral  safeguarding  staff
head                     Aw    Aw          Aw        Aw            Aw
attendance_officer       Aw    Aw          -         -w            -
attendance_coordinator   Aw    Aw          aw        -w            -
family_support_worker    A     aw          aw        -w            -
pastoral_coordinator     A     Aw          Aw        -w            -
pupil_support_worker     A     aw          aw        -w            -
dsl                      Aw    Aw          Aw        Aw            -
deputy_dsl               Aw    Aw          Aw        Aw            -
form_tutor               A     aw          -w        -w            -
teacher                  A     aw          -         -w            -
governor                 -     -           -         -             -
trust_lead               -     -           -         -             -
authority_practitioner   a     aw          aw        -w            -
data_protection_officer  -     -           -         -             -
system_administrator     -     -           -         -             -
service                  Aw    Aw          -         -             -
"""


def _read(table: str) -> tuple[Grant, ...]:
    _, *lines = table.split("\n")[1:-1]
    return tuple(
        Grant(role, record_category, _SCOPES[cell[0]], cell.endswith("w"))
        for role, *cells in map(str.split, lines)
        for record_category, cell in zip(RecordCategory, cells, strict=True)
    )


GRANTS: tuple[Grant, ...] = _read(_TABLE)
"""Sixteen roles x five record categories."""


def grants_of(role: str) -> tuple[Grant, ...]:
    """The five grants of a role. Raises KeyError for a role that is not in the table."""
    return tuple(grant for grant in GRANTS if grant.role == role_named(role).name)


def role_named(name: str) -> Role:
    """A role of the table. Raises KeyError."""
    return ROLES[name]


def access_scope_of(school_id: int, record_category: RecordCategory) -> int:
    """The access scope of a school and record category: the number stored in every row with a policy."""
    return school_id * CATEGORIES_PER_SCHOOL + record_category


@dataclass(frozen=True, slots=True)
class AccessSets:
    """The access context of a viewer: the small sets that the row policy compares with each row."""

    user_id: int | None = None
    """None: no access context is set, and every query raises."""
    readable_scopes: frozenset[int] = frozenset()
    """Access scopes open in full."""
    caseload_scopes: frozenset[int] = frozenset()
    """Access scopes open for the pupils in `caseload_pupils`."""
    writable_scopes: frozenset[int] = frozenset()
    """Access scopes in which the viewer may add records."""
    caseload_pupils: frozenset[int] = frozenset()
    """Pupils on the caseload or in the class."""
    conflicted_pupils: frozenset[int] = frozenset()
    """Pupils that a conflict of interest closes to the viewer."""


@dataclass(frozen=True, slots=True)
class Row:
    """The columns of a row that a policy reads. `restricted_to` None: not restricted; empty: restricted to its
    author."""

    id: int
    access_scope: int
    author_id: int | None = None
    pupil_ids: frozenset[int] = field(default=frozenset())
    restricted_to: frozenset[int] | None = None


class NobodyEntered(PermissionError):
    """The row policy was evaluated without an access context."""


def access_scopes_of(memberships: Iterable[tuple[int, str]]) -> tuple[frozenset[int], frozenset[int], frozenset[int]]:
    """Readable, caseload and writable access scopes of a person from (school id, role) pairs. An access scope that is
    open in full is not a caseload scope as well."""
    opened: dict[str, set[int]] = {"all": set(), "allocated": set(), "none": set()}
    written: set[int] = set()
    for school_id, role in memberships:
        for grant in grants_of(role):
            access_scope = access_scope_of(school_id, grant.record_category)
            opened[grant.scope].add(access_scope)
            if grant.may_write:
                written.add(access_scope)
    return frozenset(opened["all"]), frozenset(opened["allocated"] - opened["all"]), frozenset(written)


def why_visible(viewer: AccessSets, row: Row) -> str | None:
    """The part of the row policy that lets the viewer see the row, or None when no part does.

    In order: a conflict of interest closes the row, even to its author; then author, access scope and caseload apply. A
    restriction to named people narrows the last two. Raises NobodyEntered.
    """
    if viewer.user_id is None:
        raise NobodyEntered("No access context is set.")
    if row.pupil_ids & viewer.conflicted_pupils:
        return None
    if row.author_id == viewer.user_id:
        return "author"
    if row.restricted_to is None or viewer.user_id in row.restricted_to:
        if row.access_scope in viewer.readable_scopes:
            return "scope"
        if row.access_scope in viewer.caseload_scopes and row.pupil_ids & viewer.caseload_pupils:
            return "caseload"
    return None


def may_see(viewer: AccessSets, row: Row) -> bool:
    """Whether the viewer may see the row. Raises NobodyEntered."""
    return why_visible(viewer, row) is not None


def may_insert(viewer: AccessSets, row: Row) -> bool:
    """Whether the viewer may add the row: as its author, in a writable scope, and not about a pupil closed to them."""
    if viewer.user_id is None:
        raise NobodyEntered("No access context is set.")
    return (
        row.author_id == viewer.user_id
        and row.access_scope in viewer.writable_scopes
        and not row.pupil_ids & viewer.conflicted_pupils
    )
