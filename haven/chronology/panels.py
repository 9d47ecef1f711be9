"""What the file shows on a pupil's page: the newest of what has happened, and the way to the whole."""

from datetime import datetime

from django.urls import reverse

from haven.access.viewer import Place, Viewer
from haven.chronology.actions import note_reading
from haven.chronology.entry_lines import lines_of
from haven.chronology.permissions import usable_forms
from haven.chronology.queries import entries_of
from haven.people.models import Pupil
from haven.people.panel import Panel
from haven.rules.visibility import ATTENDANCE

NEWEST = 8


def what_happened(viewer: Viewer, place: Place, pupil: Pupil, at: datetime) -> Panel | None:
    """The newest entries that are for this viewer. It is there for everybody who sees the pupil, with or without entries, so that its
    being there says nothing. Showing an entry of another compartment than attendance is recorded."""
    entries = entries_of(pupil_ids=[pupil.id], limit=NEWEST, viewer=viewer)
    confidential = [entry for entry in entries if entry.compartment != ATTENDANCE]
    if confidential:
        note_reading(
            by=viewer, at=at, school_id=place.school_id, pupil_ids=[pupil.id], entries=confidential, what="panel"
        )
    return Panel(
        "What has happened",
        "chronology/panels/what_happened.html",
        {
            "lines": lines_of(entries=entries, urn=place.urn),
            "file_url": reverse("chronology:file", args=[place.urn, pupil.ref]),
            "new_url": reverse("chronology:choose_form", args=[place.urn, pupil.ref])
            if usable_forms(viewer, place.school_id, at.date())
            else "",
        },
        column="main",
    )
