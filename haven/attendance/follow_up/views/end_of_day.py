"""The vulnerable pupils list, the end of the day, and the word to the next person on duty."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from haven.attendance.follow_up import permissions as may
from haven.attendance.follow_up.actions.end_of_day import (
    read_hand_over,
    reopen_day,
    sign_left_lines,
    sign_off_day,
    write_hand_over,
)
from haven.attendance.follow_up.actions.pupils import say_accounted
from haven.attendance.follow_up.day import FollowUpDay, VulnerablePupil
from haven.attendance.follow_up.forms import NoteForm, ReopenForm, SignOffForm
from haven.attendance.follow_up.items import SeenVersion, clock_of
from haven.attendance.follow_up.jobs import after_signing
from haven.attendance.follow_up.page import asked_of, count_items, next_school_day, today_url
from haven.attendance.follow_up.queries.day import day_of, open_items
from haven.attendance.follow_up.queries.end_of_day import ending_of, left_of, note_by_ref, notes_of, sign_offs_of
from haven.attendance.follow_up.views.today import day_place_or_404
from haven.platform import clock
from haven.platform.accounts.context import AccessContext, SchoolAccess
from haven.platform.accounts.lookup import viewer_of
from haven.platform.dates import HALF_WORDS
from haven.platform.errors import ActionRejected, check
from haven.platform.ui.tables import Column, export
from haven.rules.sessions import Half

NOTES_SHOWN = 30


def _day(request: HttpRequest, place: SchoolAccess) -> FollowUpDay:
    asked = asked_of(request.GET, clock.today())
    return day_of(viewer=viewer_of(request), school_id=place.school_id, on=asked.on, at=clock.now(), half=asked.half)


def _half_words(pupil: VulnerablePupil, half: Half) -> str:
    state = pupil.in_half(half)
    if state is None:
        return ""
    who = f", {state.by} {clock_of(state.at)}" if state.at else ""
    words = f": {state.words}" if state.words else ""
    return f"{state.code or 'no mark'}, {state.status.lower()}{who}{words}"


COLUMNS = [
    Column("name", "Pupil", value=lambda listed: listed.pupil.name),
    Column("form", "Form", value=lambda listed: listed.pupil.form),
    Column("instruction", "What to do if missing", value=lambda pupil: pupil.instruction),
    Column("am", "Morning", value=lambda pupil: _half_words(pupil, Half.AM)),
    Column("pm", "Afternoon", value=lambda pupil: _half_words(pupil, Half.PM)),
]


@require_GET
def vulnerable(request: HttpRequest, urn: int) -> HttpResponse:
    """Is every pupil of the vulnerable pupils list accounted for, morning and afternoon, and who says so?"""
    place = day_place_or_404(request, urn)
    day, viewer = _day(request, place), viewer_of(request)
    wanted = request.GET.get("format", "")
    if wanted:
        check(may.may_see_whole_list(viewer, place.school_id))
        if answer := export(day.listed, COLUMNS, form=wanted, name=f"vulnerable-{day.on.isoformat()}"):
            return answer  # type: ignore[return-value]
    return render(
        request, "follow_up/vulnerable.html",
        {"place": place, "urn": urn, "day": day, "statuses": day.listed_statuses(), "at": day.at, "printed_at": day.at,
         "half_words": HALF_WORDS[day.half.value] if day.half else "",
         "may_account": bool(may.may_account_for(viewer, place.school_id)) and day.on == clock.today(),
         "may_export": bool(may.may_see_whole_list(viewer, place.school_id)),
         "back_link": {"url": today_url(place), "text": "Today"}},
    )  # fmt: skip


@require_POST
def tick(request: HttpRequest, urn: int, ref: UUID) -> HttpResponse:
    """Tick a pupil of the vulnerable pupils list for one session: seen, confirmed, or not where the register says."""
    place, viewer, at = day_place_or_404(request, urn), viewer_of(request), clock.now()
    day = day_of(viewer=viewer, school_id=place.school_id, on=clock.today(), at=at)
    listed = next((listed for listed in day.listed if listed.pupil.ref == ref), None)
    half = {"AM": Half.AM, "PM": Half.PM}.get(request.POST.get("half", ""))
    if listed is None or half is None:
        raise Http404
    try:
        say_accounted(
            by=viewer, at=at, school_id=place.school_id, on=day.on, pupil_id=listed.pupil.pupil_id, half=half,
            is_accounted=request.POST.get("found") != "no", words=request.POST.get("words", "")[:4000],
            seen=SeenVersion.read(request.POST.get("seen", "")),
        )  # fmt: skip
    except ActionRejected as problem:
        messages.warning(request, f"{listed.pupil.name}: nothing was recorded. {problem}")
    return redirect(f"{request.path.rsplit('/', 2)[0]}/#listed-{ref}")


def end_day(request: HttpRequest, urn: int) -> HttpResponse:
    """Sign off the day by name, with an explanation of each open item."""
    place, viewer, at = day_place_or_404(request, urn), viewer_of(request), clock.now()
    day = _day(request, place)
    check(may.may_end_day(viewer, place.school_id, None))
    ending = ending_of(school_id=place.school_id, on=day.on) if day.is_open else None
    items = left_of(open_items(day), ending)
    form = SignOffForm(request.POST if request.method == "POST" else None, items=items)
    problem = ""
    if request.method == "POST" and form.is_valid():
        try:
            sign = sign_left_lines if ending else sign_off_day
            sign(by=viewer, at=at, school_id=place.school_id, on=day.on, explanations=form.explanations())
        except (PermissionDenied, ActionRejected) as refused:
            problem = str(refused)
        else:
            after_signing.defer(school_id=place.school_id, on=day.on.isoformat())
            messages.success(request, f"The day is signed off by {viewer.name} at {clock_of(at)}.")
            return redirect(f"{request.path}?on={day.on.isoformat()}")
    return render(
        request, "follow_up/end.html",
        {"place": place, "urn": urn, "day": day, "items": [(item, form[item.key]) for item in items], "form": form,
         "counts": count_items(day, urn), "problem": problem, "ending": ending, "history": sign_offs_of(school_id=place.school_id, on=day.on),
         "reopen": ReopenForm(), "back_link": {"url": today_url(place), "text": "Today"}},
        status=422 if form.is_bound else 200,
    )  # fmt: skip


@require_POST
def reopen(request: HttpRequest, urn: int) -> HttpResponse:
    """Open a signed-off day again, with a reason."""
    place, viewer = day_place_or_404(request, urn), viewer_of(request)
    asked = asked_of(request.GET, clock.today())
    try:
        reopen_day(
            by=viewer,
            at=clock.now(),
            school_id=place.school_id,
            on=asked.on,
            reason=request.POST.get("reason", "")[:4000],
        )
        messages.success(request, "The day is reopened.")
    except ActionRejected as problem:
        messages.error(request, str(problem))
    return redirect(f"{today_url(place)}end/?on={asked.on.isoformat()}")


def hand_over(request: HttpRequest, urn: int) -> HttpResponse:
    """Handover notes: those for the user, and a form for a new one."""
    place, viewer = day_place_or_404(request, urn), viewer_of(request)
    check(may.may_hand_over(viewer, place.school_id))
    start = {"for_on": next_school_day(place.school_id, clock.today())}
    form = NoteForm(request.POST if request.method == "POST" else None, initial=start)
    if request.method == "POST" and form.is_valid():
        write_hand_over(
            by=viewer, at=clock.now(), school_id=place.school_id, for_on=form.cleaned_data["for_on"],
            words=form.cleaned_data["words"],
        )  # fmt: skip
        messages.success(request, "Note saved. It appears on Today for the person on duty.")
        return redirect("follow_up:hand_over", urn=urn)
    return render(
        request, "follow_up/hand_over.html",
        {"place": place, "urn": urn, "form": form, "notes": _notes(viewer, place),
         "back_link": {"url": today_url(place), "text": "Today"}},
        status=422 if form.is_bound else 200,
    )  # fmt: skip


def _notes(viewer: AccessContext, place: SchoolAccess) -> list[dict[str, Any]]:
    return [
        {"note": note, "readers": readers, "is_mine": note.author_id == viewer.user_id,
         "is_read": any(read.author_id == viewer.user_id for read in readers)}
        for note, readers in notes_of(school_id=place.school_id, limit=NOTES_SHOWN)
    ]  # fmt: skip


@require_POST
def read_note(request: HttpRequest, urn: int, ref: UUID) -> HttpResponse:
    """Mark a note as read."""
    place, viewer = day_place_or_404(request, urn), viewer_of(request)
    if note_by_ref(ref=ref, school_id=place.school_id) is None:
        raise Http404
    read_hand_over(by=viewer, at=clock.now(), note_ref=ref, school_id=place.school_id)
    return redirect("follow_up:hand_over", urn=urn)
