"""Sessions in the database, as Django keeps them; each page reads one, so the statement is put together once."""

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.db.models.functions import Now

from haven.walls.statements import statement


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Session | None:
        key = self.session_key
        found = next(iter(_sessions(key=key)), None) if key else None
        if found is None:
            self._session_key = None
        return found


@statement
def _sessions(key: Any) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=Now())
