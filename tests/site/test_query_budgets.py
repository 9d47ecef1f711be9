"""The number of SQL statements of each page is limited. A page that needs more must give the reason here, so that a loss of speed is
noticed.

Every page needs four: session, account, the access context, the user's schools. Most need two more for the banner of pupils not accounted
for. The beginnings and ends of transactions are not counted.
"""

from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from haven.core.people.models import RegistrationGroup
from haven.platform.row_security.context import access_context
from haven.rules.sessions import Half
from tests.factories.morning import AT, Morning, build_school, set_mark

pytestmark = pytest.mark.django_db
BUDGETS = {
    ("officer", "today/"): 22,
    ("officer", "today/vulnerable/"): 17,
    ("officer", "registers/"): 16,
    ("officer", "registers/class/{group}/"): 17,
    ("officer", "registers/missing/"): 16,
    ("officer", "pupils/"): 15,
    ("officer", "pupils/{pupil}/"): 24,
    ("officer", "find/?q=p"): 10,
    ("officer", "attendance/"): 16,
    ("officer", "/my-day/"): 9,
    ("lead", "concerns/"): 12,
    ("lead", "pupils/{pupil}/file/"): 10,
    ("lead", "/my-day/"): 10,
}
OF_THE_TEST = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "select set_config(", "select current_setting(")
"""Statements of a transaction within the test's own transaction, which a page outside a test does not need."""


@pytest.fixture
def morning() -> Iterator[Morning]:
    with time_machine.travel(AT, tick=False):
        yield build_school()


def statements_of(morning: Morning, name: str, page: str) -> list[str]:
    """The statements of a page that is opened for the second time."""
    client = Client()
    client.force_login(morning.users[name])
    with access_context(morning.users[name].id):
        group = RegistrationGroup.objects.filter(school_id=morning.school_id).order_by("id").first()
    rest = page.format(pupil=morning.pupils[0].ref, group=group.id if group else 0)
    url = rest if rest.startswith("/") else morning.url(rest)
    assert client.get(url).status_code == 200
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return [sql for each in asked.captured_queries if not (sql := str(each["sql"])).startswith(OF_THE_TEST)]


@pytest.mark.parametrize(("name", "page"), BUDGETS)
def test_a_page_keeps_to_its_budget(morning: Morning, name: str, page: str) -> None:
    found = statements_of(morning, name, page)
    assert len(found) <= BUDGETS[name, page], "\n".join(found)


def test_today_takes_no_more_statements_for_more_pupils(morning: Morning) -> None:
    few = len(statements_of(morning, "officer", "today/"))
    for number in range(12):
        set_mark(morning, number, Half.AM, "N")
    assert len(statements_of(morning, "officer", "today/")) <= few + 1
