"""Impact of support, on its page: the figures of a small school worked by hand, and whose row policies decide who is in the group."""

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from haven.attendance.registers.actions.registers import take_marks
from haven.attendance.reports.impact.query import help_on_record
from haven.core.people.actions import StatusRecord, record_status
from haven.core.records.actions import NewEntry, add_addendum, record_entry
from haven.platform.accounts.models import Conflict, Membership, User
from haven.platform.audit.models import AuditEvent
from haven.platform.row_security.context import access_context
from tests.factories.registers import AT, YEAR, SchoolData, build_school
from tests.support.database_owner import owner

BEGAN = date(2026, 1, 28)
"""A Wednesday: its week, the fourth of the calendar, is the first week of help."""
HELPED = 12
ASKED = "?help=status.early_help&since=1+September+2025&until=16+March+2026&weeks=3"


def missed(number: int, week: int) -> int:
    """How many of the ten sessions of a week a pupil misses. Helped: 2 a week before, then 1 or none by turns, then 1.
    The others: 2 a week before, then 2 or 1 by turns, then 2."""
    if week < 3:
        return 2
    if number < HELPED:
        return (number % 2) if week < 6 else 1
    return 2 - (number % 2) if week < 6 else 2


@pytest.fixture
def school_data(db: None, settings: Any) -> SchoolData:
    """Thirty pupils; early help began for twelve of them on the same day. It is Monday of the eleventh week, so ten are over."""
    settings.FIXED_NOW = "2026-03-16T09:30:00"
    school_data = build_school(pupils=30, last=date(2026, 3, 20))
    with owner():
        for name, role in (
            ("dsl", "dsl"),
            ("pastoral", "pastoral_coordinator"),
            ("governor", "governor"),
            ("teacher", "teacher"),
        ):
            user = User.objects.create_user(f"{name}@example.test", name.title())
            Membership.objects.create(user=user, role=role, school=school_data.school, begins_on=date(2020, 1, 1))
            school_data.users[name] = user
    marks = [
        (enrolment.id, key, "I" if place % 10 < missed(number, place // 10) else "\\" if key % 2 else "/")
        for number, enrolment in enumerate(school_data.enrolments)
        for place, key in enumerate(school_data.calendar.sessions[:100])
    ]
    with access_context(school_data.users["officer"].id):
        take_marks(
            by=school_data.viewer("officer"),
            at=AT,
            school_id=school_data.school.id,
            year=YEAR,
            marks=marks,
            source="page",
        )
    help_for(school_data, range(HELPED))
    return school_data


def help_for(school_data: SchoolData, numbers: Any, *, kind: str = "early_help", on: date = BEGAN) -> None:
    with access_context(school_data.users["dsl"].id):
        for number in numbers:
            record_status(
                by=school_data.viewer("dsl"), at=AT, school_id=school_data.school.id, pupil_id=school_data.enrolments[number].pupil_id,
                record=StatusRecord(kind=kind, begins_on=on, source="Family support worker"),
            )  # fmt: skip


def page_of(school_data: SchoolData, who: str, more: str = "", page: str = "attendance/impact/") -> Any:
    client = Client()
    client.force_login(school_data.users[who])
    return client.get(school_data.url(page + more))


def words(answer: Any) -> str:
    """The text of the page without its frame."""
    page = " ".join(answer.content.decode().split())
    return page.split("<main", 1)[-1].split("</main>")[0]


def test_before_during_after_beside_like_pupils_in_sentences(school_data: SchoolData) -> None:
    """Helped: 20 missed in a hundred, then 5, then 10. Like pupils: 20, 15, 20."""
    answer = page_of(school_data, "head", ASKED)
    found = answer.context["found"]
    assert (found.during.matched, found.during.like) == (12, 18)
    page = words(answer)
    assert "Early help: support began for 12 pupils between 1 September 2025 and 16 March 2026." in page
    assert (
        "In the 3 school weeks before support began, these 12 pupils missed 20.0 of every hundred sessions."
        " They missed 5.0 in the 3 weeks from then on: 15.0 fewer." in page
    )
    assert "18 similar pupils with no such support on record missed 20.0 and then 15.0: 5.0 fewer." in page
    assert (
        "The difference is 10.0 fewer. It is more than chance. With 95 % confidence, the true difference is between"
        in page
    )
    assert "They missed 10.0 in the 3 weeks after the first 3: 10.0 fewer." in page
    assert "Sessions missed each week, before and after support began" in page
    line = found.lines[1]
    assert (line.before, line.during, line.after) == ((6, 30), (3, 30), (3, 30))


def test_each_pupil_and_the_whole_list_as_a_file_with_its_audit_event(school_data: SchoolData) -> None:
    answer = page_of(school_data, "head", f"{ASKED}&format=csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(rows) == HELPED
    assert rows[1]["Before: sessions missed"] == "6" and rows[1]["First weeks: sessions possible"] == "30"
    assert page_of(school_data, "head", f"{ASKED}&format=xlsx").status_code == 200
    page_of(school_data, "head", ASKED)
    with owner():
        events = list(
            AuditEvent.objects.filter(verb__startswith="attendance.")
            .order_by("id")
            .values_list("verb", "about_kind", "detail")
        )
    assert [verb for verb, *_ in events[-3:]] == ["attendance.export_list"] * 2 + ["attendance.open_list"]
    assert events[-1][2] == {"rows": HELPED}


def test_whoever_may_not_read_of_the_help_finds_nobody_by_it(school_data: SchoolData) -> None:
    """Early help is in the safeguarding or the pastoral category; the officer has access to attendance alone."""
    page = page_of(school_data, "officer")
    assert "Early help" not in words(page) and "No support is on record (records you have access to)." in words(page)
    asked = page_of(school_data, "officer", ASKED)
    assert asked.status_code == 200 and "found" not in asked.context
    assert "Pupil by pupil" not in words(asked) and "12" not in words(asked)
    never = page_of(school_data, "officer", ASKED.replace("early_help", "no_such_help"))
    assert words(never).replace("no_such_help", "early_help") == words(asked)


def test_a_kind_that_is_no_help_is_not_offered(school_data: SchoolData) -> None:
    help_for(school_data, range(3), kind="fsm")
    assert list(page_of(school_data, "head").context["form"].fields["help"].choices) == [
        ("status.early_help", "Early help (12)")
    ]


def test_somebody_shut_out_of_a_child_finds_her_neither_helped_nor_like(school_data: SchoolData) -> None:
    with owner():
        for number in (0, 20):
            Conflict.objects.create(
                user_id=school_data.users["head"].id, pupil_id=school_data.enrolments[number].pupil_id, school=school_data.school, kind="parent",
                author_id=0, begins_on=date(2020, 1, 1),
            )  # fmt: skip
    found = page_of(school_data, "head", ASKED).context["found"]
    assert found.asked == HELPED - 1 and len(found.lines) == HELPED - 1
    assert found.during.like == 17


def test_too_few_are_refused_in_a_sentence_and_each_pupil_still_stands_there(school_data: SchoolData) -> None:
    tutor = page_of(school_data, "kestrel", "?help=ticked&on=28+January+2026&weeks=3&" + refs(school_data, range(4)))
    page = words(tutor)
    assert len(tutor.context["found"].lines) == 2  # two of the four are of her class
    assert "A comparison needs 10 pupils or more with registers for 3 school weeks before and 3 from then on" in page
    assert "6 of 30" in page and "<svg" not in page
    long = page_of(school_data, "head", ASKED.replace("weeks=3", "weeks=6"))
    assert "Here there are none of 12, so nothing is compared." in words(long)


def refs(school_data: SchoolData, numbers: Any) -> str:
    return "&".join(f"pupil={school_data.enrolments[number].pupil.ref}" for number in numbers)


def test_ticked_pupils_are_weighed_as_those_on_record(school_data: SchoolData) -> None:
    """The officer may read no support, but may select pupils. References of another school and unknown ones are ignored."""
    other = build_school(pupils=1, urn=900002)
    more = f"&{refs(other, [0])}&pupil=00000000-0000-4000-8000-000000000000&pupil=x"
    asked = "?help=ticked&on=28+January+2026&weeks=3&" + refs(school_data, range(HELPED))
    officer, head = page_of(school_data, "officer", asked + more), page_of(school_data, "head", ASKED)
    assert officer.context["found"].during == head.context["found"].during
    assert "support began for 12 pupils on 28 January 2026." in words(officer)
    wrong = page_of(school_data, "officer", asked.replace("28+January+2026", "soon"))
    assert "Enter a date, like 21 November 2026 or 21/11/2026." in words(wrong) and "found" not in wrong.context
    late = page_of(school_data, "officer", asked.replace("28+January+2026", "28+January+2027"))
    assert "Choose a day from 1 September 2024 to today." in words(late)


def test_ticking_a_class_after_another_keeps_what_is_ticked(school_data: SchoolData) -> None:
    page = page_of(school_data, "officer", "pupils/?group=9+Osprey&" + refs(school_data, [0, 1]))
    assert page.context["group"] == "9 Osprey" and [pupil.id for pupil in page.context["others"]] == [
        school_data.enrolments[0].pupil_id
    ]
    assert words(page).count(" checked>") == 2
    tutor = page_of(school_data, "kestrel", "pupils/?group=9+Osprey&" + refs(school_data, [0, 1]))
    assert tutor.context["pupils"] == [] and [pupil.id for pupil in tutor.context["others"]] == [
        school_data.enrolments[0].pupil_id
    ]


@pytest.mark.parametrize("who", ["governor", "admin"])
@pytest.mark.parametrize("page", ["attendance/impact/", "attendance/impact/pupils/"])
def test_whoever_sees_no_register_finds_no_page(school_data: SchoolData, who: str, page: str) -> None:
    assert page_of(school_data, who, ASKED, page=page).status_code == 404


def test_a_teacher_takes_no_file_out(school_data: SchoolData) -> None:
    assert (
        page_of(
            school_data, "kestrel", "?help=ticked&on=28+January+2026&format=csv&" + refs(school_data, [0])
        ).status_code
        == 403
    )


def test_days_out_of_order_are_said_and_nothing_is_weighed(school_data: SchoolData) -> None:
    answer = page_of(school_data, "head", ASKED.replace("until=16+March+2026", "until=1+August+2025"))
    assert "Choose days in order, from 1 September 2024 to today." in words(answer) and "found" not in answer.context
    nobody = page_of(school_data, "head", ASKED.replace("since=1+September+2025", "since=1+March+2026"))
    assert "No pupils started this support between these days" in words(nobody)


def test_help_on_record_is_the_first_entry_of_the_form_that_stands(school_data: SchoolData) -> None:
    """Minutes of meetings: the first that was not retracted, for each pupil that they are about."""
    dsl = school_data.viewer("dsl")
    pupils = [each.pupil_id for each in school_data.enrolments[:3]]
    with access_context(school_data.users["dsl"].id):
        entries = [
            record_entry(
                by=dsl,
                at=datetime(2026, 3, 1, tzinfo=UTC),
                school_id=school_data.school.id,
                entry=NewEntry(
                    form="meeting",
                    fields={"kind": "family", "present": "Mother", "discussed": "Mornings", "agreed": "A call"},
                    happened_at=datetime(2026, 2, day, 15, 0, tzinfo=UTC),
                    pupils=about,
                ),
            )
            for day, about in (
                (3, [(pupils[0], "subject")]),
                (4, [(pupils[0], "subject"), (pupils[1], "subject"), (pupils[2], "sibling")]),
                (9, [(pupils[1], "subject")]),
            )
        ]
        add_addendum(
            by=dsl, at=datetime(2026, 3, 2, tzinfo=UTC), entry=entries[0], kind="retraction", words="Wrong child"
        )
        span = {"since": date(2026, 1, 1), "until": date(2026, 2, 28)}
        found = help_on_record(school_id=school_data.school.id, **span)
    assert found["entry.meeting"].title == "Minutes of a meeting"
    assert found["entry.meeting"].began == {pupils[0]: date(2026, 2, 4), pupils[1]: date(2026, 2, 4)}
    with access_context(school_data.users["officer"].id):
        assert help_on_record(school_id=school_data.school.id, **span) == {}
