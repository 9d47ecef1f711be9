"""A concern with a planted phrase: every address of the product is requested as every user, with the concern and without it.

Users who may not receive concerns never see the phrase, and their responses with and without the concern are equal byte by byte. In a
campaign every address is requested; otherwise those of the apps that write about a child, and a tenth of the rest.
"""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from haven.core.records.models import Entry
from haven.core.tasks.models import Task
from haven.platform.accounts.models import Membership, User
from haven.rules.roles import ROLES
from haven.safeguarding.models import Receipt
from tests.safeguarding.test_concerns import PHRASE, URN, lay, raise_one, signed_in
from tests.support.campaign import chosen
from tests.support.crawl import addresses, ask, named_addresses
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 14, 9, 30, tzinfo=UTC)
RECEIVES = {"head", "dsl", "deputy_dsl"}
# A user who sees the school's audit record sees that something was done, and never its content.
SEES_THE_RECORD = {"data_protection_officer"}
# What the person who raised it can still see.
OF_THE_AUTHOR = {"safeguarding:mine", "safeguarding:sent"}
# A trace of a concern would show here first: these are requested for every user in every run.
ABOUT_A_CHILD = ("safeguarding:", "records:", "people:", "site:")
ASKED = ("q", "text", "letters", "search")


@pytest.fixture
def school_data() -> dict[str, Any]:
    found = lay()
    with owner():
        school = found["school"]
        for role in ROLES:
            user = User.objects.create_user(f"every.{role}@example.test", f"Every {role}")
            Membership.objects.create(user=user, role=role, school_id=school, begins_on=datetime(2020, 1, 1).date())
            found[role] = user
    return found


def pages_to_ask(refs: list[UUID], who: str) -> list[tuple[str, str]]:
    """(name, address) of each page that this run requests."""
    samples = [*map(str, refs), "2026-01-14", "AM", "2026-01-14-AM", "2025-26", "concern", "check", "finish", "1", "x"]
    every = addresses(samples, urn=[URN])
    near = [page for page in every if page[0].startswith(ABOUT_A_CHILD)]
    return near + chosen([page for page in every if page not in near], who)


def crawl(client: Client, refs: list[UUID], who: str) -> dict[tuple[str, str], Any]:
    """Each page requested; pages that exist and name no record also as a search and as a file. Responses by (name, address)."""
    answers = {page: ask(client, page[1]) for page in pages_to_ask(refs, who)}
    for (name, address), (status, _, _) in list(answers.items()):
        if status != 200 or any(str(ref) in address for ref in refs):
            continue
        for word, more in ((PHRASE.split()[0], ""), ("siob", "&format=csv")):
            searched = f"{address}?{'&'.join(f'{key}={quote(word)}' for key in ASKED)}{more}"
            answers[name, searched] = ask(client, searched)
    return answers


@pytest.mark.parametrize("who", [*ROLES, "parent", "teacher_who_raised"])
def test_not_a_byte_differs(school_data: dict[str, Any], who: str) -> None:
    person = "teacher" if who == "teacher_who_raised" else who
    author = "teacher" if who in ("teacher_who_raised",) else "officer"
    with time_machine.travel(AT, tick=False):
        before = transaction.savepoint()
        entry = raise_one(school_data, author)
        with owner():
            refs = [school_data["pupil"].ref, entry.ref, Receipt.objects.get().ref, Task.objects.get().ref]
        with_it = crawl(asking(school_data, person), refs, who)
        transaction.savepoint_rollback(before)
        with owner():
            assert not Entry.objects.exists()
        without = with_it if who in RECEIVES | SEES_THE_RECORD else crawl(asking(school_data, person), refs, who)
    may_read = who in RECEIVES
    found = [
        page
        for page, (_, _, body) in with_it.items()
        if PHRASE.split()[0].encode() in body.replace(page[1].encode(), b"") and not echoes(page)
    ]
    assert bool(found) == may_read, found
    differs = {page for page in {**with_it, **without} if with_it.get(page) != without.get(page)}
    if who == "teacher_who_raised":
        differs = {page for page in differs if page[0] not in OF_THE_AUTHOR}
    assert differs == set()
    assert not [page for page, (status, _, _) in with_it.items() if status >= 500]


def asking(school_data: dict[str, Any], person: str) -> Client:
    """A client signed in as the person; an error page counts as a response."""
    client = signed_in(school_data, person)
    client.raise_request_exception = False
    return client


def echoes(page: tuple[str, str]) -> bool:
    """A search page shows the search text."""
    return "?" in page[1]


def test_the_crawl_finds_the_pages_it_is_for() -> None:
    names = {name for name, _ in named_addresses()}
    assert {
        "safeguarding:queue",
        "safeguarding:concern",
        "records:file",
        "records:entry",
        "tasks:my_day",
    } <= names
