"""Entries of the file: what is stored, who may read it, and what is refused without any change."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from haven.core.people.models import Enrolment, Pupil
from haven.core.records.actions import NewEntry, add_addendum, record_entry
from haven.core.records.forms_engine import FieldProblems
from haven.core.records.models import Entry, EntryPupil
from haven.core.records.queries import addenda_of, entries_of, entry_by_ref
from haven.core.schools.models import School
from haven.platform.accounts.context import AccessContext, access_context_for
from haven.platform.accounts.models import Membership, User
from haven.platform.audit.models import AuditEvent
from haven.platform.errors import ActionRejected
from haven.platform.row_security.context import access_context
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 14, 9, 0, tzinfo=UTC)
ATTEMPT = {"outcome": "no_answer", "contact_name": "Nadia Rahman", "number": "01632 960001"}


@pytest.fixture
def school_data() -> dict[str, int]:
    with owner():
        school = School.objects.create(urn=900001, name="Larkfield Academy")
        found = {"school": school.id}
        for name, role in (("officer", "attendance_officer"), ("lead", "dsl"), ("teacher", "teacher"), ("worker", "pastoral_coordinator"), ("governor", "governor")):  # fmt: skip
            user = User.objects.create_user(f"{name}@example.test", name.title())
            Membership.objects.create(user=user, role=role, school=school, begins_on=date(2020, 1, 1))
            found[name] = user.id
        pupil = Pupil.objects.create(surname="Rahman", forename="Aisha", surname_key="rahman", forename_key="aisha")
        Enrolment.objects.create(
            school=school,
            author_id=found["lead"],
            pupil=pupil,
            begins_on=date(2024, 9, 1),
        )
        found["pupil"] = pupil.id
    return found


def viewer(school_data: dict[str, int], who: str) -> AccessContext:
    return access_context_for(user=User.objects.get(id=school_data[who]), on=AT.date())


def record(school_data: dict[str, int], who: str, form: str, **fields: object) -> Entry:
    return record_entry(
        by=viewer(school_data, who),
        at=AT,
        school_id=school_data["school"],
        entry=NewEntry(
            form=form, fields=fields, happened_at=AT - timedelta(hours=1), pupils=[(school_data["pupil"], "subject")]
        ),
    )


def test_an_attempt_is_kept_with_its_author_both_times_and_an_event(school_data: dict[str, int]) -> None:
    with access_context(school_data["officer"]):
        entry = record(school_data, "officer", "contact_attempt", **ATTEMPT, next_at=AT + timedelta(minutes=30))
        found = entries_of(
            pupil_ids=[school_data["pupil"]], forms=["contact_attempt"], since=AT - timedelta(days=1), limit=5
        )
        assert [one.ref for one in found] == [entry.ref]
        assert (found[0].author_name, found[0].author_role) == ("Officer", "Attendance officer")
        assert found[0].recorded_at - found[0].happened_at == timedelta(hours=1)
        assert found[0].fields == {**ATTEMPT, "next_at": "2026-01-14T09:30:00+00:00"}
        assert EntryPupil.objects.get(entry=entry).role == "subject"
    with owner():
        event = AuditEvent.objects.get(about_ref=str(entry.ref))
    assert event.verb == "records.record_entry"
    assert "960001" not in str(vars(event))


@pytest.mark.parametrize(
    ("fields", "key"),
    [({}, "outcome"), ({"outcome": "vanished"}, "outcome"), ({"outcome": "reached", "mood": "good"}, "mood"), ({"outcome": "reached", "next_at": "tomorrowish"}, "next_at")],
)  # fmt: skip
def test_an_answer_that_does_not_fit_is_refused_and_nothing_kept(
    school_data: dict[str, int], fields: dict[str, str], key: str
) -> None:
    with access_context(school_data["officer"]):
        with pytest.raises(FieldProblems) as problem:
            record(school_data, "officer", "contact_attempt", **fields)
        assert list(problem.value.problems) == [key]
        assert not Entry.objects.exists()


def test_the_future_has_not_happened_yet(school_data: dict[str, int]) -> None:
    with access_context(school_data["worker"]), pytest.raises(FieldProblems, match="must be in the past"):
        record_entry(
            by=viewer(school_data, "worker"),
            at=AT,
            school_id=school_data["school"],
            entry=NewEntry(
                form="note",
                fields={"words": "Well"},
                happened_at=AT + timedelta(minutes=1),
                pupils=[(school_data["pupil"], "subject")],
            ),
        )


@pytest.mark.parametrize(("who", "form"), [
    ("officer", "note"), ("teacher", "note"), ("governor", "contact_attempt"), ("teacher", "contact_attempt"),
])  # fmt: skip
def test_who_may_not_write_is_told_why(school_data: dict[str, int], who: str, form: str) -> None:
    fields = ATTEMPT if form == "contact_attempt" else {"words": "Well"}
    with access_context(school_data[who]), pytest.raises((PermissionDenied, ActionRejected)):
        record(school_data, who, form, **fields)


def test_a_pupil_of_another_school_is_no_pupil_here(school_data: dict[str, int]) -> None:
    with owner():
        far = Pupil.objects.create(surname="Far", forename="Away", surname_key="far", forename_key="away")
    with access_context(school_data["officer"]), pytest.raises(ActionRejected, match="Pupil not found"):
        record({**school_data, "pupil": far.id}, "officer", "contact_attempt", **ATTEMPT)


def test_an_author_reads_no_concern_back_and_the_lead_does(school_data: dict[str, int]) -> None:
    with access_context(school_data["teacher"]):
        entry = record(school_data, "teacher", "concern", seen="A bruise", safe_now="yes")
        assert entries_of(pupil_ids=[school_data["pupil"]], viewer=viewer(school_data, "teacher")) == []
        assert entry_by_ref(ref=entry.ref, viewer=viewer(school_data, "teacher")) is None
    with access_context(school_data["lead"]):
        assert entries_of(pupil_ids=[school_data["pupil"]]) == []
        assert [
            one.ref for one in entries_of(pupil_ids=[school_data["pupil"]], viewer=viewer(school_data, "lead"))
        ] == [entry.ref]


def test_an_entry_is_added_to_and_never_changed(school_data: dict[str, int]) -> None:
    with access_context(school_data["worker"]):
        entry = record(school_data, "worker", "note", words="Late twice this week")
        with pytest.raises(FieldProblems):
            add_addendum(by=viewer(school_data, "worker"), at=AT, entry=entry, kind="retraction", words="  ")
        add_addendum(by=viewer(school_data, "worker"), at=AT, entry=entry, kind="correction", words="Three times")
        assert [one.words for one in addenda_of(entry_ids=[entry.id])[entry.id]] == ["Three times"]
        assert Entry.objects.get(id=entry.id).fields == {"words": "Late twice this week"}


def test_an_entry_for_named_people_is_for_them_and_its_author(school_data: dict[str, int]) -> None:
    with access_context(school_data["worker"]):
        entry = record_entry(
            by=viewer(school_data, "worker"),
            at=AT,
            school_id=school_data["school"],
            entry=NewEntry(
                form="note",
                fields={"words": "Between us"},
                happened_at=AT,
                pupils=[(school_data["pupil"], "subject")],
                restricted_to=[],
            ),
        )
        assert entry_by_ref(ref=entry.ref, viewer=viewer(school_data, "worker"))
    with access_context(school_data["lead"]):
        assert entry_by_ref(ref=entry.ref, viewer=viewer(school_data, "lead")) is None
        assert not EntryPupil.objects.exists()
