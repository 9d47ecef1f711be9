"""Each signed-in request enters as its viewer, inside one transaction; a failure undoes the whole of it."""

import uuid
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse

from haven import clock
from haven.access.viewer import viewer_for
from haven.audit.actions import request_ref
from haven.schools.queries import calendars_asked_once
from haven.walls.viewing import stream_as, viewing

READS = ("GET", "HEAD")


class ViewerMiddleware:
    """After authentication. `request.viewer` is None where nobody is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request_ref.set(uuid.uuid4().hex[:12])
        user = request.user
        if not user.is_authenticated:
            request.viewer = None
            return self.get_response(request)
        on = clock.today()
        reading = calendars_asked_once() if request.method in READS else nullcontext()
        with viewing(user.id, on=on), reading:
            request.viewer = viewer_for(user=user, on=on)
            response = self.get_response(request)
            if getattr(response, "streaming", False):
                response.streaming_content = stream_as(user.id, response.streaming_content, on=on)  # type: ignore[attr-defined]
            elif isinstance(response, SimpleTemplateResponse):
                response.render()
            if response.status_code >= 500:
                transaction.set_rollback(True)
        if not getattr(settings, "HAVEN_CACHE_PAGES", False):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
