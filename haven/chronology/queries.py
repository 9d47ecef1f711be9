"""What is in a pupil's file, and who must do what by when? The wall decides which rows are there; every query still says its scope.

Entries behind the safeguarding wall are read by whoever keeps that compartment, and not by their author: a person who raises a
concern keeps sight of its receipt alone (haven.safeguarding).
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from haven.access.viewer import Viewer
from haven.chronology.models import Addendum, Draft, Entry, EntryPupil, Task, TaskStep
from haven.chronology.permissions import ends_elsewhere, reads_all, roles_for_tasks
from haven.people.models import Pupil
from haven.rules.roles import ROLES
from haven.rules.visibility import Compartment
from haven.walls.statements import statement

CONFIDENTIAL = (Compartment.SAFEGUARDING, Compartment.STAFF)


def _readable(viewer: Viewer | None) -> Q:
    """Entries that pages may show: all of the open compartments, and the confidential ones where they are open to the viewer."""
    shown = ~Q(compartment__in=CONFIDENTIAL)
    for compartment, schools in _open_at(viewer).items():
        shown |= Q(school_id__in=schools, compartment=compartment)
    return shown


def _open_at(viewer: Viewer | None) -> dict[Compartment, list[int]]:
    """The schools at which each confidential compartment is open to the viewer; a compartment that is open nowhere is not there."""
    places = viewer.places if viewer else ()
    schools = {
        each: [place.school_id for place in places if reads_all(viewer, place.school_id, each)]
        for each in CONFIDENTIAL
        if viewer
    }
    return {each: found for each, found in schools.items() if found}


def entries_of(
    *,
    pupil_ids: Sequence[int],
    forms: Sequence[str] | None = None,
    since: datetime | None = None,
    limit: int = 200,
    viewer: Viewer | None = None,
) -> list[Entry]:
    """Entries about any of the pupils, newest happening first, at most `limit`; empty where there are none or none are for you.

    `forms` keeps to some forms; `since` to what happened at or after it. Without `viewer` nothing behind the safeguarding or the
    staff wall is included, whoever is entered. Tombstoned entries are included: `addenda_of` says so.
    """
    if not pupil_ids:
        return []
    open_at = _open_at(viewer)
    values: dict[str, Any] = {f"schools_{each.value}": schools for each, schools in open_at.items()}
    values |= {} if forms is None else {"forms": forms}
    values |= {} if since is None else {"since": since}
    return _entries(tuple(open_at), limit, pupil_ids=pupil_ids, **values)


@statement
def _entries(confidential: Sequence[Compartment], limit: int, pupil_ids: Any, **values: Any) -> QuerySet[Entry]:
    # Found by the pupils' parts: behind a wall an index may be used for equal numbers, and not for arrays that overlap.
    parts = EntryPupil.objects.filter(pupil_id__any=pupil_ids).values("entry_id")
    shown = ~Q(compartment__in=CONFIDENTIAL)
    for each in confidential:
        shown |= Q(school_id__any=values[f"schools_{each.value}"], compartment=each)
    found = Entry.objects.filter(shown, id__in=parts)
    if "forms" in values:
        found = found.filter(form__any=values["forms"])
    if "since" in values:
        found = found.filter(happened_at__gte=values["since"])
    return found.order_by("-happened_at", "-id")[:limit]


def first_entries(
    *, school_id: int, forms: Collection[str], since: datetime, until: datetime
) -> dict[str, dict[int, datetime]]:
    """For each of the forms, the pupils whom an entry of that form is about, and when the first of them happened within a span.

    Only entries that the viewer may see, none behind the safeguarding or the staff wall, and none that was struck out; a form without
    an entry is not there.
    """
    entries = Entry.objects.filter(
        _readable(None), school_id=school_id, form__in=forms, happened_at__gte=since, happened_at__lt=until
    )
    struck = Addendum.objects.filter(kind="tombstone", entry__in=entries).values("entry_id")
    parts = EntryPupil.objects.filter(entry__in=entries.exclude(id__in=struck), role="subject")
    rows = parts.order_by("-entry__happened_at").values_list("entry__form", "pupil_id", "entry__happened_at")
    found: dict[str, dict[int, datetime]] = {}
    for form, pupil_id, happened_at in rows:
        found.setdefault(form, {})[pupil_id] = happened_at
    return found


def entry_by_ref(*, ref: uuid.UUID, viewer: Viewer) -> Entry | None:
    """The entry of that reference, or None where there is none or it is not for this viewer."""
    return Entry.objects.filter(_readable(viewer), ref=ref).select_related("school").first()


def addenda_of(*, entry_ids: Iterable[int]) -> dict[int, list[Addendum]]:
    """What was added to each entry, oldest first; an entry without addenda has no key."""
    found: dict[int, list[Addendum]] = {}
    for addendum in _addenda(entry_ids=list(entry_ids)):
        found.setdefault(addendum.entry_id, []).append(addendum)
    return found


@statement
def _addenda(entry_ids: Any) -> QuerySet[Addendum]:
    return Addendum.objects.filter(entry_id__any=entry_ids).order_by("recorded_at", "id")


def pupils_by_id(*, pupil_ids: Iterable[int]) -> Mapping[int, Pupil]:
    """The pupils of those numbers that this viewer may see, by number."""
    wanted = list(set(pupil_ids))
    return {pupil.id: pupil for pupil in _pupils(ids=wanted)} if wanted else {}


@statement
def _pupils(ids: Any) -> QuerySet[Pupil]:
    return Pupil.objects.filter(id__any=ids)


@dataclass(frozen=True)
class TaskLine:
    """A task as a list shows it. `mine`: it is this viewer's own and not only their role's. `version` goes back with each step."""

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
    compartment: Compartment
    about_form: str
    about_version: str
    about_entry: uuid.UUID | None
    ends_elsewhere: bool


def task_by_ref(*, ref: uuid.UUID) -> Task | None:
    """The task of that reference, or None where there is none or it is not for this viewer."""
    return Task.objects.filter(ref=ref).first()


def tasks_for(viewer: Viewer, school_id: int) -> list[TaskLine]:
    """Open tasks at one school that are the viewer's or their roles', soonest due first, those without a date last."""
    return _lines(viewer, _theirs(viewer, school_id))


def next_due(viewer: Viewer, school_id: int, limit: int) -> list[tuple[str, datetime]]:
    """Title and date of the first of those tasks that have a date, soonest due first."""
    roles = list(roles_for_tasks(viewer, school_id))
    rows = _next_due(limit, school_id=school_id, user_id=viewer.user_id, roles=roles)
    return [(title, due_at) for title, due_at in rows if due_at]


@statement
def _next_due(limit: int, school_id: Any, user_id: Any, roles: Any) -> QuerySet[Task, Any]:
    theirs = Q(assignee_id=user_id) | Q(assignee_id=None, assignee_role__any=roles)
    rows = Task.objects.filter(theirs, school_id=school_id, done_at=None, due_at__isnull=False)
    return rows.order_by("due_at", "id").values_list("title", "due_at")[:limit]


def my_tasks(viewer: Viewer) -> list[TaskLine]:
    """The same across every school at which the viewer works."""
    # Schools with the same roles are asked for together: one condition a school would make forty for whoever leads at forty.
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
    """What is to be done next about each pupil, by (school, pupil), as far as the viewer may see it; nothing that lies behind the
    safeguarding or the staff wall, so that a list of attendance does not show that it is there."""
    wanted = set(pupil_ids)
    tasks = Task.objects.filter(school_id__in=school_ids, done_at=None).exclude(compartment__in=CONFIDENTIAL)
    found: dict[tuple[int, int], NextStep] = {}
    rows = tasks.order_by(F("due_at").asc(nulls_last=True), "id").values_list(
        "school_id", "pupil_ids", "title", "due_at"
    )
    for school_id, about, title, due_at in rows:
        for pupil_id in wanted.intersection(about):
            found.setdefault((school_id, pupil_id), NextStep(title, due_at))
    return found


@dataclass(frozen=True, slots=True)
class Agreed:
    """A task as it stands on paper: what, whose, by when, and what came of it."""

    title: str
    role: str
    due_at: datetime | None
    done_at: datetime | None
    done_by_name: str
    outcome: str


def tasks_of_source(*, school_id: int, source: str) -> list[Agreed]:
    """The tasks of one source at a school that the viewer may see, open ones first, each by the day it is due; a task for a person has
    no role."""
    rows = Task.objects.filter(school_id=school_id, source=source).order_by(
        F("done_at").asc(nulls_first=True), F("due_at").asc(nulls_last=True), "id"
    )
    return [
        Agreed(
            each.title, ROLES[each.assignee_role].title if each.assignee_role in ROLES else "", each.due_at, each.done_at,
            each.done_by_name, each.outcome,
        )
        for each in rows
    ]  # fmt: skip


def _theirs(viewer: Viewer, school_id: int) -> Q:
    return Q(school_id=school_id) & _of(viewer, roles_for_tasks(viewer, school_id))


def _of(viewer: Viewer, roles: Collection[str]) -> Q:
    """Tasks of the viewer in person, or of one of these roles."""
    return Q(assignee_id=viewer.user_id) | Q(assignee_id=None, assignee_role__in=roles)


def _lines(viewer: Viewer, theirs: Q) -> list[TaskLine]:
    tasks = list(
        Task.objects.filter(theirs, done_at=None)
        .select_related("school")
        .order_by(F("due_at").asc(nulls_last=True), "id")[:500]
    )
    entries = Entry.objects.filter(_readable(viewer)).in_bulk(
        [one.about_entry_id for one in tasks if one.about_entry_id]
    )
    pupils = pupils_by_id(pupil_ids=[number for task in tasks for number in task.pupil_ids])
    return [_line(viewer, task, pupils, entries) for task in tasks]


def _line(viewer: Viewer, task: Task, pupils: Mapping[int, Pupil], entries: Mapping[int, Entry]) -> TaskLine:
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
        compartment=Compartment(task.compartment),
        about_form=about.form if about else "",
        about_version=about.form_version if about else "",
        about_entry=about.ref if about else None,
        ends_elsewhere=ends_elsewhere(task),
    )


def steps_of(*, task_ids: Iterable[int]) -> list[TaskStep]:
    """What was done with some tasks, oldest first."""
    return list(TaskStep.objects.filter(task_id__in=list(task_ids)).order_by("recorded_at", "id"))


def draft_of(*, key: str) -> dict[str, object]:
    """The words kept for the entered viewer under a key; empty where there are none."""
    found = Draft.objects.filter(key=key).order_by("-saved_at").first()
    return dict(found.words) if found else {}


def drafts_under(*, prefix: str) -> dict[str, dict[str, object]]:
    """Every draft of the entered viewer whose key begins so, by key."""
    return {draft.key: dict(draft.words) for draft in Draft.objects.filter(key__startswith=prefix)}


def parts_of(*, entry_ids: Iterable[int]) -> dict[int, dict[int, str]]:
    """For each entry, the part of each pupil in it: "subject", "sibling", ..."""
    found: dict[int, dict[int, str]] = {}
    for entry_id, pupil_id, role in _parts(entry_ids=list(entry_ids)):
        found.setdefault(entry_id, {})[pupil_id] = role
    return found


@statement
def _parts(entry_ids: Any) -> QuerySet[EntryPupil, Any]:
    return EntryPupil.objects.filter(entry_id__any=entry_ids).values_list("entry_id", "pupil_id", "role")


@dataclass(frozen=True)
class TimeSpent:
    """How long the viewer's own finished tasks took at one school: tasks with a time, and minutes."""

    school_name: str
    tasks: int
    minutes: int


def time_spent(viewer: Viewer, since: datetime) -> list[TimeSpent]:
    """The viewer's own time log from a moment on, by school; empty where no time was noted. Nobody else's is ever counted."""
    steps = TaskStep.objects.filter(
        author_id=viewer.user_id, verb="done", minutes__isnull=False, recorded_at__gte=since
    )
    found = steps.values("school__name").annotate(tasks=Count("id"), spent=Sum("minutes")).order_by("school__name")
    return [TimeSpent(row["school__name"], row["tasks"], row["spent"]) for row in found]


@dataclass(frozen=True)
class HandedOn:
    """A task that the viewer raised or handed over for somebody else: when, and for when. What became of it is theirs to say."""

    title: str
    school_name: str
    at: datetime
    due_at: datetime | None
    done_at: datetime | None


def handed_on(viewer: Viewer, limit: int = 20) -> list[HandedOn]:
    """The newest tasks that the viewer raised for others and may still see, newest first."""
    found = Task.objects.filter(author_id=viewer.user_id).exclude(assignee_id=viewer.user_id).select_related("school")
    return [
        HandedOn(task.title, task.school.name, task.recorded_at, task.due_at, task.done_at)
        for task in found.order_by("-recorded_at")[:limit]
    ]
