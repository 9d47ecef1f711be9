"""The banner of every page: the number of pupils who are not accounted for."""

from django.http import HttpRequest
from django.urls import reverse

from haven.attendance.follow_up.permissions import may_see_day
from haven.attendance.follow_up.queries.day import not_accounted_for
from haven.platform import clock
from haven.platform.accounts.context import AccessContext, SchoolAccess

_COUNTED = "haven_not_accounted_for"


def count_once(request: HttpRequest, school_id: int, count: int) -> None:
    """Store a count that the page has already made, so that the banner does not count again."""
    setattr(request, _COUNTED, (school_id, count))


def banner_alerts(request: HttpRequest, viewer: AccessContext, place: SchoolAccess | None) -> list[dict[str, str]]:
    """The alert for pupils not accounted for; empty if there are none. At most two queries for a user who sees the whole school."""
    if place is None or not viewer.may("accounted_for", place.school_id) or not may_see_day(viewer, place.school_id):
        return []
    school_id, count = getattr(request, _COUNTED, (None, 0))
    if school_id != place.school_id:
        count = not_accounted_for(viewer=viewer, school_id=place.school_id, on=clock.today(), at=clock.now())
    if not count:
        return []
    who = "1 pupil is" if count == 1 else f"{count} pupils are"
    return [{"text": f"{who} not accounted for", "url": reverse("follow_up:today", args=[place.urn])}]
