"""The status and the end of the session, and the gallery of components."""

from __future__ import annotations

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from haven.platform.ui.gallery import pieces


@login_not_required
@never_cache
@require_GET
def session(request: HttpRequest) -> HttpResponse:
    """For the script's time-out: the signed-in user, and the token that forms need after a new sign-in."""
    if not request.user.is_authenticated:
        return JsonResponse({"signed_in": False}, status=401)
    return JsonResponse({"signed_in": True, "person": str(request.user.pk), "csrf": get_token(request)})


@login_not_required
@never_cache
@require_POST
def end_session(request: HttpRequest) -> HttpResponse:
    """The script's time-out has passed: the session ends on the server too. The page stays where it is, covered."""
    request.sign_out_reason = "idle"  # type: ignore[attr-defined]
    logout(request)
    return HttpResponse(status=204)


@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component once, with invented content, to look at and to test."""
    return render(request, "ui/gallery.html", pieces(request))
