"""What stands in the places of each address when the matrix asks for it: one pupil of the secondary school, and what is about her."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from haven.attendance.registers.models import Sheet
from haven.core.people.models import Contact, Enrolment, Placement, Status, VulnerableListing
from haven.core.records.models import Entry
from haven.core.schools.models import CalendarSpan
from haven.core.tasks.models import Task
from haven.demonstration.people import SIGN_INS
from haven.platform.accounts.models import Allocation, Conflict, User
from haven.rules.visibility import RecordCategory
from tests.support.database_owner import owner

NOT_THERE = UUID("00000000-0000-4000-8000-000000000000")


@dataclass
class SchoolData:
    """References of the secondary school's things by word."""

    urn: int
    things: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, users: dict[str, User]) -> "SchoolData":
        with owner():
            head = next(one for one in SIGN_INS if one.key == "head")
            school = users[head.key].memberships.get().school
            assert school is not None
            apart = set(Conflict.objects.values_list("pupil_id", flat=True)) | set(
                Allocation.objects.values_list("pupil_id", flat=True)
            )
            sheet = Sheet.objects.filter(school=school).exclude(pupil_id__in=apart).order_by("id").first()
            assert sheet is not None
            pupil, enrolment = sheet.pupil, Enrolment.objects.get(id=sheet.enrolment_id)
            listing = VulnerableListing.objects.select_related("pupil").filter(school=school).order_by("id").first()
            status = (
                Status.objects.select_related("pupil")
                .filter(school=school, record_category=RecordCategory.ATTENDANCE)
                .order_by("id")
                .first()
            )
            contact = Contact.objects.filter(pupil=pupil, school=school).order_by("id").first()
            attempt = Entry.objects.filter(school=school, form="contact_attempt").order_by("id").first()
            concern = Entry.objects.filter(school=school, form="concern").order_by("id").first()
            span = CalendarSpan.objects.filter(school=school, year="2025-26", kind="inset").order_by("id").first()
            task = Task.objects.filter(school=school).order_by("id").first()
            group = Placement.objects.get(enrolment=enrolment, ends_on=None).group_id
        missing = [n for n, t in locals().items() if t is None]
        assert listing and status and contact and attempt and concern and task and span, missing
        return cls(
            school.urn,
            {
                "pupil": pupil.ref, "enrolment": enrolment.ref, "listing": listing, "status": status, "contact": contact.ref,
                "span": span.id, "attempt": attempt.ref, "concern": concern.ref, "task": task.ref, "group": group,
            },
        )  # fmt: skip


def arguments_of(name: str, school_data: SchoolData) -> dict[str, Any]:
    """The keyword arguments of one address. A new address with more than a school in it needs a line here."""
    from datetime import date

    from django.urls import get_resolver

    things = school_data.things
    special: dict[str, dict[str, Any]] = {
        "accounts:welcome": {"uid": "MQ", "token": "x-y"},
        "registers:class_day": {"group_id": things["group"]},
        "registers:class_week": {"group_id": things["group"]},
        "registers:mark": {"enrolment": things["enrolment"], "on": date(2026, 1, 13), "half": "AM"},
        "planned_absence:withdraw_plan": {"ref": NOT_THERE},
        "registers:correction": {"ref": NOT_THERE},
        "calendar:add_stretch": {"year": "2025-26", "kind": "closure"},
        "calendar:edit_stretch": {"year": "2025-26", "span_id": things["span"]},
        "calendar:end_stretch": {"year": "2025-26", "span_id": things["span"]},
        "tasks:task_step": {"ref": things["task"], "verb": "take"},
        "records:entry": {"ref": things["attempt"]},
        "records:new_entry": {"ref": things["pupil"], "form": "note"},
        "correspondence:settle": {"ref": NOT_THERE},
        "safeguarding:raise_step": {"step": "who"},
        "safeguarding:sent": {"ref": NOT_THERE},
        "safeguarding:concern": {"ref": things["concern"]},
        "safeguarding:acknowledge": {"ref": things["concern"]},
        "safeguarding:link": {"ref": things["concern"]},
        "people:contact": {"ref": things["pupil"], "contact_ref": things["contact"]},
        "people:end_status": {"ref": things["status"].pupil.ref, "status_ref": things["status"].ref},
        "people:change_listing": {"ref": things["listing"].pupil.ref, "listing_ref": things["listing"].ref},
        "people:end_listing": {"ref": things["listing"].pupil.ref, "listing_ref": things["listing"].ref},
        "imports:import": {"ref": NOT_THERE},
        "follow_up:act": {"ref": things["pupil"], "verb": "reached"},
        "follow_up:remind": {"group_id": things["group"]},
        "follow_up:read_note": {"ref": NOT_THERE},
        "site:discard_draft": {"ref": NOT_THERE},
    }
    if name in special:
        return ({"urn": school_data.urn} if _takes(name, "urn", get_resolver()) else {}) | special[name]
    given: dict[str, Any] = {}
    if _takes(name, "urn", get_resolver()):
        given["urn"] = school_data.urn
    if _takes(name, "ref", get_resolver()):
        given["ref"] = things["pupil"]
    return given


def _takes(name: str, word: str, resolver: Any) -> bool:
    """Whether the address has that word among its places."""
    space, _, short = name.rpartition(":")
    within = resolver
    if space:
        prefix, within = resolver.namespace_dict[space]
    return any(word in parameters for parameters, *_ in _possibilities(within, short))


def _possibilities(resolver: Any, short: str) -> list[tuple[set[str], Any]]:
    found = []
    for possibilities, *_ in resolver.reverse_dict.getlist(short):
        found += [(set(parameters), text) for text, parameters in possibilities]
    return found
