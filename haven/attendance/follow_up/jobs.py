"""The check of a signed-off day for items that its signer could not see."""

from datetime import date

from procrastinate.contrib.django import app

from haven.attendance.follow_up.actions.end_of_day import pass_on_left_lines
from haven.platform import clock
from haven.platform.accounts.context import system_context


@app.task(name="follow_up.after_signing")
def after_signing(school_id: int, on: str) -> int:
    """Check a signed-off day for items that its signer could not see; returns how many were passed on."""
    with system_context(on=clock.today()) as by:
        return pass_on_left_lines(by=by, at=clock.now(), school_id=school_id, on=date.fromisoformat(on))
