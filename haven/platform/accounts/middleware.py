"""Sets the access context of each signed-in request, inside one transaction; an error rolls all of it back."""

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse

from haven.platform import clock
from haven.platform.accounts.context import access_context_for
from haven.platform.audit.actions import request_ref
from haven.platform.row_security.context import access_context, stream_with_context


class AccessContextMiddleware:
    """Runs after authentication. `request.viewer` is None if nobody is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request_ref.set(uuid.uuid4().hex[:12])
        user = request.user
        if not user.is_authenticated:
            request.viewer = None
            return self.get_response(request)
        on = clock.today()
        with access_context(user.id, on=on):
            request.viewer = access_context_for(user=user, on=on)
            response = self.get_response(request)
            if getattr(response, "streaming", False):
                response.streaming_content = stream_with_context(user.id, response.streaming_content, on=on)  # type: ignore[attr-defined]
            elif isinstance(response, SimpleTemplateResponse):
                response.render()
            if response.status_code >= 500:
                transaction.set_rollback(True)
        if not getattr(settings, "HAVEN_CACHE_PAGES", False):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
