"""Registers of a day: their status, one class on a day or over a week, the whole school."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from haven.attendance.registers.actions.registers import Saved, save_register
from haven.attendance.registers.calendars import calendar_for, week_of
from haven.attendance.registers.code_picker import code_groups, first_letters, two_letters
from haven.attendance.registers.forms.registers import RegisterForm
from haven.attendance.registers.page import around, asked_day, frame, listed, place_with_registers
from haven.attendance.registers.permissions import may_change_on_page, may_propose_correction, may_take_register
from haven.attendance.registers.queries.days import (
    ClassDay,
    begun_halves,
    classes_of_day,
    day_keys,
    group_of,
    missing_registers,
)
from haven.attendance.registers.queries.marks import last_writer
from haven.attendance.registers.queries.rows import RegisterRow, register_rows
from haven.core.schools.queries import register_state
from haven.platform import clock
from haven.platform.accounts.context import AccessContext, SchoolAccess
from haven.platform.accounts.lookup import viewer_of
from haven.platform.errors import ActionRejected, check
from haven.platform.ui.tables import Column
from haven.rules.decision import Decision, refuse
from haven.rules.sessions import Half, academic_year_of, session_of

PAGE = 60
STATES = {
    "taken": "Taken",
    "partly": "Partly taken",
    "missing": "Missing",
    "later": "Not started",
    "nobody": "No pupils on roll",
    "elsewhere": "No pupils expected",
}
COLOURS = {"taken": "green", "partly": "amber", "missing": "red"}
CLASS_COLUMNS = [
    Column("group", "Class", value=lambda row: row.day.group),
    Column("tutor", "Tutor", value=lambda row: row.day.tutor),
    Column("half", "Session", value=lambda row: row.day.half.value),
    Column("words", "Register"),
    Column("on_roll", "On roll", numeric=True, value=lambda row: row.day.on_roll),
    Column("marked", "Marked", numeric=True, value=lambda row: row.day.marked),
    Column("taken_by", "Taken by", value=lambda row: row.day.taken_by),
    Column("taken_at", "Taken at", value=lambda row: row.day.taken_at),
]


@dataclass(frozen=True)
class SessionLine:
    """The register of one class in one session, for the page; a session that has not begun is not missing yet."""

    day: ClassDay
    state: str

    @property
    def words(self) -> str:
        return STATES[self.state]

    @property
    def colour(self) -> str:
        return COLOURS.get(self.state, "grey")


def registers(request: HttpRequest, urn: int) -> HttpResponseBase:
    """The registers of the day: which are in, and who is responsible for the others."""
    place, on = place_with_registers(request, urn), asked_day(request)
    begun = begun_halves(place.school_id, on, clock.now())
    lines = [
        SessionLine(class_day, "later" if class_day.is_missing and class_day.half not in begun else class_day.state)
        for class_day in classes_of_day(school_id=place.school_id, on=on)
    ]
    answer, table = listed(
        request, place, caption="Registers", columns=CLASS_COLUMNS, rows=lines, name=f"registers-{on.isoformat()}"
    )
    if answer:
        return answer
    classes: dict[int | None, list[SessionLine]] = {}
    for line in lines:
        classes.setdefault(line.day.group_id, []).append(line)
    context = frame(
        place, "", on=on, table=table, is_shut=not day_keys(place.school_id, on), counts=_counts(lines),
        classes=list(classes.values()), **around(place.school_id, on),
    )  # fmt: skip
    return render(request, "registers/registers.html", context)


def _counts(lines: Sequence[SessionLine]) -> list[dict[str, Any]]:
    counts = []
    for half in Half:
        here = [line for line in lines if line.day.half is half]
        if here and all(line.state == "later" for line in here):
            continue
        for state in ("taken", "partly", "missing"):
            number = sum(line.state == state for line in here)
            if here and (number or state == "taken"):
                colour = {"colour": "red"} if state == "missing" else {}
                counts.append({"number": number, "label": f"{half.value} {STATES[state].lower()}", **colour})
    return counts


def missing(request: HttpRequest, urn: int) -> HttpResponseBase:
    """Registers of sessions that have begun and are not taken, and who is responsible for them."""
    place, on = place_with_registers(request, urn), asked_day(request)
    rows = missing_registers(school_id=place.school_id, on=on, at=clock.now())
    columns = [
        Column("group", "Class", sortable=True, link=lambda row: _class_url(place, row.group_id, on)),
        Column("half", "Session", value=lambda row: row.half.value),
        Column("owed", "Pupils without a mark", numeric=True),
        Column("tutor", "Tutor", value=lambda row: row.tutor or "No tutor", sortable=True),
    ]
    answer, table = listed(
        request, place, caption="Missing registers by tutor", columns=columns, rows=rows, name=f"missing-registers-{on.isoformat()}",
        nothing="Every register whose session has started is taken.",
    )  # fmt: skip
    context = frame(place, "Missing registers", on=on, table=table, **around(place.school_id, on))
    return answer or render(request, "registers/missing.html", context)


def _class_url(place: SchoolAccess, group_id: int, on: date) -> str:
    return f"{reverse('registers:class_day', args=[place.urn, group_id])}?on={on.isoformat()}"


def class_day(request: HttpRequest, urn: int, group_id: int) -> HttpResponse:
    """The register of one class on a day."""
    place, on = place_with_registers(request, urn), asked_day(request)
    group = _group(place, group_id, on)
    keys = day_keys(place.school_id, on)
    rows = _rows(place, on, keys, group_id)
    if keys and not rows:
        raise Http404
    context = frame(place, group.name, group=group, on=on, week=False, **around(place.school_id, on))
    return _register(request, place, rows, keys, context)


def class_week(request: HttpRequest, urn: int, group_id: int) -> HttpResponse:
    """The register of one class over the school week of a day."""
    place, on = place_with_registers(request, urn), asked_day(request)
    group = _group(place, group_id, on)
    keys = [session.key for session in week_of(calendar_for(place.school_id, academic_year_of(on)), on)]
    rows = _rows(place, on, keys, group_id)
    if keys and not rows:
        raise Http404
    near = around(place.school_id, on)
    if keys:
        first, last = session_of(keys[0]).on, session_of(keys[-1]).on
        near = {
            "day_before": around(place.school_id, first)["day_before"],
            "day_after": around(place.school_id, last)["day_after"],
        }
    return _register(request, place, rows, keys, frame(place, group.name, group=group, on=on, week=True, **near))


def school_day(request: HttpRequest, urn: int) -> HttpResponseBase:
    """The whole school on a day: pupils without a mark, absent pupils, or all pupils, in pages."""
    place, on = place_with_registers(request, urn), asked_day(request)
    keys = day_keys(place.school_id, on)
    show = request.GET.get("show", "everyone")
    rows = [row for row in _rows(place, on, keys, None) if SHOWN.get(show, SHOWN["everyone"])(row)]
    columns = [
        Column("surname", "Surname"), Column("forename", "Forename"), Column("group", "Class"),
        *(Column(str(key), session_of(key).half.value, value=_mark_at(key)) for key in keys),
    ]  # fmt: skip
    answer, table = listed(
        request, place, caption="Whole school", columns=columns, rows=rows, name=f"school-{on.isoformat()}"
    )
    if answer:
        return answer
    page = Paginator(rows, PAGE).get_page(request.GET.get("page", 1))
    context = frame(
        place, "Whole school", group=None, on=on, week=False, page=page, show=show, may_export=table.exports,
        **around(place.school_id, on),
    )  # fmt: skip
    return _register(request, place, list(page.object_list), keys, context)


SHOWN: dict[str, Callable[[RegisterRow], bool]] = {
    "everyone": lambda row: True,
    "unmarked": lambda row: not all(row.marks.values()),
    "away": lambda row: any(mark not in ("", "/", "\\") for mark in row.marks.values()),
}


def _mark_at(key: int) -> Callable[[RegisterRow], str | None]:
    return lambda row: row.marks.get(key)


def _group(place: SchoolAccess, group_id: int, on: date) -> Any:
    group = group_of(school_id=place.school_id, year=academic_year_of(on), group_id=group_id)
    if group is None:
        raise Http404
    return group


def _rows(place: SchoolAccess, on: date, keys: Sequence[int], group_id: int | None) -> list[RegisterRow]:
    return register_rows(school_id=place.school_id, year=academic_year_of(on), keys=keys, group_id=group_id)


def _register(
    request: HttpRequest, place: SchoolAccess, rows: list[RegisterRow], keys: list[int], context: dict[str, Any]
) -> HttpResponse:
    """Show a register, or save it and show it again. Changes by other users are shown and never overwritten."""
    viewer, at = viewer_of(request), clock.now()
    post = request.POST if request.method == "POST" else None
    form = _form(viewer, place, rows, keys, post)
    status, refusal = 200, ""
    if post is not None and not post.get("fill"):
        check(may_take_register(viewer, place.school_id))
        if form.is_valid():
            try:
                saved = save_register(
                    by=viewer, at=at, school_id=place.school_id, year=academic_year_of(context["on"]),
                    cells=form.entered(), reason=form.reason,
                )  # fmt: skip
            except ActionRejected as problem:
                refusal = str(problem)
            else:
                if not saved.clashes:
                    _say(request, saved)
                    return redirect(request.get_full_path())
                now = {
                    (row.enrolment_id, key): mark
                    for row in _rows(place, context["on"], keys, None)
                    for key, mark in row.marks.items()
                }
                form.show_clashes(saved.clashes, now, _writers(place, saved))
        status = 422
    _add_histories(place, form)
    errors = form.errors + ([{"text": refusal, "target": ""}] if refusal else [])
    sessions = [session_of(key) for key in keys]
    context |= {
        "days": Counter(session.on for session in sessions).items(), "form": form, "lines": errors, "codes": first_letters(context["on"]), "pairs": two_letters(context["on"]),
        "groups": code_groups(context["on"]), "may_choose": may_propose_correction(viewer, place.school_id), "sessions": sessions, "is_shut": not keys,
    }  # fmt: skip
    return render(request, "registers/register.html", context, status=status)


def _add_histories(place: SchoolAccess, form: RegisterForm) -> None:
    """Add the address of each mark's history."""
    for line in form.lines:
        for cell in line.cells:
            if cell is not None and cell.seen:
                cell.history = reverse("registers:mark", args=[place.urn, line.row.enrolment_ref, cell.on, cell.half])


def _writers(place: SchoolAccess, saved: Saved) -> dict[tuple[int, int], str]:
    return {
        (clash.enrolment_id, clash.key): last_writer(
            school_id=place.school_id, enrolment_id=clash.enrolment_id, key=clash.key
        )
        for clash in saved.clashes
    }


def _form(
    viewer: AccessContext, place: SchoolAccess, rows: list[RegisterRow], keys: list[int], post: Any
) -> RegisterForm:
    at, today = clock.now(), clock.today()
    state = register_state(place.school_id, at)
    begun = begun_halves(place.school_id, today, at)

    def may_enter(key: int) -> Decision:
        if session_of(key).on > today:
            return refuse("This date is in the future. Enter a planned absence instead.")
        return may_take_register(viewer, place.school_id)

    def may_change(key: int) -> Decision:
        session = session_of(key)
        is_open = session.on == today and (state.half is not session.half or not state.is_register_closed)
        is_open = is_open and not (session.half is Half.AM and state.half is Half.PM)
        return may_change_on_page(viewer, place.school_id, register_is_open=is_open)

    def prefills(key: int) -> bool:
        session = session_of(key)
        return session.on < today or (session.on == today and session.half in begun)

    return RegisterForm(rows=rows, keys=keys, may_enter=may_enter, may_change=may_change, prefills=prefills, post=post)


def _say(request: HttpRequest, saved: Saved) -> None:
    counts = saved.counts
    parts = [f"{counts.taken} entered"] if counts.taken else []
    parts += [f"{counts.amended} changed"] if counts.amended else []
    messages.success(request, f"Saved: {' and '.join(parts)}." if parts else "Saved. No marks changed.")
