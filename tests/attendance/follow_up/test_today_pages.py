"""Today and related pages, for each of the users, with and without script."""

import json
from datetime import date
from io import StringIO
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from haven.attendance.follow_up.actions import pupils as act
from haven.attendance.follow_up.day import unknown_words
from haven.attendance.follow_up.models import DayStep
from haven.attendance.registers.models import MarkAmendment
from haven.core.correspondence.models import Message
from haven.core.people.models import Contact, Enrolment
from haven.core.records.models import Entry
from haven.platform.row_security.context import access_context
from haven.rules.contact_ladder import Outcome
from haven.rules.sessions import Half
from tests.factories.morning import AT, ON, Morning, allocate, build_school, set_mark
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
HTMX: dict[str, Any] = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def morning() -> Any:
    with time_machine.travel(AT, tick=False):
        yield build_school()


def client_of(morning: Morning, name: str = "officer") -> Client:
    client = Client()
    client.force_login(morning.users[name])
    return client


def url_of(morning: Morning, number: int, verb: str) -> str:
    return morning.url(f"today/{morning.pupils[number].ref}/{verb}/")


def text_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_says_who_where_why_and_what_next(morning: Morning) -> None:
    text = text_of(client_of(morning), morning.url())
    assert "registers taken for 1 of 2 classes at 09:12" in text
    assert text.index("O&#x27;Brien-Ñandú &lt;script&gt;") < text.index("Pupil002") < text.index("Pupil006")
    assert "Ring the social worker before 10:00." in text and "is also missing" in text
    assert "3 pupils are not accounted for" in text
    assert "9 Osprey" in text and "Remind" in text
    assert "<script>S" not in text


def test_everyone_is_accounted_for_only_when_every_register_is_in(morning: Morning) -> None:
    for number in (0, 2, 6):
        set_mark(morning, number, Half.AM, "/")
    client = client_of(morning)
    text = text_of(client, morning.url())
    assert "6 pupils in 1 class are still unknown: the register is not taken." in text
    assert "Not everyone is accounted for yet" in text and "Everyone is accounted for" not in text
    out = StringIO()
    call_command("today", "--school", str(morning.urn), stdout=out)
    assert "6 pupils in 1 class are still unknown" in out.getvalue()
    # a tutor whose own register is in learns about her own class alone
    kestrel = text_of(client_of(morning, "kestrel"), morning.url())
    assert "Everyone is accounted for" in kestrel and "still unknown" not in kestrel
    for number in range(1, 12, 2):
        set_mark(morning, number, Half.AM, "/")
    text = text_of(client, morning.url())
    assert "Everyone is accounted for" in text and "still unknown" not in text


@pytest.mark.parametrize(
    ("pupils", "classes", "sentence"),
    [
        (0, 0, ""),
        (1, 1, "1 pupil in 1 class is still unknown: the register is not taken."),
        (2, 1, "2 pupils in 1 class are still unknown: the register is not taken."),
        (31, 2, "31 pupils in 2 classes are still unknown: the registers are not taken."),
    ],
)
def test_the_sentence_about_registers_that_are_out(pupils: int, classes: int, sentence: str) -> None:
    assert unknown_words(pupils, classes) == sentence


@pytest.mark.parametrize(
    ("name", "status"),
    [("officer", 200), ("pastoral", 200), ("lead", 200), ("head", 200), ("worker", 200), ("kestrel", 200), ("teacher", 200),
     ("governor", 404), ("admin", 404)],
)  # fmt: skip
def test_who_has_the_page(morning: Morning, name: str, status: int) -> None:
    assert client_of(morning, name).get(morning.url()).status_code == status


def test_the_front_door_leads_to_today_or_says_what_one_can_do(morning: Morning) -> None:
    assert client_of(morning).get("/").headers["Location"] == morning.url()
    text = text_of(client_of(morning, "governor"), "/")
    assert "Governor" in text and "See anonymised figures" in text


def test_another_school_is_not_there(morning: Morning) -> None:
    client = client_of(morning)
    for rest in ("today/", "today/pulse/", "today/end/", "today/vulnerable/", "today/hand-over/", "late/"):
        assert client.get(f"/s/900002/{rest}").status_code == 404
        assert client.get(f"/s/123456/{rest}").status_code == 404
    assert client.get(url_of(morning, 0, "nonsense")).status_code == 404
    assert morning.sister is not None
    assert client.get(morning.url(f"today/{morning.sister.ref}/attempt/")).status_code == 404


def test_a_tutor_has_her_own_class_and_no_button_that_is_not_hers(morning: Morning) -> None:
    client = client_of(morning, "kestrel")
    text = text_of(client, morning.url())
    assert "your own pupils" in text and "Give a reason" not in text and "No answer" in text
    assert client.get(url_of(morning, 0, "reason")).status_code == 403
    assert client_of(morning, "osprey").get(url_of(morning, 0, "attempt")).status_code == 404


def test_logging_without_script(morning: Morning) -> None:
    client = client_of(morning)
    with access_context(morning.users["officer"].id):
        contact = Contact.objects.filter(pupil=morning.pupils[0]).first()
    assert contact is not None
    form = text_of(client, url_of(morning, 0, "attempt") + "?outcome=no_answer")
    assert '<option value="no_answer" selected>' in form
    answer = client.post(
        url_of(morning, 0, "attempt"),
        {"seen": "0.0.1", "outcome": "no_answer", "contact": str(contact.ref), "words": "Rang out"},
    )
    assert answer.headers["Location"] == f"{morning.url()}#line-{morning.pupils[0].ref}"
    text = text_of(client, morning.url())
    assert "no answer (Officer). Rang out" in text and "Next: Father of Pupil000" in text


def test_logging_with_script_draws_the_list_again(morning: Morning) -> None:
    client = client_of(morning)
    sent: dict[str, Any] = {"seen": "0.0.1", "outcome": "reached", "name": "Aunt", "contact": ""}
    text = client.post(url_of(morning, 0, "attempt"), sent, **HTMX).content.decode()
    assert "data-live" in text and "reached, recorded" in text and "<html" not in text
    wrong = client.post(url_of(morning, 0, "attempt"), {**sent, "name": "", "words": "keep me"}, **HTMX)
    assert wrong.status_code == 422
    assert "Enter who you tried to contact." in wrong.content.decode() and "keep me" in wrong.content.decode()


@pytest.mark.parametrize("script", [{}, HTMX])
def test_what_was_typed_is_kept_when_somebody_was_quicker(morning: Morning, script: dict[str, Any]) -> None:
    second = morning.viewer("second")
    with access_context(second.user_id):
        act.log_attempt(
            by=second, at=AT, school_id=morning.school_id, on=ON, pupil_id=morning.pupils[0].id,
            outcome=Outcome.NO_ANSWER, report=act.OutcomeReport(name="Mother"),
        )  # fmt: skip
    client = client_of(morning)
    sent: dict[str, Any] = {
        "seen": "0.0.1",
        "outcome": "left_message",
        "name": "Father",
        "contact": "",
        "words": "My own words",
    }
    answer = client.post(url_of(morning, 0, "attempt"), sent, **script)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Second Person recorded: Mother: no answer (09:12)." in text and "My own words" in text
    with access_context(second.user_id):
        assert Entry.objects.count() == 1
    fresh = text.split('name="seen" value="')[-1].split('"')[0]
    assert client.post(url_of(morning, 0, "attempt"), {**sent, "seen": fresh}, **script).status_code in (200, 302)
    with access_context(second.user_id):
        assert Entry.objects.count() == 2


def test_every_verb_of_a_row(morning: Morning) -> None:
    client = client_of(morning)
    for verb in ("attempt", "reason", "visit", "pass-on", "accounted", "instruction", "working", "release", "usual"):
        assert client.get(url_of(morning, 0, verb)).status_code == 200
        assert client.get(url_of(morning, 0, verb), **HTMX).status_code == 200
    session = f"{ON.isoformat()} AM N"
    sent: dict[str, Any] = {
        "instruction": {"words": "Rang the duty desk"},
        "working": {},
        "release": {},
        "visit": {"person": morning.users["officer"].id, "time": "11:00"},
        "pass-on": {"person": morning.users["pastoral"].id, "words": "Please look"},
        "accounted": {"half": "AM", "found": "no", "words": "Not in the library"},
        "reason": {"sessions": [session], "code": "I", "reason": "Fever", "contact": "", "name": "Mother"},
    }
    for verb, data in sent.items():
        answer = client.post(url_of(morning, 0, verb), data)
        assert answer.status_code == 302, (verb, answer.content.decode()[-3000:])
    with access_context(morning.users["officer"].id):
        assert set(DayStep.objects.values_list("kind", flat=True)) == {
            "instruction_done", "working", "released", "remark", "passed_on", "not_accounted"
        }  # fmt: skip
        assert MarkAmendment.objects.count() == 1


def test_the_usual_text_goes_to_the_outbox_once(morning: Morning) -> None:
    with owner():
        Contact.objects.filter(pupil=morning.pupils[2], priority=1).update(telephone="07700 900123", prefers="text")
    client = client_of(morning)
    assert "Send absence text" in text_of(client, morning.url())
    client.post(url_of(morning, 2, "usual"), {"seen": "0.0.1"})
    assert "Send absence text" not in text_of(client, morning.url())
    client.post(url_of(morning, 2, "usual"), {})
    with access_context(morning.users["officer"].id):
        assert Message.objects.count() == 1
        assert [entry.fields["outcome"] for entry in Entry.objects.all()] == ["text_sent"]


def test_the_pulse_is_silent_until_something_happens(morning: Morning, django_capture_on_commit_callbacks: Any) -> None:
    client = client_of(morning)
    counter = text_of(client, morning.url()).split('id="day-counter" value="')[1].split('"')[0]
    assert client.get(morning.url("today/pulse/"), {"counter": counter}).status_code == 204
    second = morning.viewer("second")
    with django_capture_on_commit_callbacks(execute=True), access_context(second.user_id):
        act.start_working(by=second, at=AT, school_id=morning.school_id, on=ON, pupil_id=morning.pupils[0].id)
    text = client.get(morning.url("today/pulse/"), {"counter": counter}).content.decode()
    assert "Second Person is calling now (09:12)" in text


def test_the_pulse_is_cheap_and_the_page_does_not_grow(morning: Morning) -> None:
    client = client_of(morning)
    counter = text_of(client, morning.url()).split('id="day-counter" value="')[1].split('"')[0]

    def asked(url: str, **data: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(url, data)
        return len(queries)

    assert asked(morning.url("today/pulse/"), counter=counter) <= 12
    before = asked(morning.url())
    for number in range(1, 12, 2):
        set_mark(morning, number, Half.AM, "N")
    assert asked(morning.url()) <= before <= 32


def test_the_frame_of_every_page_costs_two_queries(morning: Morning) -> None:
    client = client_of(morning)

    def asked(url: str, **more: Any) -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(url, **more)
        return len(queries)

    asked(morning.url("today/"))  # the first request of a session stores the moment of the last activity
    assert asked(morning.url("today/order/")) - asked(morning.url("today/nothing/")) <= 2


def test_the_vulnerable_list_ticks_and_exports(morning: Morning) -> None:
    client = client_of(morning)
    page = morning.url("today/vulnerable/")
    assert "Off site, to be confirmed" in text_of(client, page)
    answer = client.post(f"{page}{morning.pupils[8].ref}/", {"half": "AM", "found": "yes", "words": "Centre, Ms Abel"})
    assert answer.status_code == 302
    assert "Centre, Ms Abel" in text_of(client, page)
    listed = client.get(page, {"format": "csv"})
    assert "Pupil008" in listed.getvalue().decode()
    assert client_of(morning, "kestrel").get(page, {"format": "csv"}).status_code == 403
    assert client.post(f"{page}{morning.pupils[2].ref}/", {"half": "AM"}).status_code == 404


def test_the_day_is_signed_off_and_opened_again(morning: Morning) -> None:
    client = client_of(morning)
    page = morning.url("today/end/")
    names = [line.split('"')[0] for line in text_of(client, page).split('<textarea name="')[1:]]
    assert len(names) == 5
    refused = client.post(page, dict.fromkeys(names, ""))
    assert refused.status_code == 422 and "there is no explanation" in refused.content.decode()
    assert client.post(page, {name: f"Visit at noon ({name[:5]})" for name in names}).status_code == 302
    assert "Signed off by Officer" in text_of(client, page)
    assert "Signed off by Officer" in text_of(client, morning.url())
    client.post(f"{page}reopen/", {"reason": "One more call"})
    assert "One more call" in text_of(client, page)
    assert client_of(morning, "kestrel").get(page).status_code == 403


def test_a_hand_over_note_waits_on_today_until_it_is_read(morning: Morning) -> None:
    client_of(morning).post(
        morning.url("today/hand-over/"), {"for_on": "14 January 2026", "words": "Ring the aunt at ten"}
    )
    second = client_of(morning, "second")
    text = text_of(second, morning.url())
    assert "Handover notes" in text and "Ring the aunt at ten" in text
    read = text.split("/today/hand-over/")[1].split("/read/")[0]
    second.post(morning.url(f"today/hand-over/{read}/read/"))
    assert "Handover notes" not in text_of(second, morning.url())


def test_the_late_gate(morning: Morning) -> None:
    client = client_of(morning)
    assert "Pupil002" in text_of(client, morning.url("late/") + "?q=pupil002")
    answer = client.post(morning.url("late/"), {"pupil": str(morning.pupils[2].ref), "words": "Bus"}, follow=True)
    assert "27 minutes late this morning, code L, before the register closed." in answer.content.decode()
    again = client.post(morning.url("late/"), {"pupil": str(morning.pupils[2].ref)}, follow=True)
    assert "already shows this pupil as present" in again.content.decode()
    assert client_of(morning, "teacher").get(morning.url("late/")).status_code == 403
    assert client.post(morning.url("late/"), {"pupil": "x"}).status_code == 404


def test_a_register_is_reminded_of_once(morning: Morning) -> None:
    client = client_of(morning)
    group = morning.school_data.groups["9 Osprey"].id
    client.post(morning.url(f"today/remind/{group}/"))
    assert "Reminded 09:12" in text_of(client, morning.url())
    assert (
        "has already been reminded" in client.post(morning.url(f"today/remind/{group}/"), follow=True).content.decode()
    )


def test_a_worker_at_two_schools_chooses_and_changes(morning: Morning) -> None:
    with owner():
        from datetime import date

        from haven.platform.accounts.models import Membership

        Membership.objects.create(
            user=morning.users["pastoral"],
            role="pastoral_coordinator",
            school=morning.other.school,
            begins_on=date(2020, 1, 1),
        )
    client = client_of(morning, "pastoral")
    text = text_of(client, "/schools/")
    assert "3 pupils not accounted for" in text and "1 pupil not accounted for" in text
    assert text.count("6 pupils in 1 class are still unknown: the register is not taken.") == 1
    moved = client.post("/schools/switch/", {"school": morning.other.school.id, "next": morning.url("today/")})
    assert moved.headers["Location"] == "/s/900002/today/"
    assert client.get("/").headers["Location"] == "/s/900002/today/"
    assert client.post("/schools/switch/", {"school": "999999"}).status_code == 404
    assert client_of(morning).post("/schools/switch/", {"school": morning.other.school.id}).status_code == 404


def test_looking_back_shows_and_changes_nothing(morning: Morning) -> None:
    text = text_of(client_of(morning), morning.url() + "?on=2026-01-13")
    assert "You are looking back at Tuesday 13 January 2026" in text and "Log what you did" not in text
    assert "no session on this day" in text_of(client_of(morning), morning.url() + "?on=2026-01-11")


def test_the_command_says_the_same(morning: Morning) -> None:
    out = StringIO()
    call_command("today", "--school", str(morning.urn), "--as-of", "2026-01-14T09:12", "--json", stdout=out)
    found = json.loads(out.getvalue())
    assert [line["name"].split()[0] for line in found["missing"]] == ["Pupil000", "Pupil002", "Pupil006"]
    counts = found["counts"]
    assert counts["on_roll"] == sum(number for key, number in counts.items() if key != "on_roll")
    out = StringIO()
    call_command("today", "--school", str(morning.urn), "--as-of", "2026-01-14T09:12", stdout=out)
    assert "1. Pupil000" in out.getvalue() and "Instruction: Ring the social worker before 10:00." in out.getvalue()
    with pytest.raises(CommandError, match="No school has the number 5"):
        call_command("today", "--school", "5")
    with pytest.raises(CommandError, match="is not a time"):
        call_command("today", "--school", str(morning.urn), "--as-of", "yesterday")


@pytest.mark.parametrize(
    "name", ["officer", "pastoral", "lead", "head", "worker", "kestrel", "teacher", "governor", "admin"]
)
def test_every_link_of_the_navigation_opens(morning: Morning, name: str) -> None:
    client = client_of(morning, name)
    page = client.get("/", follow=True)
    links = {part["title"]: part["url"] for part in page.context["navigation"]()}
    found = {title: client.get(url, follow=True).status_code for title, url in links.items()}
    assert found == dict.fromkeys(links, 200)
    if page.context.get("search_url"):
        assert client.get(page.context["search_url"], {"q": "pup"}, follow=True).status_code == 200


def test_a_long_list_begins_with_the_first_and_keeps_what_was_asked_for(morning: Morning) -> None:
    for number in range(1, 12, 2):
        set_mark(morning, number, Half.AM, "N")
    client = client_of(morning)
    with mock.patch("haven.attendance.follow_up.page.FIRST_SHOWN", 4):
        assert text_of(client, morning.url()).count("data-row") == 4
        assert "5 more, most urgent first." in text_of(client, morning.url())
        assert text_of(client, morning.url() + "?all=1").count("data-row") == 9
        sent: dict[str, Any] = {"person": morning.users["pastoral"].id, "words": "Please look"}
        short = client.post(url_of(morning, 2, "pass-on"), sent, **HTMX).content.decode()
        assert short.count("data-row") == 5 and "passed this on to Pastoral Person" in short
        everything = client.post(url_of(morning, 6, "pass-on"), {**sent, "list_all": "1"}, **HTMX).content.decode()
        assert everything.count("data-row") == 9


def test_a_contact_is_offered_for_pupils_whose_attendance_one_sees_and_for_no_others(morning: Morning) -> None:
    allocate(morning, "worker", 6)
    with owner():
        Enrolment.objects.filter(pupil=morning.pupils[4]).update(ends_on=date(2026, 1, 13))
    for name, number, is_offered in (
        ("worker", 6, True),
        ("worker", 2, False),
        ("officer", 2, True),
        ("officer", 4, False),
    ):
        page = morning.url(f"pupils/{morning.pupils[number].ref}/")
        client = client_of(morning, name)
        assert ("Log a contact" in text_of(client, page)) is is_offered, (name, number)
        assert client.get(f"{page}contact/").status_code == (200 if is_offered else 404), (name, number)
