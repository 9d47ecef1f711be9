"""My day: the user's open tasks across schools, in order."""

import uuid
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from haven.core.people.queries import pupil_by_ref
from haven.core.records.entry_lines import url_of
from haven.core.records.forms_engine import FieldProblems
from haven.core.records.permissions import parts_to_plan_in
from haven.core.tasks.actions import defer_task, finish_task, hand_over_task, plan_task, take_task
from haven.core.tasks.forms import DeferForm, FinishForm, HandOverForm, PlanForm, StepForm
from haven.core.tasks.permissions import receivers
from haven.core.tasks.queries import TaskLine, handed_on, my_tasks, steps_of, task_by_ref, time_spent
from haven.platform import clock
from haven.platform.accounts.context import SchoolAccess
from haven.platform.accounts.lookup import place_or_404, viewer_of
from haven.platform.accounts.queries import colleagues
from haven.platform.errors import ActionRejected
from haven.rules.visibility import RecordCategory

SAID = {
    "take": "Task assigned to you.", "finish": "Finished.", "defer": "Task postponed.",
    "hand-over": "Task handed over.",
}  # fmt: skip


def my_day(request: HttpRequest) -> HttpResponse:
    """Every open task of the user or their roles, across schools, soonest due first."""
    viewer, at = viewer_of(request), clock.now()
    tasks = my_tasks(viewer)
    sections = [
        (title, [(task, _about(task)) for task in section]) for title, section in _by_time(tasks, at) if section
    ]
    return render(
        request, "tasks/my_day.html",
        {"at": at, "sections": sections, "count": len(tasks), "schools": len({task.school_id for task in tasks}),
         "late": sum(bool(task.due_at and task.due_at < at) for task in tasks), "handed_on": handed_on(viewer),
         "plan_at": [place for place in viewer.places if parts_to_plan_in(viewer, place.school_id)],
         "log": time_spent(viewer, _monday(at))},
    )  # fmt: skip


def _about(task: TaskLine) -> str:
    """The address of the entry that the task is about; empty if there is none that the user may see."""
    return url_of(task.about_form, task.about_version, task.urn, task.about_entry) if task.about_entry else ""


def _by_time(tasks: list[TaskLine], at: datetime) -> list[tuple[str, list[TaskLine]]]:
    midnight = _midnight(at)
    late = [task for task in tasks if task.due_at and task.due_at < at]
    today = [task for task in tasks if task.due_at and at <= task.due_at < midnight]
    week = [task for task in tasks if task.due_at and midnight <= task.due_at < midnight + timedelta(days=7)]
    after = [task for task in tasks if not task.due_at or task.due_at >= midnight + timedelta(days=7)]
    return [("Late", late), ("Today", today), ("In the next seven days", week), ("Later", after)]


def _midnight(at: datetime) -> datetime:
    """The end of the day of `at`, in the schools' time zone."""
    tomorrow = timezone.localtime(at).date() + timedelta(days=1)
    return timezone.make_aware(datetime.combine(tomorrow, time.min))


def _monday(at: datetime) -> datetime:
    """The beginning of the week of `at`, in the schools' time zone."""
    today = timezone.localtime(at).date()
    return timezone.make_aware(datetime.combine(today - timedelta(days=today.weekday()), time.min))


def plan(request: HttpRequest, urn: int) -> HttpResponse:
    """Plan a task for the user, a colleague or a role; with `?pupil=` it is about a pupil."""
    place, viewer, at = place_or_404(request, urn), viewer_of(request), clock.now()
    parts = parts_to_plan_in(viewer, place.school_id)
    if not parts:
        raise PermissionDenied("Your role at this school cannot plan tasks. Ask the head teacher.")
    pupil = _pupil_asked_for(place, request.GET.get("pupil", ""))
    data = request.POST if request.method == "POST" else None
    form = PlanForm(
        data, initial={"due_at": _next_morning(at)}, **_receivers(place.school_id, parts, timezone.localtime(at).date())
    )
    if data is not None and form.is_valid():
        try:
            plan_task(
                by=viewer, at=at, school_id=place.school_id, title=form.cleaned_data["title"],
                due_at=form.cleaned_data["due_at"], pupil_ids=[pupil.id] if pupil else [], to_id=form.person(),
                to_role=form.role(),
            )  # fmt: skip
        except (PermissionDenied, ActionRejected) as refused:
            form.add_error("to", str(refused))
        except FieldProblems as problem:
            for key, sentences in problem.problems.items():
                form.add_error(key, sentences)
        else:
            messages.success(request, "Planned.")
            return redirect("tasks:my_day")
    return render(
        request, "tasks/plan.html",
        {"place": place, "pupil": pupil, "form": form, "back_link": {"url": reverse("tasks:my_day"), "text": "My day"}},
        status=422 if data is not None else 200,
    )  # fmt: skip


def _pupil_asked_for(place: SchoolAccess, ref: str) -> Any:
    if not ref:
        return None
    try:
        pupil = pupil_by_ref(school_id=place.school_id, ref=uuid.UUID(ref))
    except ValueError:
        pupil = None
    if pupil is None:
        raise Http404
    return pupil


def _receivers(school_id: int, parts: list[RecordCategory], on: date) -> dict[str, Any]:
    """Colleagues and roles that work in any of these record categories of a school."""
    roles = list(dict.fromkeys(role for part in parts for role in receivers(part)))
    people = [(user.id, user.name) for user in colleagues(school_id=school_id, on=on, roles=tuple(roles))]
    return {"people": people, "roles": roles}


def _next_morning(at: datetime) -> datetime:
    """09:00 on the next day that is not at the weekend."""
    on = timezone.localtime(at).date() + timedelta(days=1)
    on += timedelta(days=max(0, 7 - on.weekday()) if on.weekday() > 4 else 0)
    return timezone.make_aware(datetime.combine(on, time(9)))


def step(request: HttpRequest, ref: uuid.UUID, verb: str) -> HttpResponse:
    """One step of a task: take it, finish it, defer it, hand it over."""
    viewer, at = viewer_of(request), clock.now()
    task = task_by_ref(ref=ref)
    line = next((one for one in my_tasks(viewer) if one.ref == ref), None)
    if task is None or (line is None and task.done_at is None) or verb not in SAID:
        raise Http404
    if line is None:
        messages.info(request, f"This task is done already: {task.done_by_name} finished it.")
        return redirect("tasks:my_day")
    data = request.POST if request.method == "POST" else None
    form = _form(verb, data, task, at)
    if data is not None and form.is_valid():
        try:
            _DO[verb](viewer, at, task, form)
        except (PermissionDenied, ActionRejected) as refused:
            messages.error(request, str(refused))
            return redirect("tasks:my_day")
        except FieldProblems as problem:
            for sentences in problem.problems.values():
                form.add_error(None, sentences)
        else:
            messages.success(request, SAID[verb])
            return redirect("tasks:my_day")
    return render(
        request, "tasks/task_step.html",
        {"task": line, "form": form, "verb": verb, "steps": steps_of(task_ids=[task.id]),
         "back_link": {"url": reverse("tasks:my_day"), "text": "My day"}},
        status=422 if data is not None else 200,
    )  # fmt: skip


def _form(verb: str, data: Any, task: Any, at: datetime) -> Any:
    start = {"version": task.version}
    if verb == "finish":
        return FinishForm(data, initial=start)
    if verb == "defer":
        return DeferForm(data, initial={**start, "due_at": at + timedelta(days=1)})
    if verb == "hand-over":
        return HandOverForm(
            data,
            initial=start,
            **_receivers(task.school_id, [RecordCategory(task.record_category)], timezone.localtime(at).date()),
        )
    return StepForm(data, initial=start)


_DO: dict[str, Callable[..., None]] = {
    "take": lambda by, at, task, form: take_task(by=by, at=at, task=task, version=form.cleaned_data["version"]),
    "finish": lambda by, at, task, form: finish_task(by=by, at=at, task=task, **form.cleaned_data),
    "defer": lambda by, at, task, form: defer_task(by=by, at=at, task=task, **form.cleaned_data),
    "hand-over": lambda by, at, task, form: hand_over_task(
        by=by, at=at, task=task, version=form.cleaned_data["version"], reason=form.cleaned_data["reason"],
        to_id=form.person(), to_role=form.role(),
    ),
}  # fmt: skip
