"""What people shows on a pupil's page: who the child is (bar), the family, what is good to know, statuses."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils import timezone

from haven.core.people import permissions
from haven.core.people.models import Contact, Pupil, PupilDetail, Status
from haven.core.people.panel import Panel
from haven.core.people.queries import (
    Watch,
    contact_warnings,
    contacts_of,
    details_of,
    listed,
    refs_of,
    siblings_of,
    statuses_of,
    watch_of_pupil,
)
from haven.core.people.statuses import every_kind, kinds_in_force, title_of
from haven.core.people.telephones import dial
from haven.platform.accounts.context import AccessContext, SchoolAccess
from haven.rules.visibility import RecordCategory

COLOURS = {RecordCategory.ATTENDANCE: "teal", RecordCategory.PASTORAL: "blue", RecordCategory.SAFEGUARDING: "red"}


@dataclass
class PupilContext:
    """What several parts of a page need to know of one pupil at one school, each read when it is first asked for."""

    school_id: int
    pupil_id: int
    on: date

    @cached_property
    def contacts(self) -> list[Contact]:
        return contacts_of(school_id=self.school_id, pupil_id=self.pupil_id)

    @cached_property
    def details(self) -> PupilDetail | None:
        return details_of(school_id=self.school_id, pupil_id=self.pupil_id)

    @cached_property
    def statuses(self) -> list[Status]:
        return statuses_of(school_id=self.school_id, pupil_id=self.pupil_id, on=self.on)

    @cached_property
    def watch(self) -> Watch | None:
        return watch_of_pupil(school_id=self.school_id, pupil_id=self.pupil_id, on=self.on)


def known(place: SchoolAccess, pupil: Pupil, at: datetime) -> PupilContext:
    """What is known of the pupil in hand, for all parts of one page. It hangs on the object that this request has read for its own
    viewer, and is gone with it: nobody else is ever shown from it."""
    on = timezone.localtime(at).date()
    held = pupil.__dict__.get("_known")
    if not isinstance(held, PupilContext) or (held.school_id, held.on) != (place.school_id, on):
        held = pupil.__dict__["_known"] = PupilContext(place.school_id, pupil.id, on)
    return held


def identity(viewer: AccessContext, place: SchoolAccess, pupil: Pupil, at: datetime) -> dict[str, Any]:
    """What the bar at the top of a pupil's page shows; each part only where the viewer may see it."""
    on = timezone.localtime(at).date()
    found = known(place, pupil, at)
    details = found.details
    legal = f"{pupil.forename} {pupil.surname}"
    kinds = every_kind()
    return {
        "pupil": pupil,
        "listed": listed(school_id=place.school_id, pupil_ids=[pupil.id], on=on).get(pupil.id),
        "legal_name": legal if legal != pupil.name else "",
        "watch": found.watch,
        "tags": [
            (
                title_of(status.kind),
                COLOURS.get(kinds[status.kind].record_category, "grey") if status.kind in kinds else "grey",
            )
            for status in found.statuses
        ],
        "warnings": contact_warnings(found.contacts),
        "trusted_adult": details.trusted_adult if details else "",
        "language": details.first_language if details and not _is_english(details.first_language) else "",
        "needs_interpreter": bool(details and details.needs_interpreter),
    }


def family(viewer: AccessContext, place: SchoolAccess, pupil: Pupil, at: datetime) -> Panel | None:
    """Whom to ring, first to ring first, and brothers and sisters with their school."""
    contacts = known(place, pupil, at).contacts
    siblings = siblings_for(viewer, pupil)
    may_keep = permissions.may_keep_people(viewer, place.school_id)
    if not (contacts or siblings or may_keep):
        return None
    return Panel(
        "Family",
        "people/panels/family.html",
        {
            "contacts": [(contact, dial(contact.telephone)) for contact in contacts],
            "siblings": siblings,
            "contacts_url": reverse("people:contacts", args=[place.urn, pupil.ref]) if contacts or may_keep else "",
            "may_keep": may_keep,
        },
    )


def siblings_for(viewer: AccessContext, pupil: Pupil) -> list[dict[str, Any]]:
    """Each with an address where the viewer works at that school and may see the child; elsewhere name and school alone."""
    found = siblings_of(pupil_ids=[pupil.id]).get(pupil.id, [])
    refs = refs_of(pupil_ids=[sibling.sibling_id for sibling in found])
    lines = []
    for sibling in found:
        is_mine = viewer.place(sibling.school_id) is not None and sibling.sibling_id in refs
        lines.append(
            {
                "name": sibling.name,
                "year": sibling.year_title if is_mine else "",
                "school": sibling.school_name,
                "url": reverse("site:pupil", args=[sibling.urn, refs[sibling.sibling_id]]) if is_mine else "",
            }
        )
    return lines


def good_to_know(viewer: AccessContext, place: SchoolAccess, pupil: Pupil, at: datetime) -> Panel | None:
    """Trusted adult, languages, and what helps when speaking with the child or the family."""
    details = known(place, pupil, at).details
    may_keep = permissions.may_keep_people(viewer, place.school_id)
    if not (details or may_keep):
        return None
    url = reverse("people:details", args=[place.urn, pupil.ref]) if may_keep else ""
    return Panel("Good to know", "people/panels/good_to_know.html", {"details": details, "details_url": url})


def statuses(viewer: AccessContext, place: SchoolAccess, pupil: Pupil, at: datetime) -> Panel | None:
    """Statuses that the viewer may see, with source and review, and the line on the vulnerable pupils' list."""
    on = timezone.localtime(at).date()
    found, watch = known(place, pupil, at).statuses, known(place, pupil, at).watch
    may_record = any(
        permissions.may_record_status(viewer, place.school_id, kind) for kind in kinds_in_force(on).values()
    )
    if not (found or watch or may_record):
        return None
    lines = [(title_of(row.kind), row, bool(row.review_on and row.review_on < on)) for row in found]
    url = reverse("people:statuses", args=[place.urn, pupil.ref]) if may_record else ""
    return Panel(
        "Needs and plans", "people/panels/statuses.html", {"lines": lines, "watch": watch, "statuses_url": url}
    )


def _is_english(language: str) -> bool:
    return language.strip().lower() in ("english", "eng", "en", "enb")
