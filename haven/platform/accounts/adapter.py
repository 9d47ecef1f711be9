"""Accounts are created by invitation; self sign-up is disabled."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from haven.platform.accounts.clients import client_address


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": "Too many attempts. Wait 5 minutes, then try again.",
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count no wrong password here: axes counts them for each account and client, and allauth's count would lock the account for every
        client."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SecondStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The error messages of two-step sign-in say what to do."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "Incorrect code. Enter the code that your app shows now. Each recovery code works once.",
        "cannot_generate_recovery_codes": "Set up an authenticator app or a passkey first.",
    }
