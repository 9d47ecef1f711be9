"""A concern that names its child in words: the lead links it to the child, and the row policy then applies. Also the number in the
navigation, and who may acknowledge a concern."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from haven.core.people.models import Enrolment, Pupil
from haven.core.records.models import Acknowledgement, Addendum, Entry, EntryPupil
from haven.core.records.queries import entries_of
from haven.core.schools.models import School
from haven.core.tasks.models import Task, TaskStep
from haven.platform.accounts.context import access_context_for
from haven.platform.accounts.models import Membership, User
from haven.platform.audit.models import AuditEvent
from haven.platform.row_security.context import access_context
from haven.safeguarding.models import Receipt
from haven.safeguarding.permissions import may_link_concern
from tests.safeguarding.test_concerns import BASE, PHRASE, go_through, lay, raise_one, signed_in
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 14, 9, 30, tzinfo=UTC)
SAID = "Siobhan, 8 Kestrel"


@pytest.fixture
def school_data() -> dict[str, Any]:
    found = lay()
    with owner():
        other = Pupil.objects.create(surname="Siobhanson", forename="Rae", surname_key="siobhanson", forename_key="rae")
        Enrolment.objects.create(
            school_id=found["school"], author_id=found["lead"].id, pupil=other,
            begins_on=date(2024, 9, 1),
        )  # fmt: skip
        found["other"] = other
    return found


def in_words(school_data: dict[str, Any], who: str = "teacher") -> Entry:
    client = signed_in(school_data, who)
    go_through(client, {"letters": "", "child_name": SAID})
    assert client.post(f"{BASE}raise/check/").status_code == 302
    with owner():
        return Entry.objects.get()


def link(school_data: dict[str, Any], who: str, entry: Entry, child: Pupil, was: Pupil | None = None) -> str:
    posted = {"pupil": str(child.ref), "was": str(was.ref) if was else ""}
    answer = signed_in(school_data, who).post(f"{BASE}{entry.ref}/child/", posted, follow=True)
    return str(answer.content.decode())


def seen_by(school_data: dict[str, Any], who: str, model: Any, **asked: Any) -> int:
    with access_context(school_data[who].id):
        return int(model.objects.filter(**asked).count())


def test_the_lead_says_which_child_it_is_and_the_file_holds_it(school_data: dict[str, Any]) -> None:
    entry = in_words(school_data)
    page = signed_in(school_data, "lead").get(f"{BASE}{entry.ref}/").content.decode()
    assert "Which child is it?" in page and "Siobhán O&#x27;Brien-Ñandú, " in page and "born 3 March 2013" in page
    done = link(school_data, "lead", entry, school_data["pupil"])
    assert "This concern is now in Siobhán" in done
    with owner():
        after = Entry.objects.get()
        assert (after.fields, after.author_name, after.recorded_at) == (
            entry.fields,
            entry.author_name,
            entry.recorded_at,
        )
        assert after.fields["child_name"] == SAID and PHRASE in after.fields["seen"]
        assert after.pupil_ids == [school_data["pupil"].id]
        added = Addendum.objects.get()
        assert (added.kind, added.author_name) == ("addition", "Lead") and "Siobhán" in added.words
        assert EntryPupil.objects.get().pupil_id == school_data["pupil"].id
        event = AuditEvent.objects.get(verb="safeguarding.link_concern")
        assert event.about_ref == str(entry.ref) and list(event.pupil_ids) == [school_data["pupil"].id]
        assert "Siobhán" not in str(vars(event)) and SAID not in str(vars(event))
    with access_context(school_data["deputy"].id):
        deputy = access_context_for(user=school_data["deputy"], on=AT.date())
        assert [one.ref for one in entries_of(pupil_ids=[school_data["pupil"].id], viewer=deputy)] == [entry.ref]


def test_from_then_on_the_relative_who_is_a_lead_finds_nothing(school_data: dict[str, Any]) -> None:
    entry = in_words(school_data)
    father = signed_in(school_data, "parent")
    assert SAID in father.get(BASE).content.decode()  # the child is not known yet
    signed_in(school_data, "lead").post(f"{BASE}{entry.ref}/acknowledge/")
    link(school_data, "lead", entry, school_data["pupil"])
    nowhere = father.get(f"{BASE}00000000-0000-4000-8000-000000000000/")
    assert father.get(f"{BASE}{entry.ref}/").content == nowhere.content
    assert SAID not in father.get(BASE).content.decode()
    for model in (Entry, EntryPupil, Addendum, Acknowledgement, Task, TaskStep):
        assert seen_by(school_data, "parent", model) == 0, model
        assert seen_by(school_data, "lead", model) >= 1, model


def test_the_author_keeps_the_same_receipt_even_where_the_author_is_a_relative(school_data: dict[str, Any]) -> None:
    entry = in_words(school_data, "parent")
    father = signed_in(school_data, "parent")
    before = father.get(f"{BASE}mine/").content.split(b"<main")[1]
    link(school_data, "lead", entry, school_data["pupil"])
    assert father.get(f"{BASE}mine/").content.split(b"<main")[1] == before
    assert signed_in(school_data, "lead").post(f"{BASE}{entry.ref}/acknowledge/").status_code == 302
    assert "by the safeguarding team" in father.get(f"{BASE}mine/").content.decode()


def test_a_mistaken_link_is_put_right_and_stays_on_record(school_data: dict[str, Any]) -> None:
    entry = in_words(school_data)
    link(school_data, "lead", entry, school_data["other"])
    assert "Check the concern again" in link(
        school_data, "deputy", entry, school_data["pupil"]
    )  # the deputy's page was drawn before
    assert "now in Siobhán" in link(school_data, "deputy", entry, school_data["pupil"], was=school_data["other"])
    with owner():
        assert Entry.objects.get().pupil_ids == [school_data["pupil"].id]
        first, second = Addendum.objects.order_by("id")
        assert (first.kind, second.kind) == ("addition", "correction")
        assert first.pupil_ids == sorted([school_data["pupil"].id, school_data["other"].id])
        assert AuditEvent.objects.filter(verb="safeguarding.link_concern").count() == 2
    assert seen_by(school_data, "parent", Entry) == 0


@pytest.mark.parametrize("who", ["teacher", "officer", "governor"])
def test_nobody_else_links_and_the_database_says_so_too(school_data: dict[str, Any], who: str) -> None:
    entry = in_words(school_data)
    client = signed_in(school_data, who)
    there = client.post(f"{BASE}{entry.ref}/child/", {"pupil": str(school_data["pupil"].ref)})
    nowhere = client.post(
        f"{BASE}00000000-0000-4000-8000-000000000000/child/", {"pupil": str(school_data["pupil"].ref)}
    )
    assert there.status_code == nowhere.status_code == 404 and there.content == nowhere.content
    assert _asked_of_the_database(school_data, who, entry, school_data["pupil"]) is None
    with owner():
        assert Entry.objects.get().pupil_ids == []


def test_no_child_from_whom_one_is_shut_out_no_child_of_another_school_and_no_concern_of_the_roll(
    school_data: dict[str, Any],
) -> None:
    entry = in_words(school_data)
    assert "Choose the child first" in link(school_data, "parent", entry, school_data["pupil"])
    assert _asked_of_the_database(school_data, "parent", entry, school_data["pupil"]) is None
    with owner():
        elsewhere = Pupil.objects.create(surname="Away", forename="Siobhan", surname_key="away", forename_key="siobhan")
    assert _asked_of_the_database(school_data, "lead", entry, elsewhere) is None
    with owner():
        known = Entry.objects.get()
    known_child = raise_one(school_data)
    assert known_child.id != known.id
    assert _asked_of_the_database(school_data, "lead", known_child, school_data["other"]) is None
    with access_context(school_data["lead"].id):
        assert not may_link_concern(access_context_for(user=school_data["lead"], on=AT.date()), known_child)


def _asked_of_the_database(school_data: dict[str, Any], who: str, entry: Entry, child: Pupil) -> bool | None:
    with access_context(school_data[who].id), connection.cursor() as cursor:
        cursor.execute("select app.link_concern(%s, %s, %s)", [entry.ref, child.id, []])
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


def test_the_number_beside_concerns_is_for_those_who_receive_them(school_data: dict[str, Any]) -> None:
    def beside(who: str) -> str:
        page = signed_in(school_data, who).get("/my-day/").content.decode()
        found = re.search(r'concerns/"[^>]*>Concerns(.*?)</a>', page)
        return re.sub(r"<[^>]*>", "", found[1]).strip() if found else "no entry"

    assert {who: beside(who) for who in ("lead", "deputy", "officer", "teacher")} == {
        "lead": "", "deputy": "", "officer": "no entry", "teacher": "no entry",
    }  # fmt: skip
    in_words(school_data)
    raise_one(school_data)
    assert {who: beside(who) for who in ("lead", "deputy", "officer", "teacher")} == {
        "lead": "2 open", "deputy": "2 open", "officer": "no entry", "teacher": "no entry",
    }  # fmt: skip
    assert beside("parent") == "1 open"  # the other is about his own child
    with owner():
        entry = Entry.objects.order_by("-id").first()
    assert entry is not None
    signed_in(school_data, "lead").post(f"{BASE}{entry.ref}/acknowledge/")
    assert (beside("deputy"), beside("parent")) == ("1 open", "1 open")


def test_nobody_says_of_an_own_concern_that_it_was_received(school_data: dict[str, Any]) -> None:
    in_words(school_data)
    with access_context(school_data["teacher"].id):
        mine = Receipt.objects.filter(for_user_id=school_data["teacher"].id)
        assert mine.count() == 1
        assert mine.update(received_at=AT, received_by_name="the safeguarding team") == 0
        assert mine.get().received_at is None
        for born in (AT, None):
            new = Receipt(
                school_id=school_data["school"], for_user_id=school_data["teacher"].id, entry_ref=mine.get().entry_ref,
                raised_at=AT, received_at=born,
            )  # fmt: skip
            if born is None:
                new.save()
                continue
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                new.save()
    with access_context(school_data["lead"].id):
        assert Receipt.objects.filter(received_at=None).update(received_at=AT) == 2


def test_a_lead_of_another_school_says_it_of_none(school_data: dict[str, Any]) -> None:
    in_words(school_data)
    with owner():
        other = School.objects.create(urn=900009, name="Elsewhere")
        user = User.objects.create_user("far.lead@example.test", "Far Lead")
        Membership.objects.create(user=user, role="dsl", school=other, begins_on=date(2020, 1, 1))
    with access_context(user.id):
        assert Receipt.objects.update(received_at=AT) == 0
