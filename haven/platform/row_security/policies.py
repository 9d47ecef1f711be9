"""One declaration for each table, rendered to row-level-security policies. The only place where the rule is written.

The rule, in words. A user with an access context may read a row if

* it does not concern a pupil with whom the user has a conflict of interest, and
* the user wrote it, or it is addressed to the user, or
* the user may read its access scope (school x record category), wholly or for the pupils allocated to them, and it is not restricted to
  other people.

Every row under a policy carries what the rule needs (access scope, author, pupils, named people), so that the policy needs no join.
Design and measurements: docs/decisions/0002-walls-in-the-database.md.
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
    """The context's list of that name as an array; with the inner select PostgreSQL reads it once and not for each row."""
    return f"(select app.ints('app.{setting}'))::int[]"


ME = "(select app.me())"


@dataclass(frozen=True)
class RowPolicy:
    """The columns of a table that the row policy uses, by name; None if the table does not have one.

    `pupils` is an int[] column, `pupil` an int column: at most one of them. `addressee` names an int column with the person to
    whom the row is addressed besides its author. `write` lists the application's rights besides reading. `hash_scopes` is for tables that are
    read whole: the access scopes are hashed instead of searched, which cannot use an index but is faster on many rows. `schools` names an
    int[] column of the roll with the schools that may read the row. `auditing` names an int column with the school whose audit record the
    row belongs to. `author_may_update`: whether the row's author and addressee may change it, besides users who may write in its access scope.
    `null_on_insert` lists columns that must be null in a new row, because a later writer fills them in.
    """

    access_scope: str | None = "access_scope"
    pupils: str | None = None
    pupil: str | None = None
    author: str | None = None
    addressee: str | None = None
    restricted_to: str | None = None
    schools: str | None = None
    hash_scopes: bool = False
    write: tuple[str, ...] = ("insert",)
    author_reads: bool = True
    auditing: str | None = None
    columns: tuple[str, ...] = ()
    author_may_update: bool = True
    null_on_insert: tuple[str, ...] = ()

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
        if self.hash_scopes:
            whole = f"{self.access_scope} in (select unnest(app.ints('app.readable_scopes')))"
        else:
            whole = f"{self.access_scope} = any({ints('readable_scopes')})"
        allocated = self._allocated()
        return (
            f"{whole} or {self.access_scope} = any({ints('caseload_scopes')}) and {allocated}" if allocated else whole
        )

    def select_using(self) -> str:
        """The condition to read a row."""
        return self._reached(by_its_own=True)

    def update_using(self) -> str:
        """The condition to change an existing row."""
        return self._reached(by_its_own=self.author_may_update)

    def _reached(self, by_its_own: bool) -> str:
        arms = []
        if self.author and self.author_reads and by_its_own:
            arms.append(f"{self.author} = {ME}")
        if self.addressee and by_its_own:
            arms.append(f"{self.addressee} = {ME}")
        if self.auditing and by_its_own:
            arms.append(f"{self.auditing} = any({ints('auditing')})")
        access_scope = self._scope_is_readable()
        if access_scope and self.restricted_to:
            access_scope = f"({access_scope}) and ({self.restricted_to} is null or {ME} = any({self.restricted_to}))"
        if access_scope:
            arms.append(f"({access_scope})")
        seen = " or ".join(arms) or "false"
        no_conflict = self.conflict_of_interest_clause()
        return f"({seen}) and {no_conflict}" if no_conflict else seen

    def insert_check(self) -> str:
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
        no_conflict = self.conflict_of_interest_clause()
        if no_conflict:
            arms.append(no_conflict)
        return " and ".join(arms) or "false"


@dataclass(frozen=True)
class PublicTable:
    """A table without a row policy: the reason, and the application's rights."""

    reason: str
    grants: tuple[str, ...]


def row_policy(policy: RowPolicy) -> Callable[[M], M]:
    """Declare a model's row policy."""

    def mark(model: M) -> M:
        ROW_POLICIES[model] = policy
        return model

    return mark


def public_table(reason: str, grants: Iterable[str] = ("select",)) -> Callable[[M], M]:
    """Declare that a model has no confidential data, and why."""

    def mark(model: M) -> M:
        PUBLIC_TABLES[model] = PublicTable(reason, tuple(grants))
        return model

    return mark


def statements(table: str, policy: RowPolicy) -> list[str]:
    """The SQL that creates the row policies of one table, then its grants."""
    write = set(policy.write)
    sql = [
        f'alter table "{table}" enable row level security',
        f'alter table "{table}" force row level security',
        f'create policy owner_all on "{table}" to {OWNER_ROLE} using (true) with check (true)',
        f'create policy backup_select on "{table}" for select to {BACKUP_ROLE} using (true)',
        f'create policy app_select on "{table}" for select to {APP_ROLE} using ({policy.select_using()})',
        f'grant select on "{table}" to {APP_ROLE}, {BACKUP_ROLE}',
    ]
    if "insert" in write:
        new = " and ".join([policy.insert_check(), *(f"{column} is null" for column in policy.null_on_insert)])
        sql.append(f'create policy app_insert on "{table}" for insert to {APP_ROLE} with check ({new})')
        sql.append(f'grant insert on "{table}" to {APP_ROLE}')
    if "update" in write:
        check = policy.insert_check()
        # A user who may write in the access scope may change the row; its author stays the same.
        changed = check.replace(f"{policy.author} = {ME} and ", "") if policy.author and policy.access_scope else check
        sql.append(
            f'create policy app_update on "{table}" for update to {APP_ROLE} using ({policy.update_using()}) with check ({changed})'
        )
        columns = f" ({', '.join(policy.columns)})" if policy.columns else ""
        sql.append(f'grant update{columns} on "{table}" to {APP_ROLE}')
    if "delete" in write:
        sql.append(f'create policy app_delete on "{table}" for delete to {APP_ROLE} using ({policy.insert_check()})')
        sql.append(f'grant delete on "{table}" to {APP_ROLE}')
    return sql
