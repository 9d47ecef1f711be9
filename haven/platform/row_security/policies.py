"""One declaration for each table, rendered to row-level-security policies. The only place where the rule is written.

The rule, in words. A row is yours to see when you are entered as a viewer and

* it does not concern a pupil from whom you are shut out (a conflict of interest), and
* you wrote it, or it is addressed to you, or
* its access scope (school x record category) is open to you, wholly or for the pupils allocated to you, and it is not restricted to people
  who do not include you.

Every row under a policy carries what the rule needs (access scope, author, pupils, named people), so that the policy joins nothing.
Shape and measurements: docs/decisions/0002-row policies-in-the-database.md.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db import models

M = TypeVar("M", bound=type[models.Model])

OWNER_ROLE, APP_ROLE, BACKUP_ROLE = "haven_owner", "haven_app", "haven_backup"

ROW_POLICIES: dict[type[models.Model], "RowPolicy"] = {}
PUBLIC_TABLES: dict[type[models.Model], "PublicTable"] = {}


def ints(setting: str) -> str:
    """The viewer's list of that name as an array; the inner select makes PostgreSQL read it once, not for each row."""
    return f"(select app.ints('app.{setting}'))::int[]"


ME = "(select app.me())"


@dataclass(frozen=True)
class RowPolicy:
    """What a row carries for the row policy, by column name; None where the table has no such column.

    `pupils` is an int[] column, `pupil` an int column: at most one of them. `addressee` names an int column with the one person to
    whom the row is addressed besides its author. `write` lists what the application may do besides reading. `bulk` is for tables
    that are read whole: the access scopes are hashed rather than searched, which cannot use an index but is quicker on many rows.
    `schools` is for the roll, where the row lists the schools that may see it (an int[] column). `auditing` names an int column with the school whose record of reading and writing it belongs to.
    `own_changes`: whether the row's author and addressee may change it; else only those to whom its access scope is open. `empty_at_first`
    lists columns that a new row must leave null, because somebody else fills them in.
    """

    access_scope: str | None = "access_scope"
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

    def conflict_of_interest_clause(self) -> str | None:
        if self.pupils:
            return f"({self.pupils} && {ints('conflicted_pupils')}) is not true"
        if self.pupil:
            return f"({self.pupil} = any({ints('conflicted_pupils')})) is not true"
        return None

    def _allocated(self) -> str | None:
        if self.pupils:
            return f"{self.pupils} && {ints('caseload_pupils')}"
        if self.pupil:
            return f"{self.pupil} = any({ints('caseload_pupils')})"
        return None

    def _scope_is_readable(self) -> str | None:
        if self.schools:
            return f"{self.schools} && {ints('schools')} or {self.pupil} = any({ints('caseload_pupils')})"
        if not self.access_scope:
            return None
        if self.bulk:
            whole = f"{self.access_scope} in (select unnest(app.ints('app.readable_scopes')))"
        else:
            whole = f"{self.access_scope} = any({ints('readable_scopes')})"
        allocated = self._allocated()
        return (
            f"{whole} or {self.access_scope} = any({ints('caseload_scopes')}) and {allocated}" if allocated else whole
        )

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
        access_scope = self._scope_is_readable()
        if access_scope and self.named:
            access_scope = f"({access_scope}) and ({self.named} is null or {ME} = any({self.named}))"
        if access_scope:
            arms.append(f"({access_scope})")
        seen = " or ".join(arms) or "false"
        shut = self.conflict_of_interest_clause()
        return f"({seen}) and {shut}" if shut else seen

    def put(self) -> str:
        """The condition that a written row must meet."""
        arms = []
        if self.author:
            arms.append(f"{self.author} = {ME}")
        if self.schools:
            arms.append(f"{self.schools} && {ints('writable_schools')}")
        elif self.access_scope:
            arms.append(f"{self.access_scope} = any({ints('writable_scopes')})")
        elif self.addressee:
            arms.append(f"{self.addressee} = {ME}")
        shut = self.conflict_of_interest_clause()
        if shut:
            arms.append(shut)
        return " and ".join(arms) or "false"


@dataclass(frozen=True)
class PublicTable:
    """A table outside the row policy: why, and what the application may do with it."""

    reason: str
    grants: tuple[str, ...]


def row_policy(wall: RowPolicy) -> Callable[[M], M]:
    """Declare a model's row policy."""

    def mark(model: M) -> M:
        ROW_POLICIES[model] = wall
        return model

    return mark


def public_table(reason: str, grants: Iterable[str] = ("select",)) -> Callable[[M], M]:
    """Declare that a model holds nothing confidential, and why."""

    def mark(model: M) -> M:
        PUBLIC_TABLES[model] = PublicTable(reason, tuple(grants))
        return model

    return mark


def statements(table: str, wall: RowPolicy) -> list[str]:
    """The SQL that raises the row policy of one table: policies, then grants."""
    write = set(wall.write)
    sql = [
        f'alter table "{table}" enable row level security',
        f'alter table "{table}" force row level security',
        f'create policy owner_all on "{table}" to {OWNER_ROLE} using (true) with check (true)',
        f'create policy backup_select on "{table}" for select to {BACKUP_ROLE} using (true)',
        f'create policy app_select on "{table}" for select to {APP_ROLE} using ({wall.see()})',
        f'grant select on "{table}" to {APP_ROLE}, {BACKUP_ROLE}',
    ]
    if "insert" in write:
        new = " and ".join([wall.put(), *(f"{column} is null" for column in wall.empty_at_first)])
        sql.append(f'create policy app_insert on "{table}" for insert to {APP_ROLE} with check ({new})')
        sql.append(f'grant insert on "{table}" to {APP_ROLE}')
    if "update" in write:
        put = wall.put()
        # Whoever may write in the access scope may change the row; its author stays who it was.
        changed = put.replace(f"{wall.author} = {ME} and ", "") if wall.author and wall.access_scope else put
        sql.append(
            f'create policy app_update on "{table}" for update to {APP_ROLE} using ({wall.change()}) with check ({changed})'
        )
        columns = f" ({', '.join(wall.columns)})" if wall.columns else ""
        sql.append(f'grant update{columns} on "{table}" to {APP_ROLE}')
    if "delete" in write:
        sql.append(f'create policy app_delete on "{table}" for delete to {APP_ROLE} using ({wall.put()})')
        sql.append(f'grant delete on "{table}" to {APP_ROLE}')
    return sql
