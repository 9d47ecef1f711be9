"""Who tries to sign in, and from where, for the lock after wrong passwords.

The lock is of one account for one client: the wrong tries of one person refuse nobody else, although a school has one address.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def typed_address(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str | None:
    """The email address that was typed, in small letters; None if there is none. allauth hands it over as `email`, the form as `login`."""
    given: Mapping[str, Any] = credentials or {}
    typed = given.get("email") or given.get("username") or given.get("login") or request.POST.get("login")
    return str(typed).strip().casefold() if typed else None


def client_address(request: HttpRequest) -> str:
    """The address of the client. Behind the trusted proxy it is the last one of X-Forwarded-For, which that proxy wrote; what stands before
    it was written by the client. Anything that is no address gives the address of the connection."""
    connection: str = request.META.get("REMOTE_ADDR") or "127.0.0.1"
    if not settings.HAVEN_BEHIND_PROXY:
        return connection
    last = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    try:
        return str(ip_address(last))
    except ValueError:
        return connection
