"""The way into a school's pages: the viewer's own place there, or nothing at all."""

from typing import Any

from django.http import Http404

from haven.platform.accounts.context import AccessContext, SchoolAccess


def viewer_of(request: Any) -> AccessContext:
    """The viewer of a signed-in request. Raises Http404 where nobody is signed in (the sign-in middleware comes before)."""
    viewer = getattr(request, "viewer", None)
    if not isinstance(viewer, AccessContext):
        raise Http404
    return viewer


def place_or_404(request: Any, urn: int) -> SchoolAccess:
    """The viewer's place at the school of that number. A school that is not hers looks like one that does not exist: Http404."""
    place = viewer_of(request).place_by_urn(urn)
    if place is None:
        raise Http404
    return place
