"""Schools, their calendars, session times and set-up page."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from haven.core.schools import actions, queries
from haven.core.schools.calendars import BadCalendar, Span, sessions_within
from haven.core.schools.models import Calendar, CalendarSpan, School
from haven.platform.audit.models import AuditEvent
from haven.platform.row_security.context import access_context
from haven.rules.sessions import Half, session_key, session_of
from tests.factories.families import AT, Families, build_school, login
from tests.support.database_owner import owner

TERM = Span("term", "Spring 1", date(2026, 1, 5), date(2026, 1, 16))
INSET = Span("inset", "INSET", date(2026, 1, 5), date(2026, 1, 5))
TIMES = actions.Times(time(8, 45), time(9, 15), time(12, 0), time(13, 0), time(13, 20), time(15, 15))


@pytest.fixture
def school_data(db: None, settings: Any) -> Families:
    settings.FIXED_NOW = "2026-01-14T09:12:00"
    return build_school()


def first_calendar(school_data: Families, spans: list[Span] | None = None, **more: Any) -> Calendar:
    spans = [TERM, INSET] if spans is None else spans
    values: dict[str, Any] = {
        "sessions": sessions_within(spans),
        "spans": spans,
        "year": "2025-26",
        "school_id": school_data.larkfield.id,
    } | more
    with access_context(school_data.users["head"].id):
        return actions.set_calendar(by=school_data.viewer("head"), at=AT, **values)


def test_a_term_without_its_inset_day_has_nine_days() -> None:
    keys = sessions_within([TERM, INSET])
    assert len(keys) == 18
    assert (session_of(keys[0]).on, session_of(keys[-1]).on) == (date(2026, 1, 6), date(2026, 1, 16))
    assert sessions_within([INSET]) == []


@given(
    st.lists(
        st.tuples(st.sampled_from(["term", "holiday", "closure"]), st.integers(0, 60), st.integers(0, 20)), max_size=5
    )
)
def test_sessions_are_the_weekdays_of_terms_and_of_nothing_else(parts: list[tuple[str, int, int]]) -> None:
    from datetime import timedelta

    start = date(2026, 1, 5)
    spans = [Span(k, k, start + timedelta(days=a), start + timedelta(days=a + n)) for k, a, n in parts]
    slowly = []
    for step in range(90):
        day = start + timedelta(days=step)
        inside = [span.kind for span in spans if span.begins_on <= day <= span.ends_on]
        if day.weekday() < 5 and inside and set(inside) == {"term"}:
            slowly += [session_key(day, Half.AM), session_key(day, Half.PM)]
    assert sessions_within(spans) == slowly


def test_a_calendar_is_set_once_and_the_same_again_changes_nothing(school_data: Families) -> None:
    first = first_calendar(school_data)
    assert first_calendar(school_data).id == first.id
    assert first.version == 1 and [row.name for row in queries.spans_of(school_data.larkfield.id, "2025-26")] == [
        "INSET",
        "Spring 1",
    ]
    with pytest.raises(actions.CalendarStands):
        first_calendar(school_data, [TERM])
    with access_context(school_data.users["head"].id):
        second = actions.next_calendar(
            by=school_data.viewer("head"), at=AT, school_id=school_data.larkfield.id, year="2025-26", sessions=sessions_within([TERM]),
            spans=[TERM], reason="No INSET day after all",
        )  # fmt: skip
        assert second.version == 2 and queries.calendar_for(school_data.larkfield.id, "2025-26") == second
        assert CalendarSpan.objects.count() == 1
        with pytest.raises(ValueError, match="Enter a reason"):
            actions.next_calendar(by=school_data.viewer("head"), at=AT, school_id=school_data.larkfield.id, year="2025-26", sessions=[1], spans=[], reason=" ")  # fmt: skip


@pytest.mark.parametrize(
    ("sessions", "spans", "why"),
    [
        ([], [], "no session"),
        ([41000, 41000], [], "twice"),
        ([1], [], "runs from 1 September 2025 to 31 August 2026"),
        ([41000], [Span("party", "P", date(2026, 1, 5), date(2026, 1, 5))], "not a type of day"),
        ([41000], [Span("term", "T", date(2026, 1, 6), date(2026, 1, 5))], "before it begins"),
        ([41000], [Span("term", "T", date(2024, 1, 6), date(2026, 1, 5))], "is outside"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(
    school_data: Families, sessions: list[int], spans: list[Span], why: str
) -> None:
    with pytest.raises(BadCalendar, match=why):
        first_calendar(school_data, spans, sessions=sessions)
    assert not Calendar.objects.exists()


def test_times_hold_from_their_day_and_a_site_has_its_own(school_data: Families) -> None:
    school = school_data.larkfield.id
    with access_context(school_data.users["head"].id):
        by = school_data.viewer("head")
        site = actions.add_site(by=by, at=AT, school_id=school, name="Lower site")
        assert actions.add_site(by=by, at=AT, school_id=school, name="Lower site", address="1 Mill Lane").id == site.id
        late = actions.Times(time(9, 0), time(9, 30), time(12, 0), time(13, 0), time(13, 20), time(15, 15))
        actions.set_session_times(by=by, at=AT, school_id=school, begins_on=date(2025, 9, 1), times=TIMES)
        actions.set_session_times(by=by, at=AT, school_id=school, begins_on=date(2026, 1, 12), times=late)
        actions.set_session_times(by=by, at=AT, school_id=school, begins_on=date(2026, 1, 12), times=late)
        actions.set_session_times(
            by=by, at=AT, school_id=school, begins_on=date(2025, 9, 1), times=TIMES, site_id=site.id
        )
    starts = {on: queries.session_times_on(school, on).am_starts for on in (date(2025, 9, 1), date(2026, 1, 12))}  # type: ignore[union-attr]
    assert list(starts.values()) == [time(8, 45), time(9, 0)]
    assert queries.session_times_on(school, date(2026, 1, 12), site.id).am_starts == time(8, 45)  # type: ignore[union-attr]
    assert queries.session_times_on(school, date(2025, 8, 31)) is None
    assert len(queries.session_times_of(school)) == 3
    with pytest.raises(actions.BadTimes):
        actions.Times(time(9), time(8), time(12), time(13), time(13), time(15))


@pytest.mark.parametrize(
    ("clock", "phase", "half", "closed"),
    [
        ("2026-01-14 08:44", "before", None, False),
        ("2026-01-14 08:45", "open", Half.AM, False),
        ("2026-01-14 09:14", "open", Half.AM, False),
        ("2026-01-14 09:15", "closed", Half.AM, True),
        ("2026-01-14 12:30", "over", Half.AM, True),
        ("2026-01-14 13:05", "open", Half.PM, False),
        ("2026-01-14 15:15", "over", Half.PM, True),
        ("2026-01-17 10:00", "no_session", None, False),
        ("2026-01-05 10:00", "no_session", None, False),
    ],
)
def test_how_far_the_day_is(school_data: Families, clock: str, phase: str, half: Half | None, closed: bool) -> None:
    first_calendar(school_data)
    with access_context(school_data.users["head"].id):
        actions.set_session_times(by=school_data.viewer("head"), at=AT, school_id=school_data.larkfield.id, begins_on=date(2025, 9, 1), times=TIMES)  # fmt: skip
    state = queries.register_state(school_data.larkfield.id, datetime.fromisoformat(clock).replace(tzinfo=UTC))
    assert (state.phase, state.half, state.is_register_closed) == (phase, half, closed)


def test_a_school_without_times_is_open_at_the_usual_ones(school_data: Families) -> None:
    assert queries.register_state(school_data.larkfield.id, AT).phase == "no_session"
    first_calendar(school_data)
    assert queries.register_state(school_data.larkfield.id, AT).phase == "open"
    assert queries.is_open(school_data.larkfield.id, date(2026, 1, 14), Half.PM)
    assert not queries.is_open(school_data.larkfield.id, date(2026, 1, 17), Half.AM)
    assert queries.open_days(school_data.larkfield.id, "2025-26")[0] == date(2026, 1, 6)


def test_a_school_is_kept_by_its_number_and_the_same_file_changes_nothing(school_data: Families) -> None:
    rows = [
        actions.SchoolFacts(900101, "Larkfield O'Brien-Ñandú <script>", ("801", "Northbrook"), ("TR1", "Three Rivers Trust"), {"phase": "Secondary"}),
        actions.SchoolFacts(900200, "Hill", ("801", "Northbrook"), None, {"low_age": 4}),
    ]  # fmt: skip
    keep = {"by": school_data.viewer("head"), "at": AT}
    with access_context(school_data.users["head"].id):
        assert actions.keep_schools(**keep, schools=rows) == actions.Kept(new=1, changed=1)  # type: ignore[arg-type]
        assert actions.keep_schools(**keep, schools=rows) == actions.Kept(unchanged=2)  # type: ignore[arg-type]
        one = actions.keep_school(**keep, urn=900200, name="Hill", facts={"high_age": 11})  # type: ignore[arg-type]
        assert (one.low_age, one.high_age, one.local_authority.name) == (4, 11, "Northbrook")  # type: ignore[union-attr]
    assert queries.school_by_urn(900101).trust.name == "Three Rivers Trust"  # type: ignore[union-attr]
    assert queries.school_by_urn(1) is None
    for wrong in ({"urn": 1, "name": " "}, {"urn": 1, "name": "X", "facts": {"head": "Y"}}):
        with pytest.raises(ValueError, match=r"name|head"):
            actions.SchoolFacts(**wrong)  # type: ignore[arg-type]
    with owner():
        assert AuditEvent.objects.filter(verb="schools.keep_schools").count() == 2


def url(name: str) -> str:
    return reverse(f"schools:{name}", args=[900101])


@pytest.mark.parametrize(("who", "read", "change"), [("head", 200, 200), ("system_administrator", 200, 200), ("teacher", 200, 403), ("oakhurst_head", 404, 404)])  # fmt: skip
def test_who_reads_and_who_changes_the_school(school_data: Families, who: str, read: int, change: int) -> None:
    client = login(school_data, who)
    assert client.get(url("school")).status_code == read
    for name in ("facts", "times", "site", "year"):
        assert client.get(url(name)).status_code == change


def test_the_school_is_set_up_on_its_page(school_data: Families) -> None:
    client = login(school_data, "head")
    assert "No calendar yet." in client.get(url("school")).content.decode()
    bad = client.post(url("year"), {"year": "2025-27", "term": "Spring"})
    assert bad.status_code == 422 and b"is not an academic year" in bad.content and b"is not clear" in bad.content
    terms = {"year": "2025-26", "term": "Spring <script>, 5 January 2026, 13 February 2026", "inset": "INSET, 5/1/2026"}
    assert client.post(url("year"), terms).status_code == 302
    again = client.post(url("year"), terms | {"inset": ""})
    assert again.status_code == 422 and b"already has a calendar for 2025-26" in again.content
    times = {"begins_on": "1 September 2025", "am_starts": "8.45", "am_register_closes": "09:15", "am_ends": "12:00",
             "pm_starts": "13:00", "pm_register_closes": "13:20", "pm_ends": "15:15"}  # fmt: skip
    assert client.post(url("times"), times | {"am_starts": "10:00"}).status_code == 422
    times["seen"] = client.get(url("times")).context["form"]["seen"].value()
    assert client.post(url("times"), times).status_code == 302
    assert client.post(url("site"), {"name": "Lower site"}).status_code == 302
    times["seen"] = client.get(url("times")).context["form"]["seen"].value()
    assert client.post(url("times"), times | {"site": str(school_data.larkfield.sites.get().id)}).status_code == 302
    assert (
        client.post(
            url("facts"), {"name": "Larkfield O'Brien-Ñandú <script>", "establishment_number": "12"}
        ).status_code
        == 422
    )
    assert (
        client.post(url("facts"), {"name": "Larkfield O'Brien-Ñandú <script>", "phase": "Secondary"}).status_code == 302
    )
    page = client.get(url("school")).content.decode()
    for seen in (
        "2025-26: 58 sessions",
        "Lower site",
        "Secondary",
        "Morning, 09:12",
        "It closes at 09:15",
        "Three Rivers",
    ):
        assert seen in page, seen
    assert "<script>," not in page and "Ñandú &lt;script&gt;" in page
    assert School.objects.get(urn=900101).phase == "Secondary"
