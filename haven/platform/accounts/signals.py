"""Audit events for sign-in, failed sign-in and sign-out: the account's id, and never what was typed."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from haven.platform import clock
from haven.platform.accounts.models import User
from haven.platform.audit.actions import append_event


@receiver(user_logged_in, dispatch_uid="audit_signed_in")
def signed_in(user: User, **kwargs: Any) -> None:
    append_event(by=user, at=clock.now(), verb="accounts.sign_in", about=("user", user.pk))


@receiver(user_logged_out, dispatch_uid="audit_signed_out")
def signed_out(user: User | None, request: Any = None, **kwargs: Any) -> None:
    """Records the reason if the user did not sign out themselves: "idle"."""
    reason = getattr(request, "sign_out_reason", "")
    if user is not None:
        append_event(by=user, at=clock.now(), verb="accounts.sign_out", about=("user", user.pk), reason=reason)


@receiver(user_login_failed, dispatch_uid="audit_sign_in_failed")
def sign_in_failed(credentials: dict[str, Any], **kwargs: Any) -> None:
    """Records only whether the address belongs to an account, never the address that was typed: it may be a password in the wrong field."""
    typed = str(credentials.get("email") or credentials.get("username") or credentials.get("login") or "").lower()
    user_id = User.objects.filter(email=typed).values_list("id", flat=True).first()
    append_event(by=None, at=clock.now(), verb="accounts.sign_in_failed", about=("user", user_id or "unknown"))
