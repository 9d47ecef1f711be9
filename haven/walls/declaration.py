"""One declaration for each table, rendered to row-level-security policies. The only place where the rule is written.

The rule, in words. A row is yours to see when you are entered as a viewer and

* it does not concern a pupil from whom you are shut out (a conflict of interest), and
* you wrote it, or it is addressed to you, or
* its zone (school x compartment) is open to you, wholly or for the pupils allocated to you, and it is not restricted to people
  who do not include you.

Every walled row carries what the rule needs (zone, author, pupils, named people), so that the policy joins nothing.
Shape and measurements: docs/decisions/0002-walls-in-the-database.md.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db import models

M = TypeVar("M", bound=type[models.Model])

OWNER_ROLE, APP_ROLE, BACKUP_ROLE = "haven_owner", "haven_app", "haven_backup"

WALLS: dict[type[models.Model], "Wall"] = {}
OPEN: dict[type[models.Model], "Open"] = {}


def ints(setting: str) -> str:
    """The viewer's list of that name as an array; the inner select makes PostgreSQL read it once, not for each row."""
    return f"(select app.ints('app.{setting}'))::int[]"


ME = "(select app.me())"


@dataclass(frozen=True)
class Wall:
    """What a row carries for the wall, by column name; None where the table has no such column.

    `pupils` is an int[] column, `pupil` an int column: at most one of them. `addressee` names an int column with the one person to
    whom the row is addressed besides its author. `write` lists what the application may do besides reading. `bulk` is for tables
    that are read whole: the zones are hashed rather than searched, which cannot use an index but is quicker on many rows.
    `schools` is for the roll, where the row lists the schools that may see it (an int[] column). `auditing` names an int column with the school whose record of reading and writing it belongs to.
    `own_changes`: whether the row's author and addressee may change it; else only those to whom its zone is open. `empty_at_first`
    lists columns that a new row must leave null, because somebody else fills them in.
    """

    zone: str | None = "zone"
    pupils: str | None = None
    pupil: str | None = None
    author: str | None = None
    addressee: str | None = None
    named: str | None = None
    schools: str | None = None
    bulk: bool = False
    write: tuple[str, ...] = ("insert",)
    author_reads: bool = True
    auditing: str | None = None
    columns: tuple[str, ...] = ()
    own_changes: bool = True
    empty_at_first: tuple[str, ...] = ()

    def shut(self) -> str | None:
        if self.pupils:
            return f"({self.pupils} && {ints('shut')}) is not true"
        if self.pupil:
            return f"({self.pupil} = any({ints('shut')})) is not true"
        return None

    def _allocated(self) -> str | None:
        if self.pupils:
            return f"{self.pupils} && {ints('alloc')}"
        if self.pupil:
            return f"{self.pupil} = any({ints('alloc')})"
        return None

    def _zone_is_open(self) -> str | None:
        if self.schools:
            return f"{self.schools} && {ints('schools')} or {self.pupil} = any({ints('alloc')})"
        if not self.zone:
            return None
        if self.bulk:
            whole = f"{self.zone} in (select unnest(app.ints('app.zones')))"
        else:
            whole = f"{self.zone} = any({ints('zones')})"
        allocated = self._allocated()
        return f"{whole} or {self.zone} = any({ints('azones')}) and {allocated}" if allocated else whole

    def see(self) -> str:
        """The condition under which a row is seen."""
        return self._reached(by_its_own=True)

    def change(self) -> str:
        """The condition under which a row that stands may be changed."""
        return self._reached(by_its_own=self.own_changes)

    def _reached(self, by_its_own: bool) -> str:
        arms = []
        if self.author and self.author_reads and by_its_own:
            arms.append(f"{self.author} = {ME}")
        if self.addressee and by_its_own:
            arms.append(f"{self.addressee} = {ME}")
        if self.auditing and by_its_own:
            arms.append(f"{self.auditing} = any({ints('auditing')})")
        zone = self._zone_is_open()
        if zone and self.named:
            zone = f"({zone}) and ({self.named} is null or {ME} = any({self.named}))"
        if zone:
            arms.append(f"({zone})")
        seen = " or ".join(arms) or "false"
        shut = self.shut()
        return f"({seen}) and {shut}" if shut else seen

    def put(self) -> str:
        """The condition that a written row must meet."""
        arms = []
        if self.author:
            arms.append(f"{self.author} = {ME}")
        if self.schools:
            arms.append(f"{self.schools} && {ints('wschools')}")
        elif self.zone:
            arms.append(f"{self.zone} = any({ints('wzones')})")
        elif self.addressee:
            arms.append(f"{self.addressee} = {ME}")
        shut = self.shut()
        if shut:
            arms.append(shut)
        return " and ".join(arms) or "false"


@dataclass(frozen=True)
class Open:
    """A table outside the wall: why, and what the application may do with it."""

    reason: str
    grants: tuple[str, ...]


def walled(wall: Wall) -> Callable[[M], M]:
    """Declare a model's wall."""

    def mark(model: M) -> M:
        WALLS[model] = wall
        return model

    return mark


def open_table(reason: str, grants: Iterable[str] = ("select",)) -> Callable[[M], M]:
    """Declare that a model holds nothing confidential, and why."""

    def mark(model: M) -> M:
        OPEN[model] = Open(reason, tuple(grants))
        return model

    return mark


def statements(table: str, wall: Wall) -> list[str]:
    """The SQL that raises the wall of one table: policies, then grants."""
    write = set(wall.write)
    sql = [
        f'alter table "{table}" enable row level security',
        f'alter table "{table}" force row level security',
        f'create policy wall_owner on "{table}" to {OWNER_ROLE} using (true) with check (true)',
        f'create policy wall_backup on "{table}" for select to {BACKUP_ROLE} using (true)',
        f'create policy wall_see on "{table}" for select to {APP_ROLE} using ({wall.see()})',
        f'grant select on "{table}" to {APP_ROLE}, {BACKUP_ROLE}',
    ]
    if "insert" in write:
        new = " and ".join([wall.put(), *(f"{column} is null" for column in wall.empty_at_first)])
        sql.append(f'create policy wall_put on "{table}" for insert to {APP_ROLE} with check ({new})')
        sql.append(f'grant insert on "{table}" to {APP_ROLE}')
    if "update" in write:
        put = wall.put()
        # Whoever may write in the zone may change the row; its author stays who it was.
        changed = put.replace(f"{wall.author} = {ME} and ", "") if wall.author and wall.zone else put
        sql.append(
            f'create policy wall_change on "{table}" for update to {APP_ROLE} using ({wall.change()}) with check ({changed})'
        )
        columns = f" ({', '.join(wall.columns)})" if wall.columns else ""
        sql.append(f'grant update{columns} on "{table}" to {APP_ROLE}')
    if "delete" in write:
        sql.append(f'create policy wall_drop on "{table}" for delete to {APP_ROLE} using ({wall.put()})')
        sql.append(f'grant delete on "{table}" to {APP_ROLE}')
    return sql
