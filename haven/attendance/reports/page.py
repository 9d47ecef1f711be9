"""The common context of report pages: the other reports that the user may open."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from haven.attendance.registers.permissions import (
    may_see_aggregates,
    may_see_estimate,
    may_see_outside_figures,
    may_see_registers,
)
from haven.attendance.reports.schools.query import places_compared
from haven.core.people.permissions import reads_record_category
from haven.platform.accounts.context import SchoolAccess
from haven.platform.accounts.lookup import viewer_of
from haven.rules.visibility import RecordCategory


def school_frame(request: HttpRequest, place: SchoolAccess, title: str, **more: Any) -> dict[str, Any]:
    """The context of every report page; `title` is its own breadcrumb."""
    home = reverse("reports:school", args=[place.urn])
    crumbs = [{"title": "School attendance", "url": home}, {"title": title}]
    return {"place": place, "title": title, "breadcrumbs": crumbs, "questions": questions(request, place), **more}


def questions(request: HttpRequest, place: SchoolAccess) -> list[dict[str, Any]]:
    """The report pages that the user may open, by subject; a subject without any is left out."""
    viewer, school_id = viewer_of(request), place.school_id
    sees = may_see_registers(viewer, school_id)
    compares = len(viewer.places) > 1 and any(places_compared(viewer))
    subjects = (
        ("The school", (
            ("school", "Attendance overview", sees or may_see_aggregates(viewer, school_id)),
            ("unusual", "Unusual this week", sees),
            ("groups", "Figures by group", sees),
            ("anonymised", "Anonymised figures", may_see_outside_figures(viewer, school_id)),
            ("schools", "Compare your schools", compares),
        )),
        ("Pupils", (
            ("thresholds", "Pupils crossing a threshold", sees),
            ("pupils_at_threshold", "Pupils by attendance", sees),
            ("suspended", "Suspended pupils", sees),
            ("estimate", "Pupils who may become persistently absent", may_see_estimate(viewer, school_id)),
            ("severe", "Severely absent pupils", len(viewer.places) > 1 and sees and not compares),
        )),
        ("Support", (
            ("impact", "Impact of support", sees),
            ("pack", "Meeting pack", reads_record_category(viewer, school_id, RecordCategory.ATTENDANCE)),
            ("poster", "Class posters", sees),
        )),
    )  # fmt: skip
    found = [
        {"title": subject, "pages": [{"title": title, "url": _page(name, place)} for name, title, may in pages if may]}
        for subject, pages in subjects
    ]
    return [each for each in found if each["pages"]]


def _page(name: str, place: SchoolAccess) -> str:
    """The address of a page about one school, or about all of the user's."""
    return reverse(f"reports:{name}", args=[] if name in ("schools", "severe") else [place.urn])
