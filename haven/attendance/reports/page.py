"""The common context of report pages: the other reports that the user may open."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from haven.attendance.reports.registry import Subject, reports
from haven.platform.accounts.context import SchoolAccess
from haven.platform.accounts.lookup import viewer_of


def school_frame(request: HttpRequest, place: SchoolAccess, title: str, **more: Any) -> dict[str, Any]:
    """The context of every report page; `title` is its own breadcrumb."""
    home = reverse("reports:school", args=[place.urn])
    crumbs = [{"title": "School attendance", "url": home}, {"title": title}]
    return {"place": place, "title": title, "breadcrumbs": crumbs, "questions": questions(request, place), **more}


def questions(request: HttpRequest, place: SchoolAccess) -> list[dict[str, Any]]:
    """The report pages that the user may open, by subject; a subject without any is left out."""
    viewer = viewer_of(request)
    offered = [report for report in reports() if report.is_offered(viewer, place.school_id)]
    return [
        {"title": subject.value, "pages": pages}
        for subject in Subject
        if (pages := [{"title": report.title, "url": report.url(place)} for report in offered if report.subject is subject])
    ]  # fmt: skip
