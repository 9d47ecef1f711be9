"""The rows of the list are filled into what row.html looks like; each is what row.html gives when it is drawn for that row alone."""

from typing import Any

import pytest
import time_machine
from django.template import Context
from django.template.loader import render_to_string

from haven.attendance.follow_up.actions import pupils as act
from haven.attendance.follow_up.page import Asked, live_parts
from haven.attendance.follow_up.templatetags.today import row_card
from haven.core.people.models import Contact
from haven.platform.row_security.context import access_context
from haven.rules.sessions import Half
from tests.database_owner import owner
from tests.morning import AT, LATER, ON, Morning, build_school, set_mark

pytestmark = pytest.mark.django_db
TOKEN = "token-of-<this>-page"


@pytest.fixture
def morning() -> Any:
    with time_machine.travel(AT, tick=False):
        yield build_school()


def rows_both_ways(morning: Morning, name: str) -> list[str]:
    """Each row as it was filled in, after it was compared with the row as drawn."""
    viewer = morning.viewer(name)
    place = viewer.places[0]
    with access_context(viewer.user_id):
        parts = live_parts(viewer, place, Asked(ON, None, show_all=True), LATER)
        context = {**parts, "csrf_token": TOKEN}
        filled = [str(row_card(Context(context), row)) for row in parts["rows"]]
        drawn = [render_to_string("follow_up/row.html", {**context, "row": row}) for row in parts["rows"]]
    assert filled == drawn
    return filled


@pytest.mark.parametrize("name", ["officer", "second", "pastoral", "head", "lead", "kestrel", "worker"])
def test_a_row_that_is_filled_in_is_the_row_as_drawn(morning: Morning, name: str) -> None:
    """Untouched; then with somebody on it, attempts, a child passed on and one found, for whoever did it and for the others."""
    rows_both_ways(morning, name)
    for number in (1, 3, 5):
        set_mark(morning, number, Half.AM, "N")
    officer = morning.viewer("officer")
    common = {"by": officer, "at": AT, "school_id": morning.school_id, "on": ON}
    with access_context(officer.user_id):
        act.start_working(**common, pupil_id=morning.pupils[0].id)
        act.pass_on(
            **common,
            pupil_id=morning.pupils[2].id,
            to_user_id=morning.users["second"].id,
            words='Ring <father> & "aunt"',
        )
    rows_both_ways(morning, name)


def test_what_only_some_rows_have_is_in_them(morning: Morning) -> None:
    with owner():
        Contact.objects.filter(pupil=morning.pupils[2]).update(safe_to_contact=False, safe_contact_note="Court <order>")
    text = "".join(rows_both_ways(morning, "officer"))
    assert (
        "Do not ring" in text
        and "Court &lt;order&gt;" in text
        and "Vulnerable list" in text
        and "Ring the social worker" in text
        and "is missing too" in text
    )
    assert text.count('value="token-of-&lt;this&gt;-page"') >= 6 and " selected>" in text
