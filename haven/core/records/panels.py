"""The panel of the file on a pupil's page: the newest entries, and a link to all of them."""

from django.urls import reverse

from haven.core.people.panel import Panel, PupilPage
from haven.core.records.actions import note_reading
from haven.core.records.entry_lines import lines_of
from haven.core.records.permissions import usable_forms
from haven.core.records.queries import entries_of
from haven.rules.visibility import ATTENDANCE

NEWEST = 8


def what_happened(page: PupilPage) -> Panel | None:
    """The newest entries that this user may see. Every user who sees the pupil gets the panel, with or without entries, so that its
    presence reveals nothing. Showing an entry of another record category than attendance is recorded."""
    viewer, place, pupil, at = page.viewer, page.place, page.pupil, page.at
    entries = entries_of(pupil_ids=[pupil.id], limit=NEWEST, viewer=viewer)
    confidential = [entry for entry in entries if entry.record_category != ATTENDANCE]
    if confidential:
        note_reading(
            by=viewer, at=at, school_id=place.school_id, pupil_ids=[pupil.id], entries=confidential, what="panel"
        )
    return Panel(
        "What has happened",
        "records/panels/what_happened.html",
        {
            "lines": lines_of(entries=entries, urn=place.urn),
            "file_url": reverse("records:file", args=[place.urn, pupil.ref]),
            "new_url": reverse("records:choose_form", args=[place.urn, pupil.ref])
            if usable_forms(viewer, place.school_id, at.date())
            else "",
        },
        column="main",
    )
