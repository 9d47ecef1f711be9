"""The text of the rows of the follow-up list."""

from collections.abc import Iterator

import pytest
import time_machine
from django.template.loader import render_to_string

from haven.attendance.follow_up.actions import pupils as act
from haven.attendance.follow_up.page import Asked, live_parts
from haven.core.people.models import Contact
from haven.platform.row_security.context import access_context
from haven.rules.sessions import Half
from tests.factories.morning import AT, LATER, ON, Morning, build_school, set_mark
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
TOKEN = "token-of-<this>-page"


@pytest.fixture
def morning() -> Iterator[Morning]:
    with time_machine.travel(AT, tick=False):
        yield build_school()


def list_for(morning: Morning, name: str) -> str:
    """The whole list as that person sees it."""
    viewer = morning.viewer(name)
    with access_context(viewer.user_id):
        parts = live_parts(viewer, viewer.places[0], Asked(ON, None, show_all=True), LATER) | {"viewer": viewer}
        return render_to_string("follow_up/list.html", {**parts, "csrf_token": TOKEN})


def test_each_row_shows_what_was_done_and_escapes_what_was_typed(morning: Morning) -> None:
    for number in (1, 3, 5):
        set_mark(morning, number, Half.AM, "N")
    officer = morning.viewer("officer")
    with access_context(officer.user_id):
        act.start_working(by=officer, at=LATER, school_id=morning.school_id, on=ON, pupil_id=morning.pupils[0].id)
        act.pass_on(
            by=officer, at=AT, school_id=morning.school_id, on=ON, pupil_id=morning.pupils[2].id,
            to_user_id=morning.users["second"].id, words='Ring <father> & "aunt"',
        )  # fmt: skip
    text = list_for(morning, "officer")
    assert "Passed on" in text and "Ring &lt;father&gt; &amp; &quot;aunt&quot;" in text
    assert "You are calling now" in text and "You are calling now" not in list_for(morning, "second")


def test_what_only_some_rows_have_is_in_them(morning: Morning) -> None:
    with owner():
        Contact.objects.filter(pupil=morning.pupils[2]).update(safe_to_contact=False, safe_contact_note="Court <order>")
    text = list_for(morning, "officer")
    assert "Do not call" in text and "Court &lt;order&gt;" in text
    assert "Vulnerable pupils list" in text and "Ring the social worker" in text and "is also missing" in text
    assert text.count("token-of-&lt;this&gt;-page") == text.count('hx-swap="none"')


@pytest.mark.parametrize("name", ["second", "pastoral", "head", "lead", "kestrel", "worker"])
def test_everybody_gets_the_buttons_of_their_role_alone(morning: Morning, name: str) -> None:
    viewer, text = morning.viewer(name), list_for(morning, name)
    may = {verb: viewer.may(verb, morning.school_id) for verb in ("log_contact", "accounted_for")}
    rows = text.count("data-row")
    assert text.count("Log what you did") == (rows if may["log_contact"] else 0)
    assert text.count(">Mark as found<span") == (rows if may["accounted_for"] else 0)
