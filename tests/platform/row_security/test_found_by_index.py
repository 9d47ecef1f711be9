"""Under row-level security only leakproof comparisons can use an index. Lists over the whole file must use such comparisons."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from benchmarks.entries import fill_file
from benchmarks.row_security import statements_of
from haven.core import people
from haven.core.correspondence.queries import outbox
from haven.core.people.models import Enrolment, Pupil
from haven.core.records.queries import entries_of
from haven.core.schools.models import LocalAuthority, School
from haven.platform.accounts.context import AccessContext, access_context_for
from haven.platform.accounts.models import Membership, User
from haven.platform.row_security.context import access_context
from haven.safeguarding.queries import own_receipts, received_concerns, waiting_concerns, waiting_count
from tests.support.database_owner import owner


@pytest.fixture
def lead(db: None) -> tuple[User, School]:
    with owner():
        authority = LocalAuthority.objects.create(code="999", name="Larkshire")
        school = School.objects.create(urn=990101, name="Larkfield", local_authority=authority)
        user = User.objects.create_user("lead@larkfield.example", "Helen Stansfield")
        Membership.objects.create(user=user, role="dsl", school=school, begins_on=date(2024, 9, 1))
        for number in range(60):
            name = f"Pupil{number}"
            pupil = Pupil.objects.create(surname=name, forename="A", surname_key=name.lower(), forename_key="a")
            Enrolment.objects.create(
                school=school,
                author_id=user.id,
                pupil=pupil,
                begins_on=date(2024, 9, 1),
            )
        fill_file(
            6000, seed=1, at=datetime(2026, 1, 14, 9, tzinfo=UTC)
        )  # with statistics, so that the planner has a real choice
    return user, school


def plan_of(ask: Callable[[], Any]) -> str:
    """PostgreSQL's plan of a function's first query, with sequential scans and sorts disabled: the plan for a large table, although the
    test's tables are almost empty."""
    sql, params = statements_of(ask)[0]
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off")
        cursor.execute(f"explain {sql}", params)
        return "\n".join(row[0] for row in cursor.fetchall())


def questions(viewer: AccessContext, school_id: int) -> dict[str, Callable[[], Any]]:
    return {
        "part_pupil_entry": lambda: entries_of(pupil_ids=[1, 2], viewer=viewer),
        "entry_acknowledged": lambda: received_concerns(viewer=viewer, school_id=school_id, year="2025-26")[:50],
        "receipt_newest_of_mine": lambda: own_receipts(viewer=viewer, school_id=school_id),
        "message_newest_of_school": lambda: outbox(school_id=school_id, at=datetime(2026, 1, 14, 9, tzinfo=UTC)),
        "entry_waiting": lambda: waiting_concerns(viewer=viewer, school_id=school_id),
    }


@pytest.mark.parametrize(
    "index",
    ["part_pupil_entry", "entry_acknowledged", "receipt_newest_of_mine", "message_newest_of_school", "entry_waiting"],
)
def test_the_question_is_answered_by_its_index(lead: tuple[User, School], index: str) -> None:
    user, school = lead
    with access_context(user.id):
        plan = plan_of(questions(access_context_for(user=user, on=date(2026, 1, 14)), school.id)[index])
    assert index in plan
    assert "Index Cond" in plan


def test_the_count_of_waiting_concerns_reads_those_that_wait_alone(lead: tuple[User, School]) -> None:
    user, school = lead
    with access_context(user.id):
        viewer = access_context_for(user=user, on=date(2026, 1, 14))
        plan = plan_of(lambda: waiting_count(viewer=viewer, school_id=school.id))
    assert "entry_waiting" in plan
    assert "acknowledgement" not in plan


def test_names_are_found_by_the_words_of_the_index(lead: tuple[User, School]) -> None:
    """The function's condition is the index's expression word for word; otherwise every name would be compared."""
    source = next(iter(Path(people.__file__).parent.glob("sql/names.sql"))).read_text()
    condition = re.search(r"array_to_tsvector\(.*?\) @@", source, re.DOTALL)
    assert condition is not None
    with owner(), connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute(f"explain select p.id from people_pupil p where {condition[0]} 'pup:*'::tsquery")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Scan on pupil_names" in plan
