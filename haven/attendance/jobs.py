"""The nightly run, at 02:00, school by school."""

from procrastinate.contrib.django import app

from haven.attendance.night import run_night
from haven.core.schools.models import School
from haven.platform import clock
from haven.platform.accounts.context import system_context


@app.periodic(cron="0 2 * * *")
@app.task(name="attendance.night", queueing_lock="attendance.night")
def every_night(timestamp: int) -> int:
    """Make the proposals of each school's registers up to the day before; returns how many proposals are new."""
    new = 0
    for school in School.objects.order_by("id"):
        with system_context(on=clock.today()) as by:
            new += run_night(by=by, at=clock.now(), school=school, as_of=clock.today()).new
    return new
