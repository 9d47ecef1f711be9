"""What is sent to each address that takes a form: enough for the action to happen where the person may do it.

An address without a line here is sent an empty form. Where a person may use it, it then answers with its problems (422). Each form is sent
in a transaction that is rolled back, so that everybody finds the same state.
"""

import re
import uuid
from copy import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.test import Client

from haven.attendance.follow_up.models import HandOverNote
from haven.attendance.registers.models import PlannedAbsence
from haven.core.correspondence.models import Delivery, Message
from haven.core.people.models import Contact, VulnerableListing
from haven.core.records.models import Acknowledgement, Draft, Entry
from haven.core.schools.models import School
from haven.platform.accounts.models import User
from haven.rules.sessions import Half, session_key
from tests.architecture.addresses import SchoolData, arguments_of
from tests.factories.demonstration_data import AT, MORNING
from tests.support.database_owner import owner

NOT_A_CHANGE = ("audit_", "django_session")
"""Tables in which a refusal may leave something: the record of who asked, and the message that the next page shows."""
REFUSALS = ("401", "403", "404", "405")
ONLY_POST = (
    "planned_absence:withdraw_plan", "records:draft", "correspondence:settle", "follow_up:read_note", "follow_up:remind", "follow_up:reopen_day",
    "site:switch_school", "site:discard_draft", "follow_up:tick", "safeguarding:acknowledge", "safeguarding:link", "ui:end_session",
)  # fmt: skip
"""Addresses that answer nothing else, so that the table of pages shows 405 for everybody."""


def rows_written() -> dict[str, int]:
    """How many rows this connection has written lately in each table, also where a transaction was rolled back afterwards."""
    with connection.cursor() as cursor:
        cursor.execute("select relname, n_tup_ins + n_tup_upd + n_tup_del from pg_stat_xact_user_tables")
        return {name: rows for name, rows in cursor.fetchall() if rows and not name.startswith(NOT_A_CHANGE)}


def post(client: Client, address: str, fields: dict[str, Any]) -> str:
    """The status of the answer, with a + where anything was changed. Nothing of it stays."""
    cookies = copy(client.cookies)
    with transaction.atomic():
        before = rows_written()
        answer = client.post(address, fields)
        changed = rows_written() != before
        transaction.set_rollback(True)
    client.cookies = cookies
    return f"{answer.status_code}{'+' * changed}"


DRAFT_OF = "attendance_officer"
"""Whose unsent form the address that throws one away is given."""


def things_to_act_on(school_data: SchoolData, people: dict[str, User], head: Client) -> dict[str, Any]:
    """References of the secondary school's things that a form acts on, made here where the demonstration has none. Called once."""
    today = head.get(f"/s/{school_data.urn}/today/").content.decode()
    waited_for = re.search(r"/today/remind/(\d+)/", today)
    assert waited_for is not None, "The demonstration has no register that is not taken yet."
    with owner():
        school = School.objects.get(urn=school_data.urn)
        received = Acknowledgement.objects.values_list("entry_id", flat=True)
        concern = Entry.objects.filter(school=school, form="concern").exclude(id__in=received).order_by("id")[0]
        plan = PlannedAbsence.objects.filter(
            school=school, withdrawn_at=None, last_key__gte=session_key(MORNING, Half.PM)
        )
        return {
            "concern": concern.ref,
            "plan": plan.order_by("id")[0].ref,
            "note": HandOverNote.objects.filter(school=school).order_by("id")[0].ref,
            "message": _uncertain_message(school, people["attendance_officer"]).ref,
            "unsent": _unsent_form(people[DRAFT_OF]),
            "class": int(waited_for[1]),
            "unlinked": _concern_in_words(concern).ref,
            "listed": VulnerableListing.objects.select_related("pupil")
            .filter(school=school)
            .order_by("id")[0]
            .pupil.ref,
        }


def _concern_in_words(concern: Entry) -> Entry:
    """A concern like this one, whose child is named in words alone."""
    copied = Entry.objects.get(id=concern.id)
    copied.pk, copied.ref, copied.pupil_ids = None, uuid.uuid4(), []
    copied.fields = {**copied.fields, "child_name": "A boy in 9B"}
    copied.save(force_insert=True)
    return copied


def _uncertain_message(school: School, author: User) -> Message:
    """A message of which nobody knows whether it went out."""
    contact = Contact.objects.filter(school=school).exclude(telephone="").order_by("id")[0]
    shared = {
        "school": school,
        "author_id": author.id,
        "pupil_id": contact.pupil_id,
    }
    message = Message.objects.create(
        **shared, contact_ref=contact.ref, channel="text", template="absence_text", recipient=contact.telephone, body="Absent",
        once_key="post-matrix", author_name=author.name, queued_at=AT - timedelta(days=1),
    )  # fmt: skip
    Delivery.objects.create(**shared, message=message, state="sending", at=AT - timedelta(days=1))
    return message


def _unsent_form(author: User) -> uuid.UUID:
    ref = uuid.uuid4()
    words = {"page": "/", "action": "/", "fields": {"words": ["Typed too late"]}, "is_cut": False}
    Draft.objects.create(author_id=author.id, key=f"kept:{ref}", words=words, saved_at=datetime.now(UTC))
    return ref


def post_to(name: str, school_data: SchoolData, made: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], str]:
    """The arguments of the address, the fields of the form, and the query that the page adds to its address."""
    arguments = arguments_of(name, school_data)
    reference = {
        "planned_absence:withdraw_plan": "plan", "correspondence:settle": "message", "follow_up:read_note": "note",
        "site:discard_draft": "unsent", "follow_up:tick": "listed", "safeguarding:acknowledge": "concern", "safeguarding:link": "unlinked",
    }.get(name)  # fmt: skip
    if reference is not None:
        arguments["ref"] = made[reference]
    if name == "follow_up:remind":
        arguments["group_id"] = made["class"]
    fields: dict[str, dict[str, Any]] = {
        "records:draft": {"draft_key": "note-1", "words": "Half a sentence"},
        "correspondence:settle": {"became": "sent"},
        "follow_up:reopen_day": {"reason": "A register came late"},
        "site:switch_school": {"school": str(_school_id(school_data))},
        "follow_up:tick": {"half": "AM", "found": "yes", "seen": "seen", "words": "In the library"},
        "safeguarding:link": {"pupil": str(school_data.things["pupil"])},
        "follow_up:hand_over": {"for_on": "2026-01-15", "words": "Ring the Rahmans first"},
        "planned_absence:add_plan": {
            "enrolment": str(school_data.things["enrolment"]), "first_on": "2026-01-20", "first_half": "AM",
            "last_on": "2026-01-20", "last_half": "PM", "code": "M", "reason": "Hospital",
        },
    }  # fmt: skip
    return arguments, fields.get(name, {}), "?on=2026-01-13" if name == "follow_up:reopen_day" else ""


def _school_id(school_data: SchoolData) -> int:
    with owner():
        return School.objects.get(urn=school_data.urn).id
