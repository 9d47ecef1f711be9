"""Sessions in the database, as Django keeps them; each page reads one, so the statement is put together once."""

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from haven.platform.row_security.statements import statement


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Session | None:
        """The session that has not run out by Django's own clock, by which it was written; None forgets the key, as Django does."""
        found = next(iter(_sessions(key=self.session_key)), None) if self.session_key else None
        if found is None or self.get_expiry_age(expiry=found.expire_date) <= 0:
            self._session_key = None
            return None
        return found


@statement
def _sessions(key: Any) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key)
