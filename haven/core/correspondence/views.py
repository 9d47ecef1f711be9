"""The outbox: messages to families and their states."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from haven.core.correspondence.actions import settle_uncertain
from haven.core.correspondence.permissions import may_see_outbox
from haven.core.correspondence.queries import message_by_ref, outbox
from haven.platform import clock
from haven.platform.accounts.context import SchoolAccess
from haven.platform.accounts.lookup import place_or_404, viewer_of
from haven.platform.errors import ActionRejected, check
from haven.platform.ui.tables import Column, export

STATES = (
    ("waiting", "Queued"), ("no_carrier", "No provider"), ("sending", "Being sent"), ("retry", "Will be retried"),
    ("uncertain", "Not confirmed"), ("sent", "Sent"), ("given_up", "Not sent"),
)  # fmt: skip
COLOURS = {"sent": "green", "uncertain": "red", "given_up": "red", "retry": "amber", "no_carrier": "amber"}
COLUMNS = [
    Column("queued_at", "Written"), Column("pupil", "Pupil"), Column("recipient_name", "To"), Column("recipient", "Number or address"),
    Column("title", "Message"), Column("author_name", "Sent by"), Column("state_sentence", "State"),
]  # fmt: skip


def _place(request: HttpRequest, urn: int) -> SchoolAccess:
    place = place_or_404(request, urn)
    check(may_see_outbox(viewer_of(request), place.school_id))
    return place


def outbox_page(request: HttpRequest, urn: int) -> HttpResponseBase:
    """Every message of the school that the user may see, newest first, with its state."""
    place, at = _place(request, urn), clock.now()
    lines = outbox(school_id=place.school_id, at=at)
    asked = request.GET.get("state", "")
    shown = [line for line in lines if not asked or line.state.name == asked]
    may_export = viewer_of(request).may("export_lists", place.school_id)
    if may_export and (answer := export(shown, COLUMNS, form=request.GET.get("format", ""), name="messages")):
        return answer
    counted = {name: sum(line.state.name == name for line in lines) for name, _ in STATES}
    return render(
        request, "correspondence/outbox.html",
        {"place": place, "page": Paginator(shown, 50).get_page(request.GET.get("page")), "asked": asked, "may_export": may_export,
         "states": [(name, title, counted[name]) for name, title in STATES if counted[name]],
         "colours": COLOURS, "titles": dict(STATES), "counted": counted, "message_count": len(lines)},
    )  # fmt: skip


@require_POST
def settle(request: HttpRequest, urn: int, ref: uuid.UUID) -> HttpResponse:
    """Record whether an uncertain message was sent."""
    place = _place(request, urn)
    message = message_by_ref(school_id=place.school_id, ref=ref)
    if message is None:
        raise Http404
    was_sent = request.POST.get("became") == "sent"
    try:
        settle_uncertain(by=viewer_of(request), at=clock.now(), message=message, was_sent=was_sent)
    except (PermissionDenied, ActionRejected) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Marked as sent." if was_sent else "Message queued to be sent again.")
    return redirect("correspondence:outbox", urn=urn)
