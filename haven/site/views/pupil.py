"""A pupil's page: what a user needs to know before they speak to the child or the family.

Each app adds its own panels (the setting HAVEN_PUPIL_PANELS names them, in order); a panel that the user may not see leaves no gap.
"""

from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from haven.attendance.follow_up.permissions import may_log_attempt
from haven.attendance.follow_up.queries.day import pupil_of_day
from haven.core.people import permissions
from haven.core.people.actions import open_pupil
from haven.core.people.lookup import crumbs, pupil_or_404
from haven.core.people.panel import Panel, PupilPage
from haven.core.people.panels import identity
from haven.platform import clock
from haven.platform.accounts.context import AccessContext, SchoolAccess
from haven.platform.accounts.lookup import viewer_of


@cache
def _shown_by() -> tuple[Any, ...]:
    return tuple(import_string(name) for name in settings.HAVEN_PUPIL_PANELS)


def page(request: HttpRequest, urn: int, ref: UUID) -> HttpResponse:
    """The pupil's page at one school."""
    (place, pupil), viewer, at = pupil_or_404(request, urn, ref), viewer_of(request), clock.now()
    shown = PupilPage(viewer, place, pupil, at)
    panels: list[Panel] = [panel for show in _shown_by() if (panel := show(shown)) is not None]
    base = {"viewer": viewer, "place": place, "pupil": pupil, "at": at}
    open_pupil(by=viewer, at=at, school_id=place.school_id, pupil=pupil)
    context = {
        **base, "printed_at": at, "identity": identity(shown),
        "main": [_drawn(request, panel, base) for panel in panels if panel.column == "main"],
        "aside": [_drawn(request, panel, base) for panel in panels if panel.column != "main"],
        "buttons": _buttons(viewer, place, pupil, timezone.localdate(at)), "breadcrumbs": crumbs(place, here=pupil.name),
        "changes": _changes(viewer, place, pupil),
    }  # fmt: skip
    return render(request, "site/pupil.html", context)


def _drawn(request: HttpRequest, panel: Panel, base: dict[str, Any]) -> tuple[str, str]:
    return panel.title, render_to_string(panel.template, {**base, **panel.context}, request)


def _buttons(viewer: AccessContext, place: SchoolAccess, pupil: Any, on: date) -> list[dict[str, str]]:
    """The next actions; the first is the most frequent one. A contact is logged for a pupil on roll whose attendance the user may see."""
    school_id, buttons = place.school_id, []
    if may_log_attempt(viewer, school_id) and pupil_of_day(school_id=school_id, pupil_id=pupil.id, on=on):
        buttons.append({"text": "Log a contact", "url": reverse("follow_up:log_contact", args=[place.urn, pupil.ref])})
    if viewer.may("raise_concern", school_id):
        url = reverse("safeguarding:raise", args=[place.urn])
        buttons.append({"text": "Raise a concern", "url": f"{url}?pupil={pupil.ref}"})
    return buttons


def _changes(viewer: AccessContext, place: SchoolAccess, pupil: Any) -> list[dict[str, str]]:
    if not permissions.may_keep_people(viewer, place.school_id):
        return []
    wanted = [("Names", "people:names"), ("Class", "people:move"), ("Leaving", "people:leave")]
    return [{"text": text, "url": reverse(name, args=[place.urn, pupil.ref])} for text, name in wanted]
