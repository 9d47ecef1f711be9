"""The nightly run, at two in the morning, school by school; and a second look at a day that was signed off."""

from datetime import date

from procrastinate.contrib.django import app

from haven import clock
from haven.access.viewer import service_viewer
from haven.attendance.day_end_actions import pass_on_left_lines
from haven.attendance.night import run_night
from haven.schools.models import School


@app.periodic(cron="0 2 * * *")
@app.task(name="attendance.night", queueing_lock="attendance.night")
def every_night(timestamp: int) -> int:
    """Propose for each school what its registers ask for, as far as the day before; returns how many proposals are new."""
    new = 0
    for school in School.objects.order_by("id"):
        with service_viewer(on=clock.today()) as by:
            new += run_night(by=by, at=clock.now(), school=school, as_of=clock.today()).new
    return new


@app.task(name="attendance.after_signing")
def after_signing(school_id: int, on: str) -> int:
    """Look at a day that was signed off for lines that its signer could not see; returns how many were passed on."""
    with service_viewer(on=clock.today()) as by:
        return pass_on_left_lines(by=by, at=clock.now(), school_id=school_id, on=date.fromisoformat(on))
