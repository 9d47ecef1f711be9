"""The server's own time-out. A page covers itself first (assets/js/idle.js); this ends a session whose page did not.

What a person does counts, also a draft saved and `ui:session`; what a page asks by itself (polls) does not. A form that comes too
late is not lost: its fields are kept for its writer alone, and shown after signing in again.
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
"""Key of the session under which the moment of the last activity is kept, in seconds."""
GRACE_SECONDS = 120
"""How much later than the page the server is: a page tells of typing once a minute, and is to be the first that ends."""
STEP_SECONDS = 15
"""A moment is written anew only when it is this much later, so that a row of clicks does not write the session each time."""
POLLS = frozenset({"follow_up:pulse"})
SECRET = re.compile(r"passw|token|secret|otp", re.IGNORECASE)
CARRIED = frozenset({"draft_key", "kept", "next", "counter", "list_half", "list_all"})
"""What forms carry for themselves. Under the names below a number is the form's own, and words are somebody's."""
NUMBERED = frozenset({"seen", "version"})
_NUMBER = re.compile(r"[\d:.+TZ-]*")
_CHOICE = re.compile(r"[a-z0-9_:-]{0,60}", re.IGNORECASE)

Answer = Callable[[HttpRequest], HttpResponse]


class IdleMiddleware:
    """After authentication, before the viewer is entered."""

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
        _forget_what_was_sent(request, user, response)
        return response

    def _too_late(self, request: Any, at: datetime) -> HttpResponse:
        """End the session, keep what was typed, and ask to sign in."""
        match = _match(request)
        is_open = match is not None and not getattr(match.func, "login_required", True)
        is_form = request.method == "POST" and not is_open and _is_genuine(request)
        is_kept = _end(request, at, is_form)
        if request.method == "POST" and not is_open:
            return _ask_to_sign_in(request, reverse("site:kept") if is_kept else page_of(request) or "/")
        return _for_script(request, self.get_response(request))


def is_over(active_at: object, at: datetime) -> bool:
    """Whether the limit has passed since the last activity. A session that was just begun has none yet."""
    if not settings.IDLE_SECONDS or not isinstance(active_at, int | float):
        return False
    return bool(at.timestamp() - active_at > settings.IDLE_SECONDS + GRACE_SECONDS)


def counts(request: Any) -> bool:
    """Whether a person did this, and not a page by itself."""
    if "X-Haven-Poll" in request.headers:
        return False
    match = _match(request)
    return match is None or match.view_name not in POLLS


def touch(session: Any, at: datetime) -> None:
    """Write down the moment, also where the clock was set back."""
    before = session.get(ACTIVE_AT)
    if not isinstance(before, int | float) or abs(at.timestamp() - before) >= STEP_SECONDS:
        session[ACTIVE_AT] = at.timestamp()


def _match(request: Any) -> ResolverMatch | None:
    try:
        return resolve(request.path_info)
    except Resolver404:
        return None


def _is_genuine(request: Any) -> bool:
    """The check against forged forms comes after this middleware: nothing of a form that would fail it is kept."""
    try:
        return (
            CsrfViewMiddleware(lambda _: HttpResponse()).process_view(request, lambda _: HttpResponse(), (), {}) is None
        )
    except (SuspiciousOperation, RequestDataTooBig, OSError):
        return False


def _end(request: Any, at: datetime, is_form: bool) -> bool:
    """Keep the typed fields of a form and sign out; returns whether there is something to show after signing in."""
    user, is_kept = request.user, False
    request_ref.set(uuid.uuid4().hex[:12])
    request.sign_out_reason = "idle"
    with access_context(user.id):
        if is_form:
            by = access_context_for(user=user, on=timezone.localtime(at).date())
            is_kept = _keep(request, by, at)
        logout(request)
    return is_kept


def _keep(request: Any, by: Any, at: datetime) -> bool:
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
    """What a person typed or chose: no password, no token, nothing that the form carries for itself; files never come here.
    Empty where only a button was pressed."""
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
    """The path of the page on which the form stood: its own page for a form inside a list, else where the browser says it was."""
    if request.headers.get("HX-Request") and request.method == "POST":
        return str(request.path)
    said = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(said, allowed_hosts={request.get_host()}):
        return ""
    parts = urlsplit(str(said))
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _ask_to_sign_in(request: Any, onward: str) -> HttpResponse:
    """To the sign-in page; for a script that swaps parts of a page, as a whole page; for one that only asks, a plain refusal."""
    if request.headers.get("X-Requested-With", "").startswith("haven-"):
        return HttpResponse(status=401)
    answer = redirect_to_login(onward)
    if not request.headers.get("HX-Request"):
        return answer
    return HttpResponse(headers={"HX-Redirect": answer["Location"], "Cache-Control": "no-store"})


def _for_script(request: Any, response: HttpResponse) -> HttpResponse:
    """Somebody signed out, whose page asks for a part of itself, is not given the sign-in page inside it: the page covers itself."""
    to_sign_in = response.status_code == 302 and response["Location"].startswith(resolve_url(settings.LOGIN_URL))
    if to_sign_in and request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"Cache-Control": "no-store"})
    return response


def _forget_what_was_sent(request: Any, user: Any, response: HttpResponse) -> None:
    """A form that was put back and is sent now needs its kept words no more."""
    if request.method != "POST" or response.status_code >= 400:
        return
    asked = request.POST.get("kept") or request.GET.get("kept")
    if not asked:
        return
    try:
        ref = uuid.UUID(asked)
    except ValueError:
        return
    with access_context(user.id):
        discard_draft(by=access_context_for(user=user, on=clock.today()), ref=ref)
