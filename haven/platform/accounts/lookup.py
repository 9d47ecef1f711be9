"""Finds the access context of a request and the user's place at a school."""

from typing import Any

from django.http import Http404

from haven.platform.accounts.context import AccessContext, SchoolAccess


def viewer_of(request: Any) -> AccessContext:
    """The access context of a signed-in request. Raises Http404 if nobody is signed in (the sign-in middleware runs before)."""
    viewer = getattr(request, "viewer", None)
    if not isinstance(viewer, AccessContext):
        raise Http404
    return viewer


def place_or_404(request: Any, urn: int) -> SchoolAccess:
    """The user's place at the school with this URN. Raises Http404 for a school where the user does not work, as for one that does not
    exist."""
    place = viewer_of(request).place_by_urn(urn)
    if place is None:
        raise Http404
    return place
