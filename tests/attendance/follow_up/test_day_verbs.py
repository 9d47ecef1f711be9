"""The actions of first-day response and the end of the day, as the application role under the row policies."""

from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from haven.attendance.follow_up.actions import end_of_day as end
from haven.attendance.follow_up.actions import pupils as act
from haven.attendance.follow_up.models import DaySignOff, DayStep
from haven.attendance.follow_up.queries.day import open_items
from haven.attendance.follow_up.queries.end_of_day import notes_of, sign_off_of, unread_notes
from haven.attendance.registers.actions.registers import amend_mark
from haven.attendance.registers.models import MarkAmendment, MarkNote
from haven.core.people.models import Contact
from haven.core.records.models import Entry
from haven.core.tasks.queries import tasks_for
from haven.platform.audit.models import AuditEvent
from haven.platform.errors import ActionRejected, StaleDataError
from haven.platform.row_security.context import access_context
from haven.rules.contact_ladder import Outcome
from haven.rules.sessions import Half
from tests.factories.morning import AT, LATER, ON, Morning, build_school, line, look, names, set_mark
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def morning() -> Morning:
    return build_school()


def common(morning: Morning, number: int, name: str = "officer", at: datetime = LATER) -> dict[str, Any]:
    return {
        "by": morning.viewer(name), "at": at, "school_id": morning.school_id, "on": ON,
        "pupil_id": morning.pupils[number].id,
    }  # fmt: skip


def entered(morning: Morning, name: str = "officer") -> AbstractContextManager[None]:
    return access_context(morning.users[name].id)


def test_an_attempt_is_an_entry_and_the_ladder_climbs(morning: Morning) -> None:
    contact = line(morning, 0).contacts[0]
    with entered(morning):
        entry = act.log_attempt(
            **common(morning, 0, at=AT),
            outcome=Outcome.NO_ANSWER,
            report=act.OutcomeReport(contact.ref),
            words="Rang twice",
        )
    now = line(morning, 0, at=LATER)
    assert Entry.objects.model is type(entry)
    assert now.last_attempt is not None and now.last_attempt.said.endswith(": no answer")
    assert len(now.today) == 1 and not now.is_reached
    assert now.next.contact == now.contacts[1]  # the father is next
    assert "tried once, last at 09:12" in " ".join(now.place.because)


def test_try_again_at_holds_back_that_contact_alone(morning: Morning) -> None:
    mother, father = line(morning, 0).contacts[:2]
    with entered(morning):
        act.log_attempt(
            **common(morning, 0),
            outcome=Outcome.NO_ANSWER,
            report=act.OutcomeReport(mother.ref),
            next_at=LATER + timedelta(hours=1),
        )
    words = line(morning, 0, at=LATER + timedelta(minutes=1)).next_words
    assert father.name in words and "from" not in words


def test_contacts_of_another_child_are_no_contacts(morning: Morning) -> None:
    stranger = line(morning, 2).contacts[0]
    with entered(morning), pytest.raises(ActionRejected, match="no longer a contact"):
        act.log_attempt(**common(morning, 0), outcome=Outcome.REACHED, report=act.OutcomeReport(stranger.ref))


def test_a_reason_changes_the_marks_and_keeps_the_original(morning: Morning) -> None:
    shown = line(morning, 0)
    sessions = [(date(2026, 1, 13), Half.AM, "N"), (date(2026, 1, 13), Half.PM, "N"), (ON, Half.AM, "N")]
    with entered(morning):
        changed = act.give_reason(
            **common(morning, 0), sessions=sessions, code="I", reason="Has a fever", report=act.OutcomeReport(shown.contacts[0].ref),
            seen=shown.seen,
        )  # fmt: skip
        kept = list(MarkAmendment.objects.order_by("id").values_list("original", "amended", "reason", "author_name"))
        entry = Entry.objects.get()
    assert changed == 3
    assert kept == [("N", "I", "Has a fever", "Officer")] * 3
    assert (entry.fields["outcome"], entry.fields["reason"]) == ("reached", "Has a fever")
    day = look(morning, at=LATER)
    assert "Pupil000" not in names(day) and day.counts.reason == 2


def test_a_reason_for_a_mark_that_was_changed_meanwhile_changes_nothing(morning: Morning) -> None:
    shown = line(morning, 2)
    second = morning.viewer("second")
    with entered(morning, "second"):
        amend_mark(
            by=second, at=LATER, enrolment_id=shown.pupil.enrolment_id, on=ON, half="AM", symbol="M", reason="Dentist"
        )
    with entered(morning), pytest.raises(StaleDataError, match="Second Person changed a mark to M"):
        act.give_reason(**common(morning, 2), sessions=[(ON, Half.AM, "N")], code="I", reason="Ill", seen=shown.seen)
    with entered(morning):
        assert MarkAmendment.objects.count() == 1


def test_an_o_with_nobody_reached_keeps_the_pupil_on_the_list(morning: Morning) -> None:
    said: dict[str, Any] = {
        "sessions": [(ON, Half.AM, "N")],
        "code": "O",
        "reason": "Shopping with an aunt, says a friend",
    }
    for number in (0, 2):  # pupil 0 is on the vulnerable pupils list
        with entered(morning):
            assert act.give_reason(**common(morning, number), **said) == 1
    day = look(morning, at=LATER)
    assert {morning.pupils[0].id, morning.pupils[2].id} <= {item.pupil.pupil_id for item in day.lines}
    [listed] = [pupil for pupil in day.listed if pupil.pupil.ref == morning.pupils[0].ref]
    assert listed.halves[0].status == "Not accounted for"
    with entered(morning):
        open_keys = {item.pupil_id for item in open_items(day)}
    assert {morning.pupils[0].id, morning.pupils[2].id} <= open_keys


def test_an_o_that_the_family_spoke_about_is_accounted_for(morning: Morning) -> None:
    with owner():
        mother = Contact.objects.get(pupil=morning.pupils[2], priority=1)
    with entered(morning):
        act.give_reason(
            **common(morning, 2), sessions=[(ON, Half.AM, "N")], code="O", reason="Shopping with an aunt",
            report=act.OutcomeReport(mother.ref),
        )  # fmt: skip
    assert "Pupil002" not in names(look(morning, at=LATER))
    set_mark(morning, 10, Half.AM, "O")
    with entered(morning):
        assert act.give_reason(
            **common(morning, 10), sessions=[(ON, Half.AM, "O")], code="O", reason="At home", report=act.OutcomeReport(name="Grandmother"),
        ) == 0  # fmt: skip
    assert "Pupil010" not in names(look(morning, at=LATER))


def test_who_acts_on_what_they_no_longer_see_is_told_first(morning: Morning) -> None:
    mine = line(morning, 0).seen
    with entered(morning, "second"):
        act.start_working(**common(morning, 0, "second", AT), seen=mine)
    claimed = line(morning, 0)
    assert claimed.claim is not None and claimed.claim.author_name == "Second Person"
    with entered(morning), pytest.raises(StaleDataError, match=r"Second Person is calling now \(09:12\)"):
        act.log_attempt(
            **common(morning, 0, at=AT + timedelta(minutes=5)),
            outcome=Outcome.NO_ANSWER,
            report=act.OutcomeReport(name="Mother"),
            seen=mine,
        )
    with entered(morning):  # after seeing the change, the same user acts again
        act.log_attempt(
            **common(morning, 0, at=AT + timedelta(minutes=5)),
            outcome=Outcome.NO_ANSWER,
            report=act.OutcomeReport(name="Mother"),
            seen=claimed.seen,
        )
        assert Entry.objects.count() == 1


def test_a_claim_ends_by_itself_by_release_or_by_the_attempt(morning: Morning) -> None:
    with entered(morning):
        act.start_working(**common(morning, 0, at=AT))
    assert line(morning, 0, at=AT + timedelta(minutes=19)).claim is not None
    assert line(morning, 0, at=AT + timedelta(minutes=21)).claim is None
    with entered(morning):
        act.log_attempt(
            **common(morning, 0, at=AT + timedelta(minutes=2)), outcome=Outcome.NO_ANSWER, report=act.OutcomeReport()
        )
    assert line(morning, 0, at=AT + timedelta(minutes=3)).claim is None
    with entered(morning):
        act.start_working(**common(morning, 2, at=AT))
        act.release(**common(morning, 2, at=AT))
    assert line(morning, 2).claim is None


def test_passing_on_gives_a_task_and_sight_of_the_pupil(morning: Morning) -> None:
    assert look(morning, "worker").counts.on_roll == 0
    with entered(morning):
        act.pass_on(**common(morning, 2, at=AT), to_user_id=morning.users["worker"].id, words="Please see the aunt")
    worker = morning.viewer("worker")
    with access_context(worker.user_id):
        assert [task.title for task in tasks_for(worker, morning.school_id)] == ["Find Pupil002 Surname002"]
    handed = line(morning, 2, "worker")
    assert handed.passed_on is not None and handed.passed_on.words == "Please see the aunt"
    assert names(look(morning))[-1] == "Pupil002"
    with entered(morning), pytest.raises(ActionRejected, match="colleague"):
        act.pass_on(**common(morning, 2), to_user_id=morning.other.users["head"].id, words="x")


def test_accounted_for_takes_a_pupil_off_the_list_until_somebody_doubts_it(morning: Morning) -> None:
    with entered(morning):
        act.say_accounted(**common(morning, 2, at=AT), half=Half.AM, is_accounted=True, words="In the medical room")
    day = look(morning)
    assert "Pupil002" not in names(day) and day.counts.elsewhere == 2
    with entered(morning):
        with pytest.raises(ActionRejected, match="what you found"):
            act.say_accounted(**common(morning, 2), half=Half.AM, is_accounted=False)
        act.say_accounted(**common(morning, 2), half=Half.AM, is_accounted=False, words="Not there any more")
    assert "Pupil002" in names(look(morning, at=LATER))


def test_the_vulnerable_list_wants_a_word_from_the_provider(morning: Morning) -> None:
    def status() -> str:
        return next(each for each in look(morning, at=LATER).listed if each.listing.priority == 1).halves[0].status

    assert status() == "Off site, to be confirmed"
    with entered(morning):
        act.say_accounted(**common(morning, 8), half=Half.AM, is_accounted=True, words="Rang the centre")
    assert status() == "Accounted for"
    assert look(morning, at=LATER).listed_statuses() == [("Accounted for", 1), ("Not accounted for", 1)]


def test_an_instruction_that_was_carried_out_no_longer_presses(morning: Morning) -> None:
    with entered(morning):
        act.carry_out_instruction(**common(morning, 0, at=AT), words="Rang the duty desk, Ms Cole")
    done = line(morning, 0)
    assert done.place.instruction == "" and done.instruction_done is not None
    assert done.place.because[0] == "On the vulnerable pupils list: find first"


def test_a_visit_is_a_task_by_a_time(morning: Morning) -> None:
    due = datetime(2026, 1, 14, 11, 0, tzinfo=UTC)
    officer = morning.viewer("officer")
    with entered(morning):
        act.plan_visit(**common(morning, 0, at=AT), visitor_id=officer.user_id, due_at=due, words="")
        assert [task.due_at for task in tasks_for(officer, morning.school_id)] == [due]
        with pytest.raises(ActionRejected, match="later today"):
            act.plan_visit(**common(morning, 0), visitor_id=officer.user_id, due_at=AT, words="")


def _late(morning: Morning, number: int, hour: int, minute: int, name: str = "officer") -> act.SignedIn:
    at = datetime(2026, 1, 14, hour, minute, tzinfo=UTC)
    with entered(morning, name):
        return act.sign_in_late(
            by=morning.viewer(name),
            at=at,
            school_id=morning.school_id,
            pupil_id=morning.pupils[number].id,
            arrived_at=at,
        )


def test_the_late_gate_knows_before_from_after(morning: Morning) -> None:
    assert _late(morning, 2, 9, 10) == act.SignedIn(Half.AM, "L", 25)
    assert _late(morning, 6, 9, 42) == act.SignedIn(Half.AM, "U", 57)
    assert _late(morning, 0, 12, 20) == act.SignedIn(Half.PM, "", 0)
    with entered(morning):
        assert list(MarkNote.objects.order_by("id").values_list("minutes_late", flat=True)) == [25, 57]
    assert look(morning, at=LATER).counts.missing == 1
    with pytest.raises(ActionRejected, match="already shows this pupil as present"):
        _late(morning, 10, 9, 30)
    with pytest.raises(ActionRejected, match="last session"):
        _late(morning, 2, 16, 0)
    with pytest.raises(ActionRejected, match="not begun"):
        _late(morning, 2, 8, 30)


def test_nobody_does_what_their_role_does_not(morning: Morning) -> None:
    with entered(morning, "teacher"), pytest.raises(PermissionDenied):
        act.log_attempt(**common(morning, 0, "teacher"), outcome=Outcome.REACHED, report=act.OutcomeReport())
    with entered(morning, "kestrel"), pytest.raises(PermissionDenied, match="attendance team can enter reasons"):
        act.give_reason(**common(morning, 0, "kestrel"), sessions=[(ON, Half.AM, "N")], code="I", reason="Ill")
    with entered(morning, "osprey"), pytest.raises(ActionRejected, match="not on the roll"):
        act.log_attempt(**common(morning, 0, "osprey"), outcome=Outcome.REACHED, report=act.OutcomeReport())


# ---- the end of the day ----------------------------------------------------------------------------------------------------

END = datetime(2026, 1, 14, 15, 30, tzinfo=UTC)


def test_the_day_ends_only_when_each_open_line_is_explained(morning: Morning) -> None:
    officer = morning.viewer("officer")
    items = open_items(look(morning, at=END))
    assert [item.title.split()[0] for item in items] == ["Pupil000", "Pupil008", "Pupil002", "Pupil006", "8", "9"]
    with access_context(officer.user_id):
        with pytest.raises(ActionRejected, match="there is no explanation"):
            end.sign_off_day(by=officer, at=END, school_id=morning.school_id, on=ON, explanations={})
        assert DaySignOff.objects.count() == 0 and DayStep.objects.count() == 0
        signed = end.sign_off_day(
            by=officer, at=END, school_id=morning.school_id, on=ON,
            explanations={item.key: f"Next step for {item.title}" for item in items},
        )  # fmt: skip
        assert len(signed.open_lines) == len(items)
        assert signed.counts["on_roll"] == sum(n for key, n in signed.counts.items() if key != "on_roll")
        assert "Pupil" not in str(signed.open_lines)  # text about a pupil is under the pupil's own row policy
        assert DayStep.objects.filter(kind="explained").count() == sum(item.pupil_id is not None for item in items)
        with pytest.raises(PermissionDenied, match="Officer has already signed off this day"):
            end.sign_off_day(by=officer, at=END, school_id=morning.school_id, on=ON, explanations={})
        end.reopen_day(by=officer, at=END, school_id=morning.school_id, on=ON, reason="Found one more")
        assert sign_off_of(school_id=morning.school_id, on=ON) is None


def test_a_hand_over_note_is_read_by_name(morning: Morning) -> None:
    officer, second = morning.viewer("officer"), morning.viewer("second")
    with access_context(officer.user_id):
        note = end.write_hand_over(
            by=officer, at=END, school_id=morning.school_id, for_on=date(2026, 1, 15), words="Ring the aunt"
        )
        assert unread_notes(viewer=officer, school_id=morning.school_id, on=date(2026, 1, 15)) == []
    with access_context(second.user_id):
        assert unread_notes(viewer=second, school_id=morning.school_id, on=ON) == []
        assert unread_notes(viewer=second, school_id=morning.school_id, on=date(2026, 1, 15)) == [note]
        end.read_hand_over(by=second, at=END, note_ref=note.ref, school_id=morning.school_id)
        assert unread_notes(viewer=second, school_id=morning.school_id, on=date(2026, 1, 15)) == []
        assert [read.author_name for read in notes_of(school_id=morning.school_id)[0][1]] == ["Second Person"]


def test_every_verb_leaves_its_event(morning: Morning) -> None:
    with entered(morning):
        act.start_working(**common(morning, 0))
        act.say_accounted(**common(morning, 2), half=Half.AM, is_accounted=True, words="Library")
    with owner():
        events = list(AuditEvent.objects.order_by("id").values_list("verb", "pupil_ids"))
    assert events == [
        ("attendance.start_working", [morning.pupils[0].id]),
        ("attendance.say_accounted", [morning.pupils[2].id]),
    ]
