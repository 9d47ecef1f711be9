"""What people shows on a pupil's page: who the child is (bar), the family, what is good to know, statuses."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from haven.access.viewer import Place, Viewer
from haven.people import permissions
from haven.people.models import Pupil
from haven.people.panel import Panel
from haven.people.queries import (
    contact_warnings,
    contacts_of,
    details_of,
    listed,
    refs_of,
    siblings_of,
    statuses_of,
    watch_of_pupil,
)
from haven.people.statuses import KINDS, title_of
from haven.people.telephones import dial
from haven.rules.visibility import Compartment

COLOURS = {Compartment.ATTENDANCE: "teal", Compartment.PASTORAL: "blue", Compartment.SAFEGUARDING: "red"}


def identity(viewer: Viewer, place: Place, pupil: Pupil, at: datetime) -> dict[str, Any]:
    """What the bar at the top of a pupil's page shows; each part only where the viewer may see it."""
    on = timezone.localtime(at).date()
    contacts = contacts_of(school_id=place.school_id, pupil_id=pupil.id)
    details = details_of(school_id=place.school_id, pupil_id=pupil.id)
    legal = f"{pupil.forename} {pupil.surname}"
    return {
        "pupil": pupil,
        "listed": listed(school_id=place.school_id, pupil_ids=[pupil.id], on=on).get(pupil.id),
        "legal_name": legal if legal != pupil.name else "",
        "watch": watch_of_pupil(school_id=place.school_id, pupil_id=pupil.id, on=on),
        "tags": [
            (
                title_of(status.kind),
                COLOURS.get(KINDS[status.kind].compartment, "grey") if status.kind in KINDS else "grey",
            )
            for status in statuses_of(school_id=place.school_id, pupil_id=pupil.id, on=on)
        ],
        "warnings": contact_warnings(contacts),
        "trusted_adult": details.trusted_adult if details else "",
        "language": details.first_language if details and not _is_english(details.first_language) else "",
        "needs_interpreter": bool(details and details.needs_interpreter),
    }


def family(viewer: Viewer, place: Place, pupil: Pupil, at: datetime) -> Panel | None:
    """Whom to ring, first to ring first, and brothers and sisters with their school."""
    contacts = contacts_of(school_id=place.school_id, pupil_id=pupil.id)
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


def siblings_for(viewer: Viewer, pupil: Pupil) -> list[dict[str, Any]]:
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
                "url": reverse("home:pupil", args=[sibling.urn, refs[sibling.sibling_id]]) if is_mine else "",
            }
        )
    return lines


def good_to_know(viewer: Viewer, place: Place, pupil: Pupil, at: datetime) -> Panel | None:
    """Trusted adult, languages, and what helps when speaking with the child or the family."""
    details = details_of(school_id=place.school_id, pupil_id=pupil.id)
    may_keep = permissions.may_keep_people(viewer, place.school_id)
    if not (details or may_keep):
        return None
    url = reverse("people:details", args=[place.urn, pupil.ref]) if may_keep else ""
    return Panel("Good to know", "people/panels/good_to_know.html", {"details": details, "details_url": url})


def statuses(viewer: Viewer, place: Place, pupil: Pupil, at: datetime) -> Panel | None:
    """Statuses that the viewer may see, with source and review, and the line on the vulnerable pupils' list."""
    on = timezone.localtime(at).date()
    found = statuses_of(school_id=place.school_id, pupil_id=pupil.id, on=on)
    watch = watch_of_pupil(school_id=place.school_id, pupil_id=pupil.id, on=on)
    may_record = any(permissions.may_record_status(viewer, place.school_id, kind) for kind in KINDS.values())
    if not (found or watch or may_record):
        return None
    lines = [(title_of(row.kind), row, bool(row.review_on and row.review_on < on)) for row in found]
    url = reverse("people:statuses", args=[place.urn, pupil.ref]) if may_record else ""
    return Panel(
        "Needs and plans", "people/panels/statuses.html", {"lines": lines, "watch": watch, "statuses_url": url}
    )


def _is_english(language: str) -> bool:
    return language.strip().lower() in ("english", "eng", "en", "enb")
