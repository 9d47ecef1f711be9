"""Forms to sign in, to confirm the password, and to set the first password."""

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as CodeAgain
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django.contrib.auth.forms import SetPasswordForm


class SignInForm(LoginForm):  # type: ignore[misc]
    """E-mail address and password with Haven's labels and no placeholders."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "Email address"
        self.fields.pop("remember", None)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""


class ConfirmForm(ReauthenticateForm):  # type: ignore[misc]
    """The password again, before a sensitive action."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""


class WelcomeForm(SetPasswordForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A new password, twice."""

    field_order = ("new_password1", "new_password2")


def _plain(form: Any, **labels: str) -> None:
    """Labels above the fields instead of placeholders inside them."""
    for name, label in labels.items():
        form.fields[name].label = label
        form.fields[name].widget.attrs.pop("placeholder", None)


class CodeForm(AuthenticateForm):  # type: ignore[misc]
    """The second step of signing in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, code="Code")


class CodeAgainForm(CodeAgain):  # type: ignore[misc]
    """A code again, before a sensitive action."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, code="Code from your authenticator app")


class AppForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, code="The six digits that the app shows")
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class KeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey or security key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"name": "", "passwordless": True, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        _plain(self, name="Name of the passkey", passwordless="Sign in without my password")
        self.fields["name"].help_text = "For example, my work laptop"
        self.fields["passwordless"].help_text = "You will be asked for your finger, face or PIN each time."


class KeyNameForm(EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, name="Name")


class NewPasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """The old password, and the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, oldpassword="Current password", password1="New password", password2="Confirm new password")
        self.fields["oldpassword"].help_text = ""
        self.fields["password1"].help_text = "Use at least 12 characters. Three random words make a good password."
