"""Measures the cost of row security on the lists of the product.

Each list is run once as the application, with an access context, and its SQL statements are recorded. The same
statements are then timed in turn as the application (row policies apply) and as a role without row policies, inside one
transaction. Where only the row policy narrows a list, the second role uses views with the same condition written out
with its constants. The rows must be equal.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection

from benchmarks.dataset import FREE_ROLE, Dataset
from benchmarks.measure import Case, Goal, Measure, Spread, UnequalAnswers, Version
from haven.attendance.follow_up.queries.day import day_of, not_accounted_for
from haven.attendance.registers.queries.days import classes_of_day, marks_of_day, missing_registers
from haven.attendance.registers.queries.register_reader import sheets_for
from haven.attendance.registers.queries.worklists import unexplained_older_than
from haven.core.correspondence.queries import outbox
from haven.core.people.queries import find_pupils, listing_of, pupils_of_school
from haven.core.records.queries import entries_of
from haven.core.tasks.queries import my_tasks, tasks_for
from haven.exchange.imports.queries import runs_of
from haven.platform.accounts.context import AccessContext
from haven.platform.accounts.models import User
from haven.platform.row_security.context import LISTS as SETTINGS
from haven.platform.row_security.policies import ROW_POLICIES
from haven.rules.sessions import academic_year_of
from haven.safeguarding.queries import own_receipts, received_concerns, waiting_concerns, waiting_count

FREE, WALLED = "without", "with row security"
BY_HAND = "by_hand"
"""Schema of the views that replace tables where only the row policy narrows a list."""


@dataclass(frozen=True)
class Scene:
    """The user and school of a query, on the morning of the data."""

    dataset: Dataset
    viewer: AccessContext
    school_id: int
    pupil_ids: tuple[int, ...]

    @property
    def here(self) -> dict[str, Any]:
        return {"school_id": self.school_id, "on": self.dataset.on}

    @property
    def school_ids(self) -> list[int]:
        return [place.school_id for place in self.viewer.places]


@dataclass(frozen=True)
class List:
    """A list of the product, its users, and its query."""

    name: str
    viewers: tuple[str, ...]
    ask: Callable[[Scene], Any]


OFFICER, LEAD, TUTOR, WIDE = "attendance_officer", "dsl", "form_tutor", "wide_lead"
TITLES = {OFFICER: "officer", LEAD: "lead", TUTOR: "form tutor", WIDE: "lead of many schools"}

LISTS = (
    List("Today", (OFFICER, TUTOR), lambda s: day_of(viewer=s.viewer, at=s.dataset.at, **s.here)),
    List("Banner of every page", (OFFICER, TUTOR), lambda s: not_accounted_for(viewer=s.viewer, at=s.dataset.at, **s.here)),
    List("Pupils", (OFFICER, TUTOR), lambda s: pupils_of_school(**s.here)),
    List("Find a pupil", (OFFICER, TUTOR, WIDE), lambda s: find_pupils(school_ids=s.school_ids, text="sma", on=s.dataset.on)),
    List("Registers of a day", (OFFICER, TUTOR), lambda s: classes_of_day(**s.here)),
    List("Marks of a day", (OFFICER, TUTOR), lambda s: marks_of_day(**s.here)),
    List("Missing registers", (OFFICER,), lambda s: missing_registers(at=s.dataset.at, **s.here)),
    List("N that is too old", (OFFICER, TUTOR), lambda s: unexplained_older_than(**s.here)),
    List("Sheets of a school's year", (OFFICER, TUTOR), lambda s: _sheets(s)),
    List("Vulnerable pupils", (OFFICER, TUTOR), lambda s: _watched(s)),
    List("Concerns", (LEAD, WIDE), lambda s: _concerns(s)),
    List("Concerns that wait", (LEAD, WIDE), lambda s: waiting_count(viewer=s.viewer, school_id=s.school_id)),
    List("A pupil's file", (OFFICER, LEAD, WIDE), lambda s: entries_of(pupil_ids=s.pupil_ids[:1], limit=50, viewer=s.viewer)),
    List("Tasks at a school", (OFFICER, LEAD), lambda s: tasks_for(s.viewer, s.school_id)),
    List("My day", (OFFICER, LEAD, WIDE), lambda s: my_tasks(s.viewer)),
    List("Messages", (OFFICER,), lambda s: outbox(school_id=s.school_id, at=s.dataset.at)),
    List("My receipts", (OFFICER, LEAD), lambda s: own_receipts(viewer=s.viewer, school_id=s.school_id)),
    List("Imports", (OFFICER,), lambda s: runs_of(s.school_id)),
)  # fmt: skip


def _sheets(scene: Scene) -> Any:
    return sheets_for(school_id=scene.school_id, year=academic_year_of(scene.dataset.on))


def _concerns(scene: Scene) -> Any:
    viewer, school_id = scene.viewer, scene.school_id
    received = received_concerns(viewer=viewer, school_id=school_id, year=academic_year_of(scene.dataset.on))
    return waiting_concerns(viewer=viewer, school_id=school_id), len(received), received[:50]


def _watched(scene: Scene) -> Any:

    return listing_of(**scene.here)


# ---- the statements of a list ----------------------------------------------------------------------------------------


Statement = tuple[str, Any]


def statements_of(ask: Callable[[], Any]) -> list[Statement]:
    """The statements that a query sends to the database: SQL and parameters, in order."""
    sent: list[Statement] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        ask()
    return sent


def answer(statements: Sequence[Statement]) -> list[list[tuple[Any, ...]]]:
    """Every row of every statement."""
    found = []
    with connection.cursor() as cursor:
        for sql, params in statements:
            cursor.execute(sql, params)
            found.append(cursor.fetchall() if cursor.description else [])
    return found


def alike(one: list[list[tuple[Any, ...]]], other: list[list[tuple[Any, ...]]]) -> bool:
    """Whether each statement has the same rows, in any order where the statement does not specify one."""
    return [sorted(map(_spelled, rows)) for rows in one] == [sorted(map(_spelled, rows)) for rows in other]


def _spelled(row: tuple[Any, ...]) -> str:
    return repr([bytes(value) if isinstance(value, memoryview) else value for value in row])


# ---- the condition by hand -------------------------------------------------------------------------------------------


def conditions() -> dict[str, str]:
    """For each table with a row policy, the condition of the current user with the values written in."""
    with connection.cursor() as cursor:
        cursor.execute("select " + ", ".join(f"nullif(current_setting('app.{name}', true), '')" for name in SETTINGS))
        held = dict(zip(SETTINGS, cursor.fetchone(), strict=True))
    return {model._meta.db_table: _written_in(policy.select_using(), held) for model, policy in ROW_POLICIES.items()}


def _written_in(condition: str, held: Mapping[str, str | None]) -> str:
    for name, value in held.items():
        constant = f"'{value}'::int[]" if value else "null::int[]"
        condition = condition.replace(f"(select app.ints('app.{name}'))::int[]", constant)
        condition = condition.replace(f"(select unnest(app.ints('app.{name}')))", f"(select unnest({constant}))")
    return condition.replace("(select app.me())", str(held["user_id"]))


@contextmanager
def views_by_hand() -> Iterator[None]:
    """Create views of the tables with a row policy, each with its condition written out, until the transaction is
    rolled back."""
    found = conditions()
    with connection.cursor() as cursor:
        cursor.execute("reset role")
        cursor.execute(f"create schema {BY_HAND}")
        for table, condition in found.items():
            cursor.execute(
                f'create view {BY_HAND}."{table}" with (security_invoker) as select * from public."{table}" where {condition}',
                None,
            )
        cursor.execute(f"grant usage on schema {BY_HAND} to {FREE_ROLE}")
        cursor.execute(f"grant select on all tables in schema {BY_HAND} to {FREE_ROLE}")
    yield


def _role(become: Callable[[], None], first: str) -> None:
    """Work as a role whose search path begins with the schema `first`."""
    become()
    with connection.cursor() as cursor:
        cursor.execute(f"set local search_path = {first}public")


# ---- the cases -------------------------------------------------------------------------------------------------------


def _reached(seen: Mapping[str, Spread]) -> bool:
    free, protected = seen[FREE].median, seen[WALLED].median
    return protected <= 1.3 * free or protected <= free + 0.5


RULE = Goal("at most 1.3 times the query without, or 0.5 ms more", _reached)


def _cases(dataset: Dataset) -> Iterator[Case]:
    for each in LISTS:
        for who in each.viewers:
            yield from case_of(dataset, each, who, dataset.person(who))


def case_of(dataset: Dataset, each: List, who: str, user: User) -> Iterator[Case]:
    """The case of one list and user; the transaction stays open while it is measured."""
    with dataset.entered(user) as viewer:
        place = viewer.place(dataset.school.id) or viewer.places[0]
        scene = Scene(dataset, viewer, place.school_id, _some_pupils(place.school_id))
        sent = statements_of(lambda: each.ask(scene))
        with_policies = answer(sent)
        dataset.as_free()
        by_hand = not alike(with_policies, answer(sent))
        if by_hand:
            with views_by_hand():
                dataset.as_free()
        free = Version(lambda: answer(sent), lambda: _role(dataset.as_free, f"{BY_HAND}, " if by_hand else ""))
        protected = Version(lambda: answer(sent), lambda: _role(dataset.as_app, ""))
        facts = {
            "statements": len(sent),
            "rows": sum(map(len, with_policies)),
            "narrowed_by": "hand" if by_hand else "its own scope",
        }
        yield Case(f"{each.name}, {TITLES[who]}", {FREE: free, WALLED: protected}, RULE, facts, alike)


def _some_pupils(school_id: int) -> tuple[int, ...]:
    """A few pupils at the school whom the user may see."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pupil_id from people_enrolment where school_id = %s and ends_on is null order by pupil_id limit 5",
            [school_id],
        )
        return tuple(row[0] for row in cursor.fetchall())


LISTS_MEASURE = Measure(
    "row-security",
    "Row security on the lists",
    "Each list of the product as the application sends it, with an access context and row policies, beside the same statements with row "
    "security off and the same rows. Only the database's share is timed: a page adds the same work to both.",
    _cases,
)

__all__ = ["LISTS_MEASURE", "UnequalAnswers"]
