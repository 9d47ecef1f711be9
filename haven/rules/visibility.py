"""Who may see and write what, as a table and one short function?

Follows Keeping children safe in education (records are seen by those who need them), the default matrix of the field
(any member of staff may raise a concern, few may read one; an administrator sees no content; governors see
aggregates), and the rule of this house that the database holds the row policy. The database renders its row policies from
this table; `may_see` is the same rule written plainly, and tests compare the two.

A row lies in a access scope: school x record category. A role in a school opens each record category of that school in full
(`all`), for the pupils on the person's caseload or in their class (`allocated`), or not (`none`). `may_write` means
adding a record of one's own, which one then keeps sight of as its author: so a teacher may raise a concern and read
none.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from haven.rules.roles import ROLES, Role


class RecordCategory(IntEnum):
    """What kind of record it is. The numbers are stable: they are part of every row's access_scope."""

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
    """What one role opens in one record category. `scope` is "all", "allocated" or "none"."""

    role: str
    record_category: RecordCategory
    scope: str
    may_write: bool


_SCOPES = {"A": "all", "a": "allocated", "-": "none"}

# One line a role, one pair a record category: A all, a allocated, - none; then w where a record may be added.
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
    """The number of a school's record category, as it stands in every row with a policy."""
    return school_id * CATEGORIES_PER_SCHOOL + record_category


@dataclass(frozen=True, slots=True)
class AccessSets:
    """What a viewer carries: the small sets that the row policy compares each row with."""

    user_id: int | None = None
    """None: nobody entered, who sees nothing, loudly."""
    readable_scopes: frozenset[int] = frozenset()
    """access scopes open in full."""
    caseload_scopes: frozenset[int] = frozenset()
    """access scopes open for the pupils in `caseload_pupils`."""
    writable_scopes: frozenset[int] = frozenset()
    """access scopes in which records may be added."""
    caseload_pupils: frozenset[int] = frozenset()
    """Pupils on the caseload or in the class."""
    conflicted_pupils: frozenset[int] = frozenset()
    """Pupils shut to the viewer by a conflict of interest."""


@dataclass(frozen=True, slots=True)
class Row:
    """The columns of a row under a policy. `restricted_to` None: not restricted; empty: restricted to nobody but its author."""

    id: int
    access_scope: int
    author_id: int | None = None
    pupil_ids: frozenset[int] = field(default=frozenset())
    restricted_to: frozenset[int] | None = None


class NobodyEntered(PermissionError):
    """A question was asked of the row policy with no viewer."""


def access_scopes_of(memberships: Iterable[tuple[int, str]]) -> tuple[frozenset[int], frozenset[int], frozenset[int]]:
    """access scopes, caseload scopes and writable scopes of a person from (school id, role) pairs. A access scope open in full is not in caseload scopes too."""
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
    """The arm of the row policy that lets the viewer see the row, or None when nothing does.

    In order: a conflict of interest shuts, even one's own record; then author, access scope, caseload.
    A restriction to named people narrows the last two. Raises NobodyEntered.
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
    """Whether the viewer may add the row: as its author, where they may write, about no pupil shut to them."""
    if viewer.user_id is None:
        raise NobodyEntered("No access context is set.")
    return (
        row.author_id == viewer.user_id
        and row.access_scope in viewer.writable_scopes
        and not row.pupil_ids & viewer.conflicted_pupils
    )
