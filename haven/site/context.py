"""The context of every page: the user, the school, the navigation, and the number of pupils not accounted for.

Values that need a query are loaded only when the base page uses them, so that parts of pages do not pay for them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from haven import __version__
from haven.attendance.follow_up.banner import banner_alerts
from haven.attendance.follow_up.permissions import may_see_day
from haven.platform import clock
from haven.platform.accounts.context import AccessContext, SchoolAccess
from haven.safeguarding.queries import waiting_count
from haven.site.unsent_drafts import unsent_draft_for

REMEMBERED = "school_id"
"""The session key of the school last worked at."""


@dataclass(frozen=True)
class Part:
    """One entry of the navigation. `verbs`: a user with any of these capabilities sees it (none: every user). `under`: addresses that
    belong to it."""

    title: str
    name: str
    under: tuple[str, ...]
    key: str = ""
    pinned: bool = False
    verbs: tuple[str, ...] = ()
    needs_school: bool = True
    is_for_registers: bool = False
    count: Callable[..., int | None] | None = None
    """The number of waiting items, for a user and a school; None or 0: no number is shown."""


PARTS = (
    Part("Today", "follow_up:today", ("today/",), key="t", is_for_registers=True),
    Part("My day", "tasks:my_day", ("/my-day/",), key="d", needs_school=False),
    Part("Registers", "registers:registers", ("registers/",), key="r", verbs=("take_register", "amend_mark")),
    Part("Late gate", "follow_up:late", ("late/",), key="l", verbs=("late_gate",)),
    Part("Pupils", "people:pupils", ("pupils/", "find/"), key="p", is_for_registers=True),
    Part(
        "School",
        "reports:school",
        ("attendance/",),
        key="s",
        verbs=("see_aggregates", "amend_mark"),
    ),
    Part("Messages", "correspondence:outbox", ("messages/",), verbs=("log_contact",)),
    Part("Concerns", "safeguarding:queue", ("concerns/",), verbs=("acknowledge_concern",), count=waiting_count),
    Part("Training", "workforce:part_one", ("training/",), verbs=("confirm_reading",)),
    Part("Files", "imports:imports", ("imports/",), key="f", verbs=("import_files",)),
    Part("Set-up", "schools:school", ("school/", "calendar/"), verbs=("manage_school",)),
    Part("Raise a concern", "safeguarding:raise", ("concerns/raise/",), key="c", pinned=True, verbs=("raise_concern",)),
)


def page(request: HttpRequest) -> dict[str, Any]:
    """The context of the base page; for a user who is not signed in, only what the frame needs."""
    viewer = getattr(request, "viewer", None)
    common = {"viewer": viewer, "haven_version": __version__, "home_url": "/"}
    if not isinstance(viewer, AccessContext):
        return common
    place = place_of(request, viewer)
    return {
        **common,
        "viewer_name": viewer.name,
        "printed_at": clock.now(),
        "account_url": _address("accounts:own_account", None),
        "sign_out_url": _address("account_logout", None),
        "sign_in_url": _address("account_login", None),
        "unsent_draft": _once(lambda: unsent_draft_for(request)) if "draft" in request.GET else None,
        "idle_seconds": settings.IDLE_SECONDS,
        "schools_of_viewer": [_named(access) for access in viewer.places],
        "school_of_viewer": _named(place) if place else None,
        "school_switch_url": _address("site:switch_school", None),
        "search_url": _url("people:find", place) if place and may_see_day(viewer, place.school_id) else "",
        "search_label": "Find a pupil",
        "navigation": _once(lambda: navigation(request, viewer, place)),
        "banner_alerts": _once(lambda: banner_alerts(request, viewer, place)),
    }


def _once(make: Callable[[], Any]) -> Callable[[], Any]:
    """A function whose value is computed at its first use in a template, then cached."""
    return cache(make)


def place_of(request: HttpRequest, viewer: AccessContext) -> SchoolAccess | None:
    """The school of the address, else the one last worked at, else the first; None for a user without a school."""
    match = request.resolver_match
    urn = match.kwargs.get("urn") if match else None
    if urn is not None:
        return viewer.place_by_urn(urn)
    session = getattr(request, "session", None)
    remembered = session.get(REMEMBERED) if session is not None else None
    held = viewer.place(remembered) if remembered else None
    return held or (viewer.places[0] if viewer.places else None)


def _named(place: SchoolAccess) -> dict[str, Any]:
    return {"id": place.school_id, "name": place.name, "urn": place.urn}


def _url(name: str, place: SchoolAccess | None, needs_school: bool = True) -> str:
    """The address of a page by its name; "" if this installation does not have the page, or there is no school to show it for."""
    if needs_school and place is None:
        return ""
    return _address(name, place.urn if needs_school and place else None)


@lru_cache(maxsize=4096)
def _address(name: str, urn: int | None) -> str:
    """Cached, because each page needs a dozen addresses and building one takes longer than rendering it."""
    try:
        return reverse(name, args=[] if urn is None else [urn])
    except NoReverseMatch:
        return ""


def navigation(request: HttpRequest, viewer: AccessContext, place: SchoolAccess | None) -> list[dict[str, Any]]:
    """The entries that this user may open at this school, in order."""
    entries = []
    for part in PARTS:
        url = _url(part.name, place, part.needs_school)
        if url and _may_open(part, viewer, place):
            count = part.count(viewer=viewer, school_id=place.school_id) if part.count and place else None
            entries.append(
                {
                    "title": part.title,
                    "url": url,
                    "key": part.key,
                    "pinned": part.pinned,
                    "under": part.under,
                    "count": count,
                }
            )
    current = _current(request.path, place, entries)
    return [{**entry, "current": entry is current} for entry in entries]


def _may_open(part: Part, viewer: AccessContext, place: SchoolAccess | None) -> bool:
    if place is None:
        return not part.needs_school
    if part.is_for_registers and not may_see_day(viewer, place.school_id):
        return False
    return not part.verbs or any(viewer.may(verb, place.school_id) for verb in part.verbs)


def _current(path: str, place: SchoolAccess | None, entries: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The entry whose address is the longest prefix of this one."""
    base = f"/s/{place.urn}/" if place else "/"
    begins = [
        (len(under), entry)
        for entry in entries
        for under in entry["under"]
        if path.startswith(under if under.startswith("/") else base + under)
    ]
    return max(begins, key=lambda pair: pair[0])[1] if begins else None
