"""The page of the school year: display, changes after a preview, their effect on other pages, and concurrent changes."""

from datetime import date, time
from typing import Any

import pytest
from django.test import Client

from haven.attendance.registers.actions.registers import take_marks
from haven.attendance.registers.models import MarkAmendment, Sheet
from haven.core.schools.actions import Times, set_session_times
from haven.core.schools.calendars import Span, sessions_after, sessions_within
from haven.core.schools.models import Calendar, CalendarSpan
from haven.core.schools.queries import year_mark
from haven.platform.accounts.models import Conflict
from haven.platform.audit.models import AuditEvent
from haven.platform.row_security.context import access_context
from haven.rules.sessions import Half, session_key
from tests.factories.registers import AT, YEAR, SchoolData, build_school
from tests.support.database_owner import owner

MONDAY = date(2026, 1, 12)
ON = date(2026, 1, 14)
AM, PM = session_key(ON, Half.AM), session_key(ON, Half.PM)
TERM = Span("term", "Spring 1", date(2026, 1, 5), date(2026, 2, 13))


@pytest.fixture
def school_data(db: None, settings: Any) -> SchoolData:
    """A term of six weeks; the morning of the 14th is taken for six pupils, one of them with an N."""
    settings.FIXED_NOW = "2026-01-14T14:00:00"
    school_data = build_school()
    with owner():
        CalendarSpan.objects.create(
            school=school_data.school,
            year=YEAR,
            kind="term",
            name="Spring 1",
            begins_on=TERM.begins_on,
            ends_on=TERM.ends_on,
        )
    with access_context(school_data.users["officer"].id):
        marks = [(each.id, AM, "N" if number == 0 else "/") for number, each in enumerate(school_data.enrolments)]
        take_marks(
            by=school_data.viewer("officer"),
            at=AT,
            school_id=school_data.school.id,
            year=YEAR,
            marks=marks,
            source="page",
        )
    return school_data


def client_of(school_data: SchoolData, who: str = "head") -> Client:
    client = Client()
    client.force_login(school_data.users[who])
    return client


def fields(school_data: SchoolData, **given: str) -> dict[str, str]:
    with owner():
        seen = year_mark(school_data.school.id, YEAR)
    return {
        "name": "Snow",
        "first_on": "14/1/2026",
        "reason": "Snow on the roads",
        "half": "day",
        "seen": seen,
        **given,
    }


def url(school_data: SchoolData, rest: str = "") -> str:
    return school_data.url(f"calendar/{rest}")


CLOSURE = f"{YEAR}/add/closure/"


def versions(school_data: SchoolData) -> int:
    with owner():
        return Calendar.objects.filter(school=school_data.school, year=YEAR).count()


# --- which sessions follow from which stretches ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "gone", "come"),
    [
        ([TERM], [TERM, Span("closure", "Snow", ON, ON)], {AM, PM}, set()),
        ([TERM], [TERM, Span("closure", "Boiler", ON, ON, "PM")], {PM}, set()),
        ([TERM, Span("closure", "Boiler", ON, ON, "PM")], [TERM], set(), set()),
        ([TERM], [TERM, Span("inset", "INSET", date(2026, 1, 17), date(2026, 1, 17))], set(), set()),
        (
            [TERM],
            [Span("term", "Spring 1", date(2026, 1, 6), date(2026, 2, 16))],
            {session_key(date(2026, 1, 5), half) for half in Half},
            {session_key(date(2026, 2, 16), half) for half in Half},
        ),
        ([], [Span("closure", "Snow", ON, ON)], {AM, PM}, set()),
    ],
    ids=[
        "whole day",
        "afternoon",
        "closure away, session there already",
        "a Saturday",
        "term moves",
        "no term is named",
    ],
)
def test_sessions_follow_the_stretches(before: list[Span], after: list[Span], gone: set[int], come: set[int]) -> None:
    standing = sessions_within([TERM])
    found = sessions_after(standing, before, after)
    assert (set(standing) - set(found), set(found) - set(standing)) == (gone, come)
    assert found == sorted(found)


def test_taking_a_closure_away_brings_its_sessions_back_also_without_named_terms() -> None:
    closure = Span("closure", "Snow", date(2026, 1, 16), date(2026, 1, 19))  # Friday to Monday
    standing = sessions_within([TERM, closure])
    for terms in ([TERM], []):
        assert sessions_after(standing, [*terms, closure], terms) == sessions_within([TERM])


def test_a_session_that_a_file_left_out_stays_out_when_something_else_changes() -> None:
    standing = [key for key in sessions_within([TERM]) if key != PM]
    assert PM not in sessions_after(standing, [TERM], [TERM, Span("inset", "I", MONDAY, MONDAY)])


# --- the page ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "answer"), [("head", 200), ("officer", 403), ("kestrel", 403), ("admin", 403)])
def test_everybody_of_the_school_reads_the_year_and_the_head_changes_it(
    school_data: SchoolData, who: str, answer: int
) -> None:
    client = client_of(school_data, who)
    page = client.get(url(school_data)).content.decode()
    assert "60 sessions on 30 days" in page and "Spring 1" in page
    assert ("Close the school" in page) == (answer == 200)
    for kind, name in (("closure", "Snow"), ("inset", "Training")):
        address = url(school_data, f"{YEAR}/add/{kind}/")
        assert client.get(address).status_code == answer
        saved = client.post(address, fields(school_data, step="apply", name=name)).status_code
        assert saved == (302 if answer == 200 else answer)
    assert client.get("/s/424242/calendar/").status_code == 404


def test_nothing_changes_before_the_preview_is_confirmed(school_data: SchoolData) -> None:
    client = client_of(school_data)
    answer = client.post(url(school_data, CLOSURE), fields(school_data, step="preview"))
    page = " ".join(answer.content.decode().split())
    assert answer.status_code == 200
    assert "2 sessions will be removed." in page and "58 sessions" in page
    assert "<strong>6 marks</strong> of 6 pupils are in the sessions to be removed: 5&nbsp;×&nbsp;<strong>/</strong>, 1&nbsp;×&nbsp;<strong>N</strong>" in page  # fmt: skip
    assert "will be withdrawn and kept in history" in page
    assert versions(school_data) == 1
    with owner():
        assert not MarkAmendment.objects.exists()


def test_the_preview_tells_the_figures_that_change_as_they_then_are(school_data: SchoolData) -> None:
    answer = client_of(school_data).post(url(school_data, CLOSURE), fields(school_data, step="preview"))
    figures = {each.name: (each.before, each.after) for each in answer.context["preview"].figures}
    assert figures["Attended"] == (5, 0) and figures["Missed"] == (1, 0)
    assert figures["Attendance"] == (5 / 6, None)
    assert figures["Pupils persistently absent"] == (1, 0)
    assert figures["Sessions in the year"] == (60, 58)
    # seven school days before today and today's afternoon are not marked
    assert figures["Not marked"] == (6 * 15, 6 * 14)
    client_of(school_data).post(url(school_data, CLOSURE), fields(school_data, step="apply"))
    after = client_of(school_data).get(school_data.url("attendance/")).context["figures"].whole
    assert (after.attended, after.absent, after.missing) == (0, 0, 6 * 14)


def test_a_snow_day_in_mid_year_puts_marks_aside_and_keeps_them_on_record(school_data: SchoolData) -> None:
    client = client_of(school_data)
    answer = client.post(url(school_data, CLOSURE), fields(school_data, step="apply"), follow=True)
    assert "Marks withdrawn and kept in history: 6" in answer.content.decode()
    with owner():
        assert {(row.original, row.amended) for row in MarkAmendment.objects.all()} == {("/", ""), ("N", "")}
        assert all(
            "Snow on the roads" in row.reason and row.author_name == "Head" for row in MarkAmendment.objects.all()
        )
        event = AuditEvent.objects.get(verb="attendance.change_calendar")
        assert event.reason == "Snow on the roads" and event.detail["marks_put_aside"] == 6
        assert {len(bytes(sheet.marks)) for sheet in Sheet.objects.all()} == {58}
    # other pages, at once
    officer = client_of(school_data, "officer")
    assert "The school is closed on this day" in officer.get(school_data.url("registers/")).content.decode()
    assert officer.get(school_data.url("registers/unexplained/?on=2026-02-13")).context["rows"] == []
    assert "58 sessions on 29 days" in client.get(url(school_data)).content.decode()
    # and back: the sessions come, their marks do not, and the history of one tells it all
    with owner():
        span = CalendarSpan.objects.get(kind="closure")
        enrolment = school_data.enrolments[0].ref
    taken_away = url(school_data, f"{YEAR}/{span.id}/remove/")
    assert "2 sessions will be added" in client.post(taken_away, fields(school_data, step="preview")).content.decode()
    client.post(taken_away, fields(school_data, step="apply", reason="It did not snow"))
    page = officer.get(school_data.url(f"registers/mark/{enrolment}/2026-01-14/AM/")).content.decode()
    assert "no mark" in page and "First entered as" in page and "Snow on the roads" in page


def test_half_a_day_goes_alone(school_data: SchoolData) -> None:
    client_of(school_data).post(url(school_data, CLOSURE), fields(school_data, step="apply", half="PM", name="Boiler"))
    with owner():
        newest = Calendar.objects.get(version=2)
        assert PM not in newest.sessions and AM in newest.sessions
        assert not MarkAmendment.objects.exists()
    page = client_of(school_data, "officer").get(url(school_data)).content.decode()
    assert "Boiler" in page and "14 January 2026, afternoon" in page and "Wednesday afternoon: Closure: Boiler" in page


def test_an_inset_day_moves_and_a_term_ends_earlier(school_data: SchoolData) -> None:
    client = client_of(school_data)
    client.post(
        url(school_data, f"{YEAR}/add/inset/"), fields(school_data, step="apply", name="INSET", first_on="16/1/2026")
    )
    with owner():
        inset, term = CalendarSpan.objects.get(kind="inset"), CalendarSpan.objects.get(kind="term")
    moved = fields(school_data, step="apply", name="INSET", first_on="19/1/2026", last_on="")
    assert client.post(url(school_data, f"{YEAR}/{inset.id}/"), moved).status_code == 302
    ends = fields(school_data, step="apply", name="Spring 1", first_on="5/1/2026", last_on="11/2/2026")
    assert client.post(url(school_data, f"{YEAR}/{term.id}/"), ends).status_code == 302
    with owner():
        keys = Calendar.objects.filter(school=school_data.school).order_by("-version")[0].sessions
    days = {key // 2 for key in keys}
    assert session_key(date(2026, 1, 16), Half.AM) // 2 in days
    assert not days & {session_key(date(2026, 1, 19), Half.AM) // 2, session_key(date(2026, 2, 12), Half.AM) // 2}


def test_of_two_people_changing_at_once_one_is_told(school_data: SchoolData) -> None:
    mine, theirs = (
        fields(school_data, step="apply"),
        fields(school_data, step="apply", name="No heating", first_on="20/1/2026"),
    )
    assert client_of(school_data).post(url(school_data, CLOSURE), theirs).status_code == 302
    answer = client_of(school_data).post(url(school_data, CLOSURE), mine)
    assert answer.status_code == 422 and "Someone else has changed the calendar" in answer.content.decode()
    assert versions(school_data) == 2
    # what is sent again from that very page, after the warning was read, goes through
    again = {**mine, "seen": answer.context["form"]["seen"].value()}
    assert client_of(school_data).post(url(school_data, CLOSURE), again).status_code == 302
    assert versions(school_data) == 3


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"reason": ""}, 'href="#id_reason"'),
        ({"last_on": "12/1/2026"}, "before the first"),
        ({"last_on": "15/1/2026", "half": "AM"}, "You can only choose a half day for a single day"),
        ({"first_on": "14/1/2031"}, "is outside 2025-26"),
        ({"first_on": "5/1/2026", "last_on": "13/2/2026"}, "has no session"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_changes(school_data: SchoolData, given: dict[str, str], words: str) -> None:
    for step in ("preview", "apply"):
        answer = client_of(school_data).post(url(school_data, CLOSURE), fields(school_data, step=step, **given))
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert versions(school_data) == 1


def test_a_pupil_hidden_from_the_head_is_right_at_once_on_the_pages_of_others(school_data: SchoolData) -> None:
    with owner():
        hidden = school_data.enrolments[1]
        Conflict.objects.create(
            school=school_data.school, author_id=school_data.users["officer"].id, kind="parent",
            user_id=school_data.users["head"].id, pupil_id=hidden.pupil_id, begins_on=date(2025, 9, 1),
        )  # fmt: skip
        ref = hidden.pupil.ref
    client_of(school_data).post(url(school_data, CLOSURE), fields(school_data, step="apply"))
    officer = client_of(school_data, "officer")
    assert officer.get(school_data.url("attendance/")).context["figures"].whole.attended == 0
    page = officer.get(school_data.url(f"pupils/{ref}/"))
    assert page.status_code == 200 and "0</span> of 0 sessions missed" in page.content.decode()


def test_session_times_of_two_people_at_once_and_a_register_that_stays_open_too_long(school_data: SchoolData) -> None:
    times = Times(time(8, 45), time(9, 30), time(12, 0), time(13, 0), time(13, 30), time(15, 0))
    with access_context(school_data.users["head"].id):
        set_session_times(
            by=school_data.viewer("head"),
            at=AT,
            school_id=school_data.school.id,
            begins_on=date(2025, 9, 1),
            times=times,
        )
    page = client_of(school_data, "officer").get(url(school_data)).content.decode()
    assert "open 45 minutes" in page and "no more than 30 minutes" in page
    client = client_of(school_data)
    form = client.get(school_data.url("school/times/")).context["form"]
    given = {name: form[name].value() for name in form.fields} | {"begins_on": "14/1/2026"}
    assert client.post(school_data.url("school/times/"), {**given, "am_register_closes": "09:00"}).status_code == 302
    answer = client.post(school_data.url("school/times/"), {**given, "am_register_closes": "09:10"})
    assert answer.status_code == 422 and "Someone else changed the session times" in answer.content.decode()
