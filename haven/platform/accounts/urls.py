"""Addresses of accounts."""

from django.urls import path

from haven.platform.accounts import views

app_name = "accounts"
# URLs of the account library that Haven does not use: accounts and addresses are changed by an administrator, and a new password is set
# through a one-time link.
_UNUSED = (
    "signup/",
    "email/",
    "confirm-email/",
    "password/set/",
    "password/reset/done/",
    "inactive/",
    "2fa/webauthn/signup/",
)

urlpatterns = [
    *(path(f"accounts/{unused}", views.gone) for unused in _UNUSED),
    path("accounts/password/reset/", views.password_help, name="password_help"),
    path("welcome/<str:uid>/<str:token>/", views.welcome, name="welcome"),
    path("my-account/", views.own_account, name="own_account"),
]
