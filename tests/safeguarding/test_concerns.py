"""A concern from the first question to the lead's receipt, and concurrent actions of two users."""

import re
import threading
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from haven.core.people.models import Enrolment, Pupil
from haven.core.records.models import Acknowledgement, Draft, Entry
from haven.core.schools.models import School
from haven.core.tasks.models import Task
from haven.platform.accounts.models import Conflict, Membership, User
from haven.platform.audit.models import AuditEvent
from haven.platform.row_security.context import access_context
from haven.rules.visibility import SAFEGUARDING
from haven.safeguarding.models import Receipt
from tests.support.database_owner import owner

URN = 900001
PHRASE = "zqx the lantern behind the boathouse"
BASE = f"/s/{URN}/concerns/"
PEOPLE = {"teacher": "teacher", "lead": "dsl", "deputy": "deputy_dsl", "parent": "dsl", "head": "head", "officer": "attendance_officer",
          "governor": "governor"}  # fmt: skip


def lay() -> dict[str, Any]:
    """One school, one child, one person a role, and a second lead who is the child's father."""
    with owner():
        school = School.objects.create(urn=URN, name="Larkfield Academy", telephone="01632 960100")
        found: dict[str, Any] = {"school": school.id}
        for name, role in PEOPLE.items():
            user = User.objects.create_user(f"{name}@example.test", name.title())
            Membership.objects.create(user=user, role=role, school=school, begins_on=date(2020, 1, 1))
            found[name] = user
        pupil = Pupil.objects.create(surname="O'Brien-Ñandú", forename="Siobhán", surname_key="obriennandu", forename_key="siobhan", born_on=date(2013, 3, 3))  # fmt: skip
        Enrolment.objects.create(
            school=school,
            author_id=found["lead"].id,
            pupil=pupil,
            begins_on=date(2024, 9, 1),
        )
        Conflict.objects.create(user_id=found["parent"].id, school=school, author_id=found["lead"].id,
                                pupil_id=pupil.id, kind="parent", begins_on=date(2020, 1, 1))  # fmt: skip
        found["pupil"] = pupil
    return found


@pytest.fixture
def school_data(db: None) -> dict[str, Any]:
    return lay()


def signed_in(school_data: dict[str, Any], who: str) -> Client:
    client = Client()
    client.force_login(school_data[who])
    return client


def answers(**instead: dict[str, str]) -> dict[str, dict[str, str]]:
    return {
        "seen": {"happened_at": "14 January 2025, 09:10", "seen": PHRASE},
        "words": {"own_words": "I do not want to go home"},
        "marks": {"marks_seen": ""},
        "view": {"my_view": "I am worried"},
        "told": {"told": ""},
        "safe": {"safe_now": "yes", "done_at_once": ""},
        **instead,
    }


def go_through(client: Client, who: dict[str, str], **instead: dict[str, str]) -> Any:
    """Fill in the pages as a browser without script does; returns the last response before sending."""
    page: Any = client.post(f"{BASE}raise/", who)
    assert page.status_code == 302, page.content.decode()
    for step, words in answers(**instead).items():
        assert client.get(page.url).status_code == 200
        assert page.url == f"{BASE}raise/{step}/"
        page = client.post(page.url, words)
        assert page.status_code == 302, page.content.decode()
    return client.get(page.url)


def raise_one(school_data: dict[str, Any], who: str = "teacher") -> Any:
    client = signed_in(school_data, who)
    go_through(client, {"letters": "obr", "pupil": str(school_data["pupil"].ref)})
    page = client.post(f"{BASE}raise/check/")
    assert page.status_code == 302
    with owner():
        return Entry.objects.order_by("-id").first()


def test_eight_pages_and_it_is_sent_received_and_seen_as_received(school_data: dict[str, Any]) -> None:
    teacher = signed_in(school_data, "teacher")
    found = teacher.post(f"{BASE}raise/", {"letters": "o'br", "find": "1"}).content.decode()
    assert "Siobhán O&#x27;Brien-Ñandú" in found and "born 3 March 2013" in found
    check = go_through(teacher, {"letters": "o'br", "pupil": str(school_data["pupil"].ref)}).content.decode()
    assert PHRASE in check and "8 of 8" in check
    sent = teacher.post(f"{BASE}raise/check/", follow=True)
    reference = re.search(r"Reference ([0-9A-F]{8})", sent.content.decode())
    assert reference
    waiting = teacher.get(f"{BASE}mine/").content.decode()
    assert reference[1] in waiting and "Not acknowledged yet" in waiting and PHRASE not in waiting

    lead = signed_in(school_data, "lead")
    with owner():
        entry = Entry.objects.get()
        assert (entry.form, entry.record_category, entry.pupil_ids) == (
            "concern",
            SAFEGUARDING,
            [school_data["pupil"].id],
        )
        assert not Draft.objects.exists()
    assert "Siobhán" in lead.get(BASE).content.decode()
    assert PHRASE in lead.get(f"{BASE}{entry.ref}/").content.decode()
    assert "New safeguarding concern" in lead.get("/my-day/").content.decode()
    assert lead.post(f"{BASE}{entry.ref}/acknowledge/").status_code == 302
    assert "New safeguarding concern" not in lead.get("/my-day/").content.decode()

    received = teacher.get(f"{BASE}mine/").content.decode()
    assert "by the safeguarding team" in received and "Lead" not in received.split("<main")[1]
    with owner():
        verbs = list(AuditEvent.objects.filter(about_ref=str(entry.ref)).values_list("verb", flat=True))
        assert {"safeguarding.raise_concern", "records.read_entry", "safeguarding.acknowledge_concern"} <= set(verbs)
        assert not [event for event in AuditEvent.objects.all() if PHRASE in str(vars(event))]


def test_what_was_typed_is_there_after_an_hour_and_for_nobody_else(school_data: dict[str, Any]) -> None:
    teacher = signed_in(school_data, "teacher")
    kept = teacher.post("/drafts/", {"draft_key": f"concern:{school_data['school']}:seen", "seen": PHRASE})
    assert kept.status_code == 200
    assert PHRASE in signed_in(school_data, "teacher").get(f"{BASE}raise/seen/").content.decode()
    for who in PEOPLE:
        if who != "teacher":
            assert PHRASE not in signed_in(school_data, who).get(f"{BASE}raise/seen/").content.decode(), who


def test_not_safe_asks_what_was_done_and_says_what_to_do(school_data: dict[str, Any]) -> None:
    teacher = signed_in(school_data, "teacher")
    page = teacher.get(f"{BASE}raise/safe/").content.decode()
    assert "call 999" in page and "Lead" in page and "01632 960100" in page
    asked = teacher.post(f"{BASE}raise/safe/", {"safe_now": "no"})
    assert asked.status_code == 422 and "Enter the immediate action taken" in asked.content.decode()


def test_a_missing_answer_sends_one_back_to_it(school_data: dict[str, Any]) -> None:
    teacher = signed_in(school_data, "teacher")
    teacher.post(f"{BASE}raise/", {"letters": "", "child_name": "Somebody in 8 Kestrel"})
    assert teacher.get(f"{BASE}raise/check/").headers["Location"] == f"{BASE}raise/seen/"
    assert teacher.post(f"{BASE}raise/check/").headers["Location"] == f"{BASE}raise/seen/"
    with owner():
        assert not Entry.objects.exists()


def test_a_relative_cannot_find_the_child_and_can_still_tell_the_lead(school_data: dict[str, Any]) -> None:
    parent = signed_in(school_data, "parent")
    page = parent.post(f"{BASE}raise/", {"letters": "siob", "find": "1"}).content.decode()
    assert "No pupils match your search" in page
    assert parent.get(f"{BASE}raise/?pupil={school_data['pupil'].ref}").content.decode().count("O&#x27;Brien") == 0
    go_through(parent, {"letters": "", "child_name": "Siobhán, 8 Kestrel"})
    assert parent.post(f"{BASE}raise/check/").status_code == 302
    with owner():
        entry = Entry.objects.get()
        assert entry.pupil_ids == [] and entry.fields["child_name"] == "Siobhán, 8 Kestrel"
    assert "Siobhán, 8 Kestrel" in signed_in(school_data, "lead").get(BASE).content.decode()


def test_a_relative_who_reads_the_record_finds_nothing_about_the_child_in_it(school_data: dict[str, Any]) -> None:
    raise_one(school_data)
    for who, sees in (("lead", True), ("parent", False)):
        with access_context(school_data[who].id):
            assert AuditEvent.objects.filter(pupil_ids__contains=[school_data["pupil"].id]).exists() == sees


def test_a_child_who_is_not_safe_stands_first(school_data: dict[str, Any]) -> None:
    teacher = signed_in(school_data, "teacher")
    for safe, name in (("yes", "First child"), ("not_sure", "Second child"), ("no", "Third child")):
        go_through(
            teacher, {"letters": "", "child_name": name}, safe={"safe_now": safe, "done_at_once": "I rang the lead"}
        )
        teacher.post(f"{BASE}raise/check/")
    page = signed_in(school_data, "lead").get(BASE).content.decode()
    assert page.index("Third child") < page.index("Second child") < page.index("First child")


def test_a_chosen_child_who_is_shut_is_not_taken(school_data: dict[str, Any]) -> None:
    parent = signed_in(school_data, "parent")
    page = parent.post(f"{BASE}raise/", {"letters": "siob", "pupil": str(school_data["pupil"].ref)})
    assert page.status_code == 422


def test_sent_twice_is_one_concern(school_data: dict[str, Any]) -> None:
    teacher = signed_in(school_data, "teacher")
    go_through(teacher, {"letters": "obr", "pupil": str(school_data["pupil"].ref)})
    teacher.post(f"{BASE}raise/check/")
    teacher.post(f"{BASE}raise/check/")
    with owner():
        assert (Entry.objects.count(), Task.objects.count(), Receipt.objects.count()) == (1, 1, 1)


def test_an_unsent_concern_is_offered_again_and_can_be_thrown_away(school_data: dict[str, Any]) -> None:
    teacher = signed_in(school_data, "teacher")
    teacher.post(f"{BASE}raise/seen/", {"seen": PHRASE, "happened_at": "14 January 2025, 09:10"})
    assert "You have an unsent draft" in teacher.get(f"{BASE}raise/").content.decode()
    teacher.post(f"{BASE}raise/", {"begin_new": "1"})
    with owner():
        assert not Draft.objects.exists()


def test_who_may_not_raise_is_told_whom_to_ring(school_data: dict[str, Any]) -> None:
    assert signed_in(school_data, "governor").get(f"{BASE}raise/").status_code == 403


@pytest.mark.parametrize("who", [who for who in PEOPLE if who not in ("lead", "deputy", "head")])
def test_the_queue_is_no_address_for_anybody_else(school_data: dict[str, Any], who: str) -> None:
    entry = raise_one(school_data)
    client = signed_in(school_data, who)
    nowhere = client.get(f"{BASE}00000000-0000-4000-8000-000000000000/")
    there = client.get(f"{BASE}{entry.ref}/")
    assert (there.status_code, there.content) == (404, nowhere.content)
    assert nowhere.status_code == 404
    if who == "parent":  # a lead, but the child's father: he sees the queue without the child
        queue = client.get(BASE)
        assert queue.status_code == 200 and "Siobhán" not in queue.content.decode()
    else:
        assert client.get(BASE).status_code == 404
    assert client.post(f"{BASE}{entry.ref}/acknowledge/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_leads_receive_at_once_and_one_holds() -> None:
    school_data = lay()
    entry = raise_one(school_data)
    gate = threading.Barrier(2)
    said: dict[str, str] = {}

    def receive(who: str) -> None:
        try:
            client = signed_in(school_data, who)
            gate.wait(timeout=20)
            page = client.post(f"{BASE}{entry.ref}/acknowledge/", follow=True)
            said[who] = page.content.decode()
        finally:
            connection.close()

    threads = [threading.Thread(target=receive, args=[who]) for who in ("lead", "deputy")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    with owner():
        first = Acknowledgement.objects.get()
        task = Task.objects.get()
    winner, second = ("lead", "deputy") if first.author_name == "Lead" else ("deputy", "lead")
    assert f"{first.author_name} has already acknowledged this concern." in said[second]
    assert "has already acknowledged this concern" not in said[winner]
    assert task.done_by_name == first.author_name
