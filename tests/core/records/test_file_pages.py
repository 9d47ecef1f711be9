"""The pages of the file: access, saved data, and audit events."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from haven.core.people.models import Enrolment, Pupil
from haven.core.people.panel import PupilPage
from haven.core.records.actions import NewEntry, record_entry
from haven.core.records.models import Addendum, Draft, Entry
from haven.core.records.panels import what_happened
from haven.core.schools.models import School
from haven.platform.accounts.context import access_context_for
from haven.platform.accounts.models import Allocation, Membership, User
from haven.platform.audit.models import AuditEvent
from haven.platform.row_security.context import access_context
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 14, 9, 0, tzinfo=UTC)
URN = 900001
PEOPLE = {
    "officer": "attendance_officer",
    "pastoral": "pastoral_coordinator",
    "teacher": "teacher",
    "lead": "dsl",
    "governor": "governor",
}
FIELDS: dict[str, dict[str, Any]] = {
    "contact_attempt": {"outcome": "no_answer", "words": "Rang twice", "contact_ref": "hidden-reference"},
    "note": {"words": "Came in smiling <script>", "own_words": "I like maths now", "my_view": "Settling"},
    "concern": {"seen": "A bruise", "safe_now": "yes"},
}


@pytest.fixture
def school_data() -> dict[str, Any]:
    with owner():
        found: dict[str, Any] = {"school": School.objects.create(urn=URN, name="Larkfield Academy")}
        found["other"] = School.objects.create(urn=URN + 1, name="Other Academy")
        for name, role in PEOPLE.items():
            user = User.objects.create_user(f"{name}@example.test", name.title())
            Membership.objects.create(user=user, role=role, school=found["school"], begins_on=date(2020, 1, 1))
            found[name] = user
        Membership.objects.create(user=found["lead"], role="dsl", school=found["other"], begins_on=date(2020, 1, 1))
        pupil = Pupil.objects.create(surname="Rahman", forename="Aisha", surname_key="rahman", forename_key="aisha")
        Enrolment.objects.create(school=found["school"], author_id=found["lead"].id, pupil=pupil,
                                 begins_on=date(2024, 9, 1))  # fmt: skip
        found["pupil"] = pupil
    for who, form in (("officer", "contact_attempt"), ("pastoral", "note"), ("teacher", "concern")):
        found[form] = record(found, who, form)
    return found


def record(school_data: dict[str, Any], who: str, form: str) -> Entry:
    with access_context(school_data[who].id):
        return record_entry(
            by=access_context_for(user=school_data[who], on=AT.date()),
            at=AT,
            school_id=school_data["school"].id,
            entry=NewEntry(
                form=form,
                fields=FIELDS[form],
                happened_at=AT - timedelta(days=1, minutes=20),
                pupils=[(school_data["pupil"].id, "subject")],
            ),
        )


def page_of(school_data: dict[str, Any], who: str) -> Client:
    client = Client()
    client.force_login(school_data[who])
    return client


def file_of(school_data: dict[str, Any]) -> str:
    return f"/s/{URN}/pupils/{school_data['pupil'].ref}/file/"


@pytest.mark.parametrize(
    ("who", "titles"),
    [("officer", ["Contact attempt"]), ("pastoral", ["Contact attempt", "Note"]), ("teacher", []),
     ("lead", ["Contact attempt", "Note", "Safeguarding concern"])],
)  # fmt: skip
def test_each_reads_what_is_theirs(school_data: dict[str, Any], who: str, titles: list[str]) -> None:
    page = (
        page_of(school_data, who).get(file_of(school_data)).content.decode().split("<main")[1].split("haven-aside")[0]
    )
    shown = [title for title in ("Contact attempt", "Note", "Safeguarding concern") if f">{title}</a>" in page]
    assert shown == titles
    assert "hidden-reference" not in page
    if titles:
        assert "13 January 2026, 08:40" in page and "14 January 2026, 09:00" in page
    if "Note" in titles:
        assert "&lt;script&gt;" in page and "opinion of Pastoral" in page and "<q>I like maths now</q>" in page


def test_the_governor_and_another_school_find_nothing(school_data: dict[str, Any]) -> None:
    assert page_of(school_data, "governor").get(file_of(school_data)).status_code == 404
    assert page_of(school_data, "lead").get(file_of(school_data).replace(str(URN), str(URN + 1))).status_code == 404
    entry = f"/s/{URN + 1}/entries/{school_data['note'].ref}/"
    assert page_of(school_data, "lead").get(entry).status_code == 404
    assert page_of(school_data, "officer").get(entry.replace(str(URN + 1), str(URN))).status_code == 404


def test_reading_is_on_record_with_how_much_and_not_what(school_data: dict[str, Any]) -> None:
    page_of(school_data, "lead").get(f"{file_of(school_data)}?form=note")
    with owner():
        event = AuditEvent.objects.get(verb="records.read_file")
    assert (event.actor_name, event.pupil_ids, event.detail) == ("Lead", [school_data["pupil"].id], {"entries": 1, "record_categories": ["pastoral"]})  # fmt: skip


def test_a_note_is_typed_kept_refused_and_recorded(school_data: dict[str, Any]) -> None:
    pastoral = page_of(school_data, "pastoral")
    address = f"{file_of(school_data)}new/note/"
    pastoral.post(
        "/drafts/",
        {"draft_key": f"entry:{URN}:{school_data['pupil'].ref}:note", "words": "Half a sentence", "happened_at": "x"},
    )
    assert "Half a sentence" in pastoral.get(address).content.decode()
    wrong = pastoral.post(address, {"happened_at": "31 June 2026, 09:00", "words": "Late again"})
    assert wrong.status_code == 422 and "Late again" in wrong.content.decode()
    done = pastoral.post(address, {"happened_at": "13 January 2025, 09:00", "words": "Late again"})
    assert done.status_code == 302
    with owner():
        assert Entry.objects.get(form="note", fields__words="Late again").happened_at == datetime(
            2025, 1, 13, 9, 0, tzinfo=UTC
        )
        assert not Draft.objects.exists()


def test_forms_that_are_not_mine_are_no_address(school_data: dict[str, Any]) -> None:
    for who, form in (("officer", "note"), ("teacher", "contact_attempt"), ("lead", "concern"), ("lead", "nothing")):
        assert page_of(school_data, who).get(f"{file_of(school_data)}new/{form}/").status_code == 404
    assert page_of(school_data, "teacher").get(f"{file_of(school_data)}new/").status_code == 403


def test_striking_out_keeps_the_entry_and_says_why(school_data: dict[str, Any]) -> None:
    address = f"/s/{URN}/entries/{school_data['note'].ref}/"
    pastoral = page_of(school_data, "pastoral")
    assert pastoral.post(address, {"kind": "retraction", "words": ""}).status_code == 422
    assert pastoral.post(address, {"kind": "retraction", "words": "Wrong child"}).status_code == 302
    page = pastoral.get(address).content.decode()
    assert "Entered in error" in page and "Wrong child" in page and "I like maths now" in page
    with owner():
        assert Addendum.objects.get().author_name == "Pastoral"


def test_only_keepers_and_the_author_correct(school_data: dict[str, Any]) -> None:
    with owner():
        worker = User.objects.create_user("worker@example.test", "Worker")
        Membership.objects.create(
            user=worker, role="family_support_worker", school=school_data["school"], begins_on=date(2020, 1, 1)
        )
        Allocation.objects.create(user_id=worker.id, school=school_data["school"], author_id=worker.id, pupil_id=school_data["pupil"].id,
                                  begins_on=date(2020, 1, 1))  # fmt: skip
    client = page_of({**school_data, "worker": worker}, "worker")
    address = f"/s/{URN}/entries/{school_data['note'].ref}/"
    assert client.post(address, {"kind": "correction", "words": "No"}).status_code == 422
    assert client.post(address, {"kind": "addition", "words": "And on Tuesday"}).status_code == 302


def test_the_panel_is_there_for_everybody_and_shows_no_words_of_a_concern(school_data: dict[str, Any]) -> None:
    for who, many in (("officer", 1), ("teacher", 0), ("lead", 3)):
        with access_context(school_data[who].id):
            me = access_context_for(user=school_data[who], on=AT.date())
            panel = what_happened(PupilPage(me, me.places[0], school_data["pupil"], AT))
        assert panel and len(panel.context["lines"]) == many
    page = page_of(school_data, "lead").get(f"/s/{URN}/pupils/{school_data['pupil'].ref}/").content.decode()
    assert "Safeguarding concern" in page and "A bruise" not in page  # that an entry exists, and none of its text
    assert "Rang twice" in page  # the text of a call may be visible to all users who read the registers
    with owner():
        assert {event.actor_name for event in AuditEvent.objects.filter(verb="records.read_panel")} == {"Lead"}


def test_a_draft_that_is_too_large_is_refused(school_data: dict[str, Any]) -> None:
    for words in ({"draft_key": "k" * 201}, {"draft_key": ""}, {"draft_key": "k", "words": "x" * 60_000}):
        assert page_of(school_data, "officer").post("/drafts/", words).status_code == 413
    assert page_of(school_data, "officer").get("/drafts/").status_code == 405
    assert Client().post("/drafts/", {"draft_key": "k"}).status_code == 302
