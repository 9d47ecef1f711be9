"""Signing in, confirming who one is, and setting the first password."""

from typing import Any

from allauth.account.forms import LoginForm, ReauthenticateForm
from django.contrib.auth.forms import SetPasswordForm


class SignInForm(LoginForm):  # type: ignore[misc]
    """Address and password with labels of their own and no hints inside the fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "E-mail address"
        self.fields.pop("remember", None)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""


class ConfirmForm(ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""


class WelcomeForm(SetPasswordForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A new password, twice."""

    field_order = ("new_password1", "new_password2")
