"""What views of pupils share: the pupil of a request, breadcrumbs, and the page with one form."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from haven.core.people.models import Pupil
from haven.core.people.permissions import may_keep_people
from haven.core.people.queries import pupil_by_ref
from haven.platform.accounts.context import AccessContext, SchoolAccess
from haven.platform.accounts.lookup import place_or_404, viewer_of
from haven.platform.errors import ActionRejected, check


def pupil_or_404(request: HttpRequest, urn: int, ref: UUID) -> tuple[SchoolAccess, Pupil]:
    """The school and the pupil. Raises Http404 for a pupil whom the user may not see, as for one who does not exist."""
    place = place_or_404(request, urn)
    pupil = pupil_by_ref(school_id=place.school_id, ref=ref)
    if pupil is None:
        raise Http404
    return place, pupil


def pupil_to_change(request: HttpRequest, urn: int, ref: UUID) -> tuple[SchoolAccess, Pupil, AccessContext]:
    """The school, the pupil and the user. Raises as pupil_or_404, and PermissionDenied if the user may not change pupils there."""
    place, pupil = pupil_or_404(request, urn, ref)
    viewer = viewer_of(request)
    check(may_keep_people(viewer, place.school_id))
    return place, pupil, viewer


def is_saved(form: Form, save: Callable[[], object], field: str | None = None) -> bool:
    """Run an action. If it is rejected, its reason becomes an error of the form, at the field if there is one."""
    try:
        save()
    except ActionRejected as problem:
        form.add_error(field, str(problem))
        return False
    return True


def pupil_url(urn: int, ref: UUID) -> str:
    """The address of a pupil's page at a school."""
    return reverse("site:pupil", args=[urn, ref])


def crumbs(place: SchoolAccess, pupil: Any = None, here: str = "") -> list[dict[str, str]]:
    """The breadcrumbs: pupils, the pupil, this page."""
    way = [{"title": "Pupils", "url": reverse("people:pupils", args=[place.urn])}]
    if pupil is not None:
        way.append({"title": pupil.name, "url": pupil_url(place.urn, pupil.ref)})
    return [*way, {"title": here, "url": ""}]


def form_page(request: HttpRequest, context: dict[str, Any], way: list[dict[str, str]]) -> HttpResponse:
    """A page with one form (`form`, `heading`) and breadcrumbs; status 422 if it was sent with errors."""
    status = 422 if request.method == "POST" else 200
    context = {**context, "breadcrumbs": way, "cancel_url": way[-2]["url"]}
    return render(request, "ui/form_page.html", context, status=status)
