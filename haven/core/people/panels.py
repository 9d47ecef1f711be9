"""The panels of this app on a pupil's page: identity (bar), family, notes for conversations, statuses."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from haven.core.people import permissions
from haven.core.people.models import Pupil
from haven.core.people.panel import Panel, PupilPage
from haven.core.people.queries import contact_warnings, listed, refs_of, siblings_of
from haven.core.people.statuses import every_kind, kinds_in_force, title_of
from haven.core.people.telephones import dial
from haven.platform.accounts.context import AccessContext
from haven.rules.visibility import RecordCategory

COLOURS = {RecordCategory.ATTENDANCE: "teal", RecordCategory.PASTORAL: "blue", RecordCategory.SAFEGUARDING: "red"}


def identity(page: PupilPage) -> dict[str, Any]:
    """The bar at the top of a pupil's page; each part only if the user may see it."""
    pupil, details = page.pupil, page.details
    legal = f"{pupil.forename} {pupil.surname}"
    kinds = every_kind()
    return {
        "pupil": pupil,
        "listed": listed(school_id=page.place.school_id, pupil_ids=[pupil.id], on=page.on).get(pupil.id),
        "legal_name": legal if legal != pupil.name else "",
        "listing": page.listing,
        "tags": [
            (
                title_of(status.kind),
                COLOURS.get(kinds[status.kind].record_category, "grey") if status.kind in kinds else "grey",
            )
            for status in page.statuses
        ],
        "warnings": contact_warnings(page.contacts),
        "trusted_adult": details.trusted_adult if details else "",
        "language": details.first_language if details and not _is_english(details.first_language) else "",
        "needs_interpreter": bool(details and details.needs_interpreter),
    }


def family(page: PupilPage) -> Panel | None:
    """Contacts in order of priority, and brothers and sisters with their school."""
    viewer, place, pupil, contacts = page.viewer, page.place, page.pupil, page.contacts
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
    """Brothers and sisters. Each has an address if the user works at that school and may see the child; otherwise only name and school."""
    siblings = siblings_of(pupil_ids=[pupil.id]).get(pupil.id, [])
    refs = refs_of(pupil_ids=[sibling.sibling_id for sibling in siblings])
    lines = []
    for sibling in siblings:
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


def good_to_know(page: PupilPage) -> Panel | None:
    """Trusted adult, languages, and what helps when speaking with the child or the family."""
    place, pupil, details = page.place, page.pupil, page.details
    may_keep = permissions.may_keep_people(page.viewer, place.school_id)
    if not (details or may_keep):
        return None
    url = reverse("people:details", args=[place.urn, pupil.ref]) if may_keep else ""
    return Panel("Useful information", "people/panels/good_to_know.html", {"details": details, "details_url": url})


def statuses(page: PupilPage) -> Panel | None:
    """Statuses that the user may see, with source and review, and the entries of the vulnerable pupils list."""
    place, pupil, current, listing = page.place, page.pupil, page.statuses, page.listing
    on = timezone.localtime(page.at).date()
    may_record = any(
        permissions.may_record_status(page.viewer, place.school_id, kind) for kind in kinds_in_force(on).values()
    )
    if not (current or listing or may_record):
        return None
    lines = [(title_of(row.kind), row, bool(row.review_on and row.review_on < page.on)) for row in current]
    url = reverse("people:statuses", args=[place.urn, pupil.ref]) if may_record else ""
    return Panel(
        "Needs and plans", "people/panels/statuses.html", {"lines": lines, "listing": listing, "statuses_url": url}
    )


def _is_english(language: str) -> bool:
    return language.strip().lower() in ("english", "eng", "en", "enb")
