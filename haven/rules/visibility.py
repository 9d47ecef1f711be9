"""Who may see and write what, as a table and one short function?

Follows Keeping children safe in education (records are seen by those who need them), the default matrix of the field
(any member of staff may raise a concern, few may read one; an administrator sees no content; governors see
aggregates), and the rule of this house that the database holds the wall. The database renders its row policies from
this table; `may_see` is the same rule written plainly, and tests compare the two.

A row lies in a zone: school x compartment. A role in a school opens each compartment of that school in full
(`all`), for the pupils on the person's caseload or in their class (`allocated`), or not (`none`). `may_write` means
adding a record of one's own, which one then keeps sight of as its author: so a teacher may raise a concern and read
none.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from haven.rules.roles import ROLES, Role


class Compartment(IntEnum):
    """What kind of record it is. The numbers are stable: they are part of every row's zone."""

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


ROLL, ATTENDANCE, PASTORAL, SAFEGUARDING, STAFF = Compartment
COMPARTMENTS_PER_SCHOOL = 8


@dataclass(frozen=True, slots=True)
class Grant:
    """What one role opens in one compartment. `scope` is "all", "allocated" or "none"."""

    role: str
    compartment: Compartment
    scope: str
    may_write: bool


_SCOPES = {"A": "all", "a": "allocated", "-": "none"}

# One line a role, one pair a compartment: A all, a allocated, - none; then w where a record may be added.
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
        Grant(role, compartment, _SCOPES[cell[0]], cell.endswith("w"))
        for role, *cells in map(str.split, lines)
        for compartment, cell in zip(Compartment, cells, strict=True)
    )


GRANTS: tuple[Grant, ...] = _read(_TABLE)
"""Sixteen roles x five compartments."""


def grants_of(role: str) -> tuple[Grant, ...]:
    """The five grants of a role. Raises KeyError for a role that is not in the table."""
    return tuple(grant for grant in GRANTS if grant.role == role_named(role).name)


def role_named(name: str) -> Role:
    """A role of the table. Raises KeyError."""
    return ROLES[name]


def zone_of(school_id: int, compartment: Compartment) -> int:
    """The number of a school's compartment, as it stands in every walled row."""
    return school_id * COMPARTMENTS_PER_SCHOOL + compartment


@dataclass(frozen=True, slots=True)
class Sight:
    """What a viewer carries: the small sets that the wall compares each row with."""

    user_id: int | None = None
    """None: nobody entered, who sees nothing, loudly."""
    zones: frozenset[int] = frozenset()
    """Zones open in full."""
    azones: frozenset[int] = frozenset()
    """Zones open for the pupils in `alloc`."""
    wzones: frozenset[int] = frozenset()
    """Zones in which records may be added."""
    alloc: frozenset[int] = frozenset()
    """Pupils on the caseload or in the class."""
    glass: frozenset[int] = frozenset()
    """Pupils opened by breaking the glass, now."""
    shares: frozenset[int] = frozenset()
    """Single records shared with the viewer, now."""
    shut: frozenset[int] = frozenset()
    """Pupils shut to the viewer by a conflict of interest."""


@dataclass(frozen=True, slots=True)
class Row:
    """The columns of a walled row. `restricted_to` None: not restricted; empty: restricted to nobody but its author."""

    id: int
    zone: int
    author_id: int | None = None
    pupil_ids: frozenset[int] = field(default=frozenset())
    restricted_to: frozenset[int] | None = None


class NobodyEntered(PermissionError):
    """A question was asked of the wall with no viewer."""


def zones_of(memberships: Iterable[tuple[int, str]]) -> tuple[frozenset[int], frozenset[int], frozenset[int]]:
    """Zones, azones and wzones of a person from (school id, role) pairs. A zone open in full is not in azones too."""
    opened: dict[str, set[int]] = {"all": set(), "allocated": set(), "none": set()}
    written: set[int] = set()
    for school_id, role in memberships:
        for grant in grants_of(role):
            zone = zone_of(school_id, grant.compartment)
            opened[grant.scope].add(zone)
            if grant.may_write:
                written.add(zone)
    return frozenset(opened["all"]), frozenset(opened["allocated"] - opened["all"]), frozenset(written)


def why_seen(viewer: Sight, row: Row) -> str | None:
    """The arm of the wall that lets the viewer see the row, or None when nothing does.

    In order: a conflict of interest shuts, even one's own record; then author, zone, allocated, glass, share.
    A restriction to named people narrows the zone arms, not breaking the glass and not a share. Raises NobodyEntered.
    """
    if viewer.user_id is None:
        raise NobodyEntered("No viewer: nobody has entered.")
    if row.pupil_ids & viewer.shut:
        return None
    if row.author_id == viewer.user_id:
        return "author"
    if row.restricted_to is None or viewer.user_id in row.restricted_to:
        if row.zone in viewer.zones:
            return "zone"
        if row.zone in viewer.azones and row.pupil_ids & viewer.alloc:
            return "allocated"
    if row.pupil_ids & viewer.glass:
        return "glass"
    if row.id in viewer.shares:
        return "share"
    return None


def may_see(viewer: Sight, row: Row) -> bool:
    """Whether the viewer may see the row. Raises NobodyEntered."""
    return why_seen(viewer, row) is not None


def may_put(viewer: Sight, row: Row) -> bool:
    """Whether the viewer may add the row: as its author, where they may write, about no pupil shut to them."""
    if viewer.user_id is None:
        raise NobodyEntered("No viewer: nobody has entered.")
    return row.author_id == viewer.user_id and row.zone in viewer.wzones and not row.pupil_ids & viewer.shut
