"""Reads tasks. Row-level security limits the rows; each query still filters by its own scope."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, F, Q, Sum

from haven.core.people.models import Pupil
from haven.core.records.models import Entry
from haven.core.records.queries import CONFIDENTIAL, pupils_by_id, readable_entries
from haven.core.tasks.models import Task, TaskStep
from haven.core.tasks.permissions import ends_elsewhere, roles_for_tasks
from haven.core.tasks.sources import Source
from haven.platform.accounts.context import AccessContext
from haven.platform.sql_files import SqlFile
from haven.rules.roles import ROLES
from haven.rules.visibility import RecordCategory

QUERIES = SqlFile(__file__)


@dataclass(frozen=True)
class TaskLine:
    """A task as a list shows it. `mine`: assigned to this user and not only to their role. `version` is sent back with each step."""

    ref: uuid.UUID
    title: str
    school_id: int
    urn: int
    school_name: str
    pupils: tuple[tuple[uuid.UUID, str], ...]
    due_at: datetime | None
    assignee_role: str
    mine: bool
    version: int
    record_category: RecordCategory
    about_form: str
    about_version: str
    about_entry: uuid.UUID | None
    ends_elsewhere: bool


def task_by_ref(*, ref: uuid.UUID) -> Task | None:
    """The task with that reference, or None if it does not exist or the user may not see it."""
    return Task.objects.filter(ref=ref).first()


def tasks_for(viewer: AccessContext, school_id: int) -> list[TaskLine]:
    """Open tasks at one school of the user or their roles, soonest due first, those without a date last."""
    return _lines(viewer, _theirs(viewer, school_id))


def next_due(viewer: AccessContext, school_id: int, limit: int) -> list[tuple[str, datetime]]:
    """Title and date of the first of those tasks that have a date, soonest due first."""
    roles = roles_for_tasks(viewer, school_id)
    rows = QUERIES.rows(_Due, "next_due", school_id=school_id, user_id=viewer.user_id, roles=roles, limit=limit)
    return [(row.title, row.due_at) for row in rows]


class _Due(NamedTuple):
    title: str
    due_at: datetime


def my_tasks(viewer: AccessContext) -> list[TaskLine]:
    """The same across every school at which the user works."""
    # Schools with the same roles share one condition: one for each school would make forty for a user with roles at forty schools.
    schools: dict[frozenset[str], list[int]] = {}
    for place in viewer.places:
        schools.setdefault(frozenset(roles_for_tasks(viewer, place.school_id)), []).append(place.school_id)
    theirs = Q(pk__in=[])
    for roles, school_ids in schools.items():
        theirs |= Q(school_id__in=school_ids) & _of(viewer, roles)
    return _lines(viewer, theirs)


@dataclass(frozen=True, slots=True)
class NextStep:
    """The open task about a pupil that is due first."""

    title: str
    due_at: datetime | None


def next_steps(*, school_ids: Sequence[int], pupil_ids: Iterable[int]) -> dict[tuple[int, int], NextStep]:
    """The next open task about each pupil, by (school, pupil), that the user may see. Tasks of the safeguarding or staff category are left
    out, so that a list of attendance does not reveal them."""
    wanted = set(pupil_ids)
    tasks = Task.objects.filter(school_id__in=school_ids, done_at=None).exclude(record_category__in=CONFIDENTIAL)
    steps: dict[tuple[int, int], NextStep] = {}
    rows = tasks.order_by(F("due_at").asc(nulls_last=True), "id").values_list(
        "school_id", "pupil_ids", "title", "due_at"
    )
    for school_id, about, title, due_at in rows:
        for pupil_id in wanted.intersection(about):
            steps.setdefault((school_id, pupil_id), NextStep(title, due_at))
    return steps


@dataclass(frozen=True, slots=True)
class Agreed:
    """A task for printing: title, assignee, due time and outcome."""

    title: str
    role: str
    due_at: datetime | None
    done_at: datetime | None
    done_by_name: str
    outcome: str


def tasks_of_source(*, school_id: int, source: Source) -> list[Agreed]:
    """The tasks of one source at a school that the user may see, open ones first, each by the day it is due; a task for a person has no
    role."""
    rows = Task.objects.filter(school_id=school_id, **source.columns()).order_by(
        F("done_at").asc(nulls_first=True), F("due_at").asc(nulls_last=True), "id"
    )
    return [
        Agreed(
            row.title, ROLES[row.assignee_role].title if row.assignee_role in ROLES else "", row.due_at, row.done_at,
            row.done_by_name, row.outcome,
        )
        for row in rows
    ]  # fmt: skip


def is_raised(*, school_id: int, source: Source, only_open: bool = False) -> bool:
    """Whether the source has raised a task at the school that the user may see; `only_open`: one that is not done."""
    tasks = Task.objects.filter(school_id=school_id, **source.columns())
    return (tasks.filter(done_at=None) if only_open else tasks).exists()


def _theirs(viewer: AccessContext, school_id: int) -> Q:
    return Q(school_id=school_id) & _of(viewer, roles_for_tasks(viewer, school_id))


def _of(viewer: AccessContext, roles: Collection[str]) -> Q:
    """Tasks of the user in person, or of one of these roles."""
    return Q(assignee_id=viewer.user_id) | Q(assignee_id=None, assignee_role__in=roles)


def _lines(viewer: AccessContext, theirs: Q) -> list[TaskLine]:
    tasks = list(
        Task.objects.filter(theirs, done_at=None)
        .select_related("school")
        .order_by(F("due_at").asc(nulls_last=True), "id")[:500]
    )
    entries = Entry.objects.filter(readable_entries(viewer)).in_bulk(
        [one.about_entry_id for one in tasks if one.about_entry_id]
    )
    pupils = pupils_by_id(pupil_ids=[number for task in tasks for number in task.pupil_ids])
    return [_line(viewer, task, pupils, entries) for task in tasks]


def _line(viewer: AccessContext, task: Task, pupils: Mapping[int, Pupil], entries: Mapping[int, Entry]) -> TaskLine:
    about = entries.get(task.about_entry_id) if task.about_entry_id else None
    return TaskLine(
        ref=task.ref,
        title=task.title,
        school_id=task.school_id,
        urn=task.school.urn,
        school_name=task.school.name,
        pupils=tuple((pupils[number].ref, pupils[number].name) for number in task.pupil_ids if number in pupils),
        due_at=task.due_at,
        assignee_role=task.assignee_role,
        mine=task.assignee_id == viewer.user_id,
        version=task.version,
        record_category=RecordCategory(task.record_category),
        about_form=about.form if about else "",
        about_version=about.form_version if about else "",
        about_entry=about.ref if about else None,
        ends_elsewhere=ends_elsewhere(task),
    )


def steps_of(*, task_ids: Iterable[int]) -> list[TaskStep]:
    """The steps of some tasks, oldest first."""
    return list(TaskStep.objects.filter(task_id__in=list(task_ids)).order_by("recorded_at", "id"))


@dataclass(frozen=True)
class TimeSpent:
    """How long the user's own finished tasks took at one school: tasks with a time, and minutes."""

    school_name: str
    tasks: int
    minutes: int


def time_spent(viewer: AccessContext, since: datetime) -> list[TimeSpent]:
    """The user's own time log from a moment on, by school; empty if no time was recorded. Other users' time is never counted."""
    steps = TaskStep.objects.filter(
        author_id=viewer.user_id, verb="done", minutes__isnull=False, recorded_at__gte=since
    )
    by_school = steps.values("school__name").annotate(tasks=Count("id"), spent=Sum("minutes")).order_by("school__name")
    return [TimeSpent(row["school__name"], row["tasks"], row["spent"]) for row in by_school]


@dataclass(frozen=True)
class HandedOn:
    """A task that the user raised or handed over for another person: when, and its due time. Its outcome is not included."""

    title: str
    school_name: str
    at: datetime
    due_at: datetime | None
    done_at: datetime | None


def handed_on(viewer: AccessContext, limit: int = 20) -> list[HandedOn]:
    """The newest tasks that the user raised for others and may still see, newest first."""
    given = Task.objects.filter(author_id=viewer.user_id).exclude(assignee_id=viewer.user_id).select_related("school")
    return [
        HandedOn(task.title, task.school.name, task.recorded_at, task.due_at, task.done_at)
        for task in given.order_by("-recorded_at")[:limit]
    ]
