"""Reminders to tutors of registers that are not in.

SI 2024/208 regulation 10: the register is taken at the start of the morning and once in the afternoon. A class without a register needs one
message to the tutor instead of thirty calls to families.
"""

from datetime import date, datetime, timedelta

from haven.attendance.follow_up.permissions import may_log_attempt
from haven.attendance.registers.notifications import notify_changed
from haven.attendance.task_sources import AttendanceTaskSource
from haven.core.people.models import RegistrationGroup
from haven.core.tasks.actions import NewTask, raise_task
from haven.core.tasks.queries import is_raised
from haven.core.tasks.sources import Source
from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action
from haven.platform.errors import ActionRejected, check
from haven.rules.sessions import Half
from haven.rules.visibility import RecordCategory

SOON = timedelta(minutes=10)


def source_of(group_id: int, on: date, half: Half) -> Source:
    """The task source that identifies the reminder of one register."""
    return Source(AttendanceTaskSource.REGISTER, f"{group_id} {on.isoformat()} {half.value}")


@action
def remind_of_register(*, by: AccessContext, at: datetime, school_id: int, group_id: int, on: date, half: Half) -> str:
    """Give the tutor of a class a task to take its register within ten minutes; once a session. Returns the tutor's name.

    Raises PermissionDenied; ActionRejected where the class does not exist, it has no tutor, or the tutor has already been reminded.
    """
    check(may_log_attempt(by, school_id))
    group = RegistrationGroup.objects.select_related("tutor").filter(id=group_id, school_id=school_id).first()
    if group is None or group.tutor is None:
        raise ActionRejected("That class has no tutor in Haven. Call the classroom.")
    source = source_of(group.id, on, half)
    if is_raised(school_id=school_id, source=source, only_open=True):
        raise ActionRejected(f"{group.tutor.name} has already been reminded.")
    raise_task(
        by=by,
        at=at,
        school_id=school_id,
        task=NewTask(
            record_category=RecordCategory.ATTENDANCE,
            title=f"Take the register of {group.name}",
            pupil_ids=[],
            source=source,
            assignee_id=group.tutor.id,
            due_at=at + SOON,
        ),
    )
    notify_changed(school_id)
    return str(group.tutor.name)
