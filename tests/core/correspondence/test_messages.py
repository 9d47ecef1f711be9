"""Messages to families: who gets none, once for each key, and never twice after any failure of the carrier or of Haven."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.test import Client

from haven.core.correspondence import jobs
from haven.core.correspondence.actions import AlreadySent, claim_message, queue_message, settle_uncertain
from haven.core.correspondence.carriers import CarrierAway, CarrierRefuses, CarrierUnsure, carrier_for
from haven.core.correspondence.models import Delivery, Message
from haven.core.correspondence.queries import UNCERTAIN_AFTER, outbox
from haven.core.correspondence.templates_of_messages import MessageTemplate
from haven.core.people.models import Contact, Enrolment, Pupil
from haven.core.schools.models import School
from haven.platform.accounts.context import access_context_for, system_context
from haven.platform.accounts.models import Membership, User
from haven.platform.definitions import DefinitionError, definitions
from haven.platform.errors import ActionRejected
from haven.platform.row_security.context import access_context
from tests.support.database_owner import owner
from tests.support.definitions import one_from

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 14, 9, 30, tzinfo=UTC)
CONTACT = {
    "name": "Nadia Rahman",
    "email": "nadia@example.test",
    "telephone": "01632 960001",
    "other_telephone": "07700 900123",
}


@pytest.fixture
def school_data() -> dict[str, Any]:
    with owner():
        school = School.objects.create(urn=900001, name="Larkfield Academy", telephone="01632 960100")
        found: dict[str, Any] = {"school": school}
        for name, role in (("officer", "attendance_officer"), ("second", "attendance_coordinator"), ("teacher", "teacher"), ("governor", "governor")):  # fmt: skip
            user = User.objects.create_user(f"{name}@example.test", name.title())
            Membership.objects.create(user=user, role=role, school=school, begins_on=date(2020, 1, 1))
            found[name] = user
        pupil = Pupil.objects.create(surname="Rahman", forename="Aisha", surname_key="rahman", forename_key="aisha")
        Enrolment.objects.create(
            school=school,
            author_id=found["officer"].id,
            pupil=pupil,
            begins_on=date(2024, 9, 1),
        )
        found["pupil"] = pupil
    return found


def contact(school_data: dict[str, Any], **instead: Any) -> Contact:
    with owner():
        return Contact.objects.create(
            school=school_data["school"], author_id=school_data["officer"].id, pupil=school_data["pupil"],
            begins_on=date(2024, 9, 1), **{**CONTACT, **instead},
        )  # fmt: skip


def queue(school_data: dict[str, Any], to: Contact, *, template: str = "absence_email", key: str = "one", who: str = "officer", **more: Any) -> Message:  # fmt: skip
    with access_context(school_data[who].id):
        return queue_message(by=access_context_for(user=school_data[who], on=AT.date()), at=AT, school_id=school_data["school"].id, pupil_id=school_data["pupil"].id,
                             contact=to, template=template, once_key=key, **more)  # fmt: skip


def states(school_data: dict[str, Any], at: datetime = AT) -> list[str]:
    with access_context(school_data["officer"].id):
        return [line.state.name for line in outbox(school_id=school_data["school"].id, at=at)]


class Fails:
    """A carrier that counts its calls and fails as configured."""

    def __init__(self, *problems: type[Exception] | None) -> None:
        self.problems, self.asked = list(problems), 0

    def carry(self, parcel: Any) -> str:
        self.asked += 1
        problem = self.problems.pop(0) if self.problems else None
        if problem:
            raise problem("answer 450")
        return "number"


@pytest.fixture
def carrier(monkeypatch: pytest.MonkeyPatch) -> Any:
    def use(*problems: type[Exception] | None) -> Fails:
        one = Fails(*problems)
        monkeypatch.setattr("haven.core.correspondence.jobs.carrier_for", lambda channel: one)
        monkeypatch.setattr("haven.core.correspondence.queries.carrier_for", lambda channel: one)
        return one

    return use


def test_the_words_are_plain_and_hold_no_more_than_the_template(school_data: dict[str, Any]) -> None:
    message = queue(school_data, contact(school_data))
    assert message.subject == "A message from Larkfield Academy"
    assert "Aisha is not at school today, Wednesday 14 January, and we do not know why yet." in message.body
    assert "Rahman" not in message.body.replace("Nadia Rahman", "")
    text = queue(school_data, contact(school_data), template="absence_text", key="two")
    assert text.recipient == "+447700900123" and "01632 960100" in text.body


@pytest.mark.parametrize(("instead", "template", "says"), [
    ({"safe_to_contact": False}, "absence_email", "not safe to contact"),
    ({"email": ""}, "absence_email", "no email address"),
    ({"other_telephone": ""}, "absence_text", "no mobile number"),
    ({"ends_on": date(2025, 1, 1)}, "absence_email", "no longer a contact of this pupil"),
    ({"needs_interpreter": True, "language": "Bengali"}, "absence_email", "needs an interpreter"),
])  # fmt: skip
def test_nothing_goes_to_a_contact_who_should_not_get_it(
    school_data: dict[str, Any], instead: dict[str, Any], template: str, says: str
) -> None:
    to = contact(school_data, **instead)
    with pytest.raises(ActionRejected, match=says):
        queue(school_data, to, template=template)
    with owner():
        assert not Message.objects.exists()


def test_a_contact_of_another_pupil_is_none_of_this_one(school_data: dict[str, Any]) -> None:
    with owner():
        other = Pupil.objects.create(surname="Far", forename="Away", surname_key="far", forename_key="away")
    to = contact({**school_data, "pupil": other})
    with pytest.raises(ActionRejected, match="not a contact of the pupil"):
        queue(school_data, to)


def test_who_may_not_ring_may_not_write(school_data: dict[str, Any]) -> None:
    with pytest.raises(PermissionDenied, match="cannot send messages"):
        queue(school_data, contact(school_data), who="teacher")


def test_a_word_that_is_no_word_of_messages_is_refused(school_data: dict[str, Any]) -> None:
    with pytest.raises(KeyError):
        queue(school_data, contact(school_data), extra={"reason": "on a plan"})


def test_once_per_key_whoever_asks(school_data: dict[str, Any]) -> None:
    to = contact(school_data)
    first = queue(school_data, to)
    with pytest.raises(AlreadySent) as again:
        queue(school_data, to, who="second")
    assert again.value.message == first and "Officer has already sent" in str(again.value)


def test_without_a_carrier_it_waits_and_says_so(school_data: dict[str, Any]) -> None:
    queue(school_data, contact(school_data))
    assert jobs.send_waiting(at=AT) == {}
    assert states(school_data) == ["no_carrier"]
    client = Client()
    client.force_login(school_data["officer"])
    assert "provider is configured" in client.get("/s/900001/messages/").content.decode()


def test_an_email_leaves_once(school_data: dict[str, Any], settings: Any) -> None:
    settings.EMAIL_CARRIER = "smtp"
    queue(school_data, contact(school_data))
    assert jobs.send_waiting(at=AT) == {"sent": 1}
    assert jobs.send_waiting(at=AT + timedelta(minutes=5)) == {}
    assert [one.to for one in mail.outbox] == [["nadia@example.test"]]
    assert states(school_data) == ["sent"]


def test_a_mail_server_that_is_down_for_a_day_loses_nothing_and_doubles_nothing(
    school_data: dict[str, Any], carrier: Any
) -> None:
    queue(school_data, contact(school_data))
    line = carrier(*[CarrierAway] * 26)
    sent = 0
    for minutes in range(0, 36 * 60, 15):
        sent += jobs.send_waiting(at=AT + timedelta(minutes=minutes))["sent"]
    assert (sent, line.asked) == (1, 27)
    assert states(school_data, AT + timedelta(hours=36)) == ["sent"]


def test_an_enquiry_of_the_day_before_yesterday_is_given_up(school_data: dict[str, Any], carrier: Any) -> None:
    queue(school_data, contact(school_data))
    line = carrier()
    jobs.send_waiting(at=AT + timedelta(hours=37))
    assert line.asked == 0
    assert states(school_data) == ["given_up"]


def test_a_refused_message_is_not_tried_again(school_data: dict[str, Any], carrier: Any) -> None:
    queue(school_data, contact(school_data))
    line = carrier(CarrierRefuses)
    jobs.send_waiting(at=AT)
    jobs.send_waiting(at=AT + timedelta(hours=2))
    assert (line.asked, states(school_data)) == (1, ["given_up"])


@pytest.mark.parametrize("how", ["killed", "line broke"])
def test_what_is_uncertain_waits_for_a_person(school_data: dict[str, Any], carrier: Any, how: str) -> None:
    message = queue(school_data, contact(school_data))
    line = carrier(CarrierUnsure)
    if how == "killed":
        with system_context(on=AT.date()) as haven:
            assert claim_message(by=haven, at=AT, message=message)
    else:
        jobs.send_waiting(at=AT)
    later = AT + UNCERTAIN_AFTER
    asked = line.asked
    jobs.send_waiting(at=later)
    assert line.asked == asked
    assert states(school_data, later) == ["uncertain"]
    with access_context(school_data["officer"].id):
        settle_uncertain(
            by=access_context_for(user=school_data["officer"], on=AT.date()), at=later, message=message, was_sent=False
        )
    line.problems.clear()
    jobs.send_waiting(at=later + timedelta(minutes=1))
    assert states(school_data, later) == ["sent"]


def test_two_workers_claim_once(school_data: dict[str, Any], carrier: Any) -> None:
    message = queue(school_data, contact(school_data))
    carrier()
    with system_context(on=AT.date()) as haven:
        assert claim_message(by=haven, at=AT, message=message)
        assert not claim_message(by=haven, at=AT, message=message)
        assert Delivery.objects.count() == 1


def test_the_outbox_is_for_those_who_ring(school_data: dict[str, Any]) -> None:
    queue(school_data, contact(school_data))
    answered = {}
    for who in ("officer", "teacher", "governor"):
        client = Client()
        client.force_login(school_data[who])
        answered[who] = client.get("/s/900001/messages/").status_code
        listed = client.get("/s/900001/messages/?format=csv")
        assert (b"Nadia" in b"".join(listed) if listed.streaming else b"Nadia" in listed.content) == (who == "officer")
    assert answered == {"officer": 200, "teacher": 403, "governor": 403}


def test_an_unknown_carrier_is_refused(settings: Any) -> None:
    settings.TEXT_CARRIER = "pigeon"
    with pytest.raises(ImproperlyConfigured, match="HAVEN_TEXT_CARRIER is one of none"):
        carrier_for("text")


@pytest.mark.parametrize(("old", "new", "says"), [
    ('channel = "text"', 'channel = "fax"', "line 5, channel must be 'text' or 'email'."),
    ("{pupil}", "{reason}", "line 10, body may not use {reason}. A message may use: pupil,"),
    ("{pupil}", "{pupil", "line 10, body has braces that do not match"),
    ('useful_hours = 12', 'useful_hours = "12"', "line 7, useful_hours must be a whole number, but is text."),
    ('useful_hours = 12', 'useful_hours = 0', "line 7, useful_hours must be 1 or more."),
    ('title = "', 'title = ', "line 4: this is not valid TOML"),
    ('id = "absence_text"\n', "", "line 1, id is missing."),
    ('channel = "text"', 'channel = "email"', "line 1, subject belongs to every email, and to no text."),
])  # fmt: skip
def test_a_mistake_in_a_definition_is_refused_with_file_and_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    good = (Path(jobs.__file__).parent / "definitions" / "absence_text.toml").read_text()
    path = tmp_path / "wrong.toml"
    path.write_text(good.replace(old, new, 1))
    with pytest.raises(DefinitionError, match="wrong.toml") as problem:
        one_from(path, MessageTemplate)
    assert says in str(problem.value)


def test_every_template_fills_from_the_words_alone() -> None:
    for template in definitions().all(MessageTemplate):
        subject, body = template.fill(
            dict.fromkeys(("pupil", "contact", "school", "telephone", "day", "sender"), "x\ny")
        )
        assert "{" not in subject + body and "\ny" not in subject
