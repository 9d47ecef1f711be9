"""The one-time link, and the page of the user's own account."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.tokens import default_token_generator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlsafe_base64_decode
from django.views.decorators.cache import never_cache

from haven.platform import clock
from haven.platform.accounts.forms import WelcomeForm
from haven.platform.accounts.queries import own_roles, user_by_id


@login_not_required
@never_cache
def welcome(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Set the password of a new account. A link that was used, has expired or never existed gets the same answer."""
    try:
        user = user_by_id(int(urlsafe_base64_decode(uid)))
    except (ValueError, OverflowError):
        user = None
    if user is None or not default_token_generator.check_token(user, token):
        return render(request, "accounts/link_is_dead.html", status=404)
    form = WelcomeForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your password has been set. Sign in with it now.")
        return redirect("account_login")
    return render(request, "accounts/welcome.html", {"form": form, "name": user.name})


def own_account(request: Any) -> HttpResponse:
    """The user's account: roles, capabilities, and sign-in methods."""
    return render(
        request, "accounts/own_account.html", {"roles": own_roles(user_id=request.viewer.user_id, on=clock.today())}
    )


@login_not_required
def password_help(request: HttpRequest) -> HttpResponse:
    """What to do when the password is forgotten: links come from a person, not by e-mail."""
    return render(request, "accounts/password_help.html")


@login_not_required
def gone(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """A URL of the account library that Haven does not use: 404."""
    raise Http404
