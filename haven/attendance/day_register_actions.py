"""Reminding a tutor of a register that is not in.

SI 2024/208 regulation 10: the register is taken at the start of the morning and once in the afternoon. A class without a register is
one message to one person, not thirty calls to families.
"""

from datetime import date, datetime, timedelta

from haven.access.viewer import Viewer
from haven.attendance.day_permissions import demand, may_log_attempt
from haven.attendance.pulse import raise_pulse
from haven.attendance.storage import Refused
from haven.audit.actions import action
from haven.chronology.actions import raise_task
from haven.chronology.models import Task
from haven.people.models import RegistrationGroup
from haven.rules.sessions import Half
from haven.rules.visibility import Compartment

SOON = timedelta(minutes=10)


def source_of(group_id: int, on: date, half: Half) -> str:
    """How a reminder of one register is found again."""
    return f"register:{group_id}:{on.isoformat()}:{half.value}"


@action
def remind_of_register(*, by: Viewer, at: datetime, school_id: int, group_id: int, on: date, half: Half) -> str:
    """Give the tutor of a class the task to take its register within ten minutes; once a session. Returns the tutor's name.

    Raises NotAllowed; Refused where there is no such class, it has no tutor, or the tutor was reminded already.
    """
    demand(may_log_attempt(by, school_id))
    group = RegistrationGroup.objects.select_related("tutor").filter(id=group_id, school_id=school_id).first()
    if group is None or group.tutor is None:
        raise Refused("That class has no tutor in Haven: ring the classroom.")
    source = source_of(group.id, on, half)
    if Task.objects.filter(school_id=school_id, source=source, done_at=None).exists():
        raise Refused(f"{group.tutor.name} was reminded already.")
    raise_task(
        by=by, at=at, school_id=school_id, compartment=Compartment.ATTENDANCE, title=f"Take the register of {group.name}",
        pupil_ids=[], source=source, assignee_id=group.tutor.id, due_at=at + SOON,
    )  # fmt: skip
    raise_pulse(school_id)
    return str(group.tutor.name)
