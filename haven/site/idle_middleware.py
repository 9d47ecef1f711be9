"""The server's time-out. A page covers itself first (assets/js/idle.js); this ends a session whose page did not.

Actions of a user count, including a saved draft and `ui:session`; requests that a page makes by itself (polls) do not. A form that comes
too late is not lost: its fields are kept for its writer alone, and shown after the next sign-in.
"""

import re
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import resolve_url
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from haven.core.records.drafts import DraftTooLarge, keep_draft
from haven.core.records.unsaved_drafts import discard_draft, save_draft_of_request
from haven.platform import clock
from haven.platform.accounts.context import access_context_for
from haven.platform.audit.actions import request_ref
from haven.platform.row_security.context import access_context

ACTIVE_AT = "active_at"
"""The session key of the moment of the last activity, in seconds."""
GRACE_SECONDS = 120
"""The server's time-out is this much later than the page's: a page reports typing once a minute, and ends first."""
STEP_SECONDS = 15
"""The moment is written again only when it is this much later, so that several clicks do not write the session each time."""
POLLS = frozenset({"follow_up:pulse"})
SECRET = re.compile(r"passw|token|secret|otp", re.IGNORECASE)
CARRIED = frozenset({"draft_key", "draft", "next", "counter", "list_half", "list_all"})
"""Fields that forms carry for themselves. Under the names below a number is the form's own, and text is the user's."""
NUMBERED = frozenset({"seen", "version"})
_NUMBER = re.compile(r"[\d:.+TZ-]*")
_CHOICE = re.compile(r"[a-z0-9_:-]{0,60}", re.IGNORECASE)

Answer = Callable[[HttpRequest], HttpResponse]


class IdleMiddleware:
    """Runs after authentication, before the access context is set."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return _for_script(request, self.get_response(request))
        at = clock.now()
        if is_over(request.session.get(ACTIVE_AT), at):
            return self._too_late(request, at)
        if counts(request):
            touch(request.session, at)
        response = self.get_response(request)
        _discard_sent_draft(request, user, response)
        return response

    def _too_late(self, request: Any, at: datetime) -> HttpResponse:
        """End the session, save the entered values, and redirect to sign-in."""
        match = _match(request)
        is_open = match is not None and not getattr(match.func, "login_required", True)
        is_form = request.method == "POST" and not is_open and _is_genuine(request)
        is_saved = _end(request, at, is_form)
        if request.method == "POST" and not is_open:
            return _ask_to_sign_in(request, reverse("site:unsent_drafts") if is_saved else page_of(request) or "/")
        return _for_script(request, self.get_response(request))


def is_over(active_at: object, at: datetime) -> bool:
    """Whether the limit has passed since the last activity. A new session has none yet."""
    if not settings.IDLE_SECONDS or not isinstance(active_at, int | float):
        return False
    return bool(at.timestamp() - active_at > settings.IDLE_SECONDS + GRACE_SECONDS)


def counts(request: Any) -> bool:
    """Whether the request comes from a user's action, and not from the page by itself."""
    if "X-Haven-Poll" in request.headers:
        return False
    match = _match(request)
    return match is None or match.view_name not in POLLS


def touch(session: Any, at: datetime) -> None:
    """Store the moment, also if the clock was set back."""
    before = session.get(ACTIVE_AT)
    if not isinstance(before, int | float) or abs(at.timestamp() - before) >= STEP_SECONDS:
        session[ACTIVE_AT] = at.timestamp()


def _match(request: Any) -> ResolverMatch | None:
    try:
        return resolve(request.path_info)
    except Resolver404:
        return None


def _is_genuine(request: Any) -> bool:
    """The CSRF check runs after this middleware, so no values of a form that would fail it are saved."""
    try:
        return (
            CsrfViewMiddleware(lambda _: HttpResponse()).process_view(request, lambda _: HttpResponse(), (), {}) is None
        )
    except (SuspiciousOperation, RequestDataTooBig, OSError):
        return False


def _end(request: Any, at: datetime, is_form: bool) -> bool:
    """Save the entered fields of a form and sign out; returns whether there is anything to show after sign-in."""
    user, is_saved = request.user, False
    request_ref.set(uuid.uuid4().hex[:12])
    request.sign_out_reason = "idle"
    with access_context(user.id):
        if is_form:
            by = access_context_for(user=user, on=timezone.localtime(at).date())
            is_saved = _save(request, by, at)
        logout(request)
    return is_saved


def _save(request: Any, by: Any, at: datetime) -> bool:
    fields = typed_fields(request.POST)
    if not fields:
        return False
    if request.headers.get("X-Requested-With") == "haven-draft":
        words = {name: values[0] if len(values) == 1 else values for name, values in fields.items()}
        try:
            keep_draft(by=by, at=at, key=request.POST.get("draft_key", ""), words=words)
        except DraftTooLarge:
            return False
        return False
    save_draft_of_request(by=by, at=at, page=page_of(request) or request.path, action=request.path, fields=fields)
    return True


def typed_fields(posted: Any) -> dict[str, list[str]]:
    """The values that the user typed or chose: no password, no token, none of the form's own fields; files are never included. Empty if
    only a button was pressed."""
    fields = {
        name: [value for value in values if value.strip() and not (name in NUMBERED and _NUMBER.fullmatch(value))]
        for name, values in posted.lists()
        if name not in CARRIED and not SECRET.search(name)
    }
    fields = {name: values for name, values in fields.items() if values}
    only = [value for values in fields.values() for value in values]
    is_a_button = len(only) == 1 and _CHOICE.fullmatch(only[0]) and not only[0][0].isupper()
    return {} if is_a_button else fields


def page_of(request: Any) -> str:
    """The path of the page with the form: its own page for a form inside a list, else the browser's referrer."""
    if request.headers.get("HX-Request") and request.method == "POST":
        return str(request.path)
    referrer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referrer, allowed_hosts={request.get_host()}):
        return ""
    parts = urlsplit(str(referrer))
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _ask_to_sign_in(request: Any, onward: str) -> HttpResponse:
    """Redirect to sign-in: as a whole page for a script that replaces parts of a page, as a plain refusal for one that only polls."""
    if request.headers.get("X-Requested-With", "").startswith("haven-"):
        return HttpResponse(status=401)
    answer = redirect_to_login(onward)
    if not request.headers.get("HX-Request"):
        return answer
    return HttpResponse(headers={"HX-Redirect": answer["Location"], "Cache-Control": "no-store"})


def _for_script(request: Any, response: HttpResponse) -> HttpResponse:
    """A signed-out user's request for a part of a page does not get the sign-in page as that part: the page covers itself."""
    to_sign_in = response.status_code == 302 and response["Location"].startswith(resolve_url(settings.LOGIN_URL))
    if to_sign_in and request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"Cache-Control": "no-store"})
    return response


def _discard_sent_draft(request: Any, user: Any, response: HttpResponse) -> None:
    """Delete the saved values of an unsent draft once it is sent."""
    if request.method != "POST" or response.status_code >= 400:
        return
    draft = request.POST.get("draft") or request.GET.get("draft")
    if not draft:
        return
    try:
        ref = uuid.UUID(draft)
    except ValueError:
        return
    with access_context(user.id):
        discard_draft(by=access_context_for(user=user, on=clock.today()), ref=ref)
