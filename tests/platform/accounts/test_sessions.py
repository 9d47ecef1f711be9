"""A session expires by the clock that it was written with: it is valid for its hours, and afterwards treated as if it did not exist."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from haven.platform.accounts.models import User
from tests.support.database_owner import owner

AT = datetime(2026, 1, 14, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "status"), [(-5, 200), (5, 302)])
def test_who_is_signed_in_stays_so_until_the_session_runs_out(db: Any, seconds: int, status: int) -> None:
    with owner():
        user = User.objects.create_user("priya@example.test", "Priya")
    client = Client()
    with time_machine.travel(AT, tick=False):
        client.force_login(user)
    with time_machine.travel(AT + timedelta(seconds=settings.SESSION_COOKIE_AGE + seconds), tick=False):
        assert client.get("/my-day/").status_code == status
