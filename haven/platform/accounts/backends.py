"""Who is signed in; each page asks, so the statement is put together once."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import QuerySet

from haven.platform.accounts.models import User
from haven.platform.row_security.statements import statement


class AccountBackend(AuthenticationBackend):  # type: ignore[misc]
    """Signing in as allauth has it."""

    def get_user(self, user_id: int) -> User | None:
        """The account of that number while it is active, else None."""
        found = next(iter(_accounts(id=user_id)), None)
        return found if found is not None and self.user_can_authenticate(found) else None


@statement
def _accounts(id: Any) -> QuerySet[User]:
    return User.objects.filter(id=id)
