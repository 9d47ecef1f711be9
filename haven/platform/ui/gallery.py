"""Invented content for the gallery of components, to look at and to test. No real person or school."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest

from haven.platform.ui.forms import DayField
from haven.platform.ui.pictures import Cell, Share, Week
from haven.platform.ui.tables import Column, Sorting, Table

MORNING = dt.datetime(2026, 1, 14, 9, 12)
_FIRST, _LAST = dt.date(2025, 9, 1), dt.date(2026, 7, 17)
_HOLIDAYS = (
    (dt.date(2025, 10, 27), dt.date(2025, 10, 31)),
    (dt.date(2025, 12, 22), dt.date(2026, 1, 2)),
    (dt.date(2026, 2, 16), dt.date(2026, 2, 20)),
    (dt.date(2026, 3, 30), dt.date(2026, 4, 10)),
    (dt.date(2026, 5, 25), dt.date(2026, 5, 29)),
)
_MARKS = (
    ("L", "late", "late, before the register closed"),
    ("O", "unauthorised", "unauthorised absence"),
    ("I", "authorised", "ill"),
    ("M", "authorised", "medical appointment"),
    ("N", "unexplained", "unexplained absence"),
    ("B", "elsewhere", "educated off site"),
)

COLUMNS = (
    Column("name", "Name", sortable=True, link=lambda row: f"#{row['place']}"),
    Column("form", "Form", sortable=True),
    Column("missed", "Sessions missed", numeric=True, sortable=True),
    Column("last_on", "Last present"),
)


class GalleryForm(forms.Form):
    seen = forms.CharField(label="What you saw or heard", help_text="In order, in plain words", widget=forms.Textarea)
    seen_on = DayField(label="When it was")
    title = forms.CharField(label="A short title", required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("", "Choose one"), ("call", "Phone call"), ("visit", "Visit")])
    safe = forms.ChoiceField(
        label="Is the child safe now?",
        widget=forms.RadioSelect,
        choices=[("yes", "Yes"), ("no", "No"), ("unsure", "I am not sure")],
    )
    informed = forms.MultipleChoiceField(
        label="Who you told",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        choices=[("lead", "The lead"), ("head", "The head teacher")],
    )
    picture = forms.FileField(label="A photograph", required=False)
    sure = forms.BooleanField(label="I have checked this form")


def _cell(on: dt.date, half: str) -> Cell | None:
    if any(start <= on <= end for start, end in _HOLIDAYS):
        return None
    if on > MORNING.date() or (on == MORNING.date() and half == "PM"):
        return Cell(on, half, "", "future")
    turn = (on.toordinal() * 7 + (3 if half == "PM" else 0) + on.weekday() * 5) % 41
    if on >= dt.date(2026, 1, 13):
        return Cell(on, half, *_MARKS[4])
    if turn < len(_MARKS) and turn != 4:
        return Cell(on, half, *_MARKS[turn])
    return Cell(on, half, "/" if half == "AM" else "\\", "present")


def year() -> list[Cell]:
    days = [_FIRST + dt.timedelta(days=day) for day in range((_LAST - _FIRST).days + 1)]
    cells = (_cell(on, half) for on in days if on.weekday() < 5 for half in ("AM", "PM"))
    return [cell for cell in cells if cell is not None]


def weeks() -> list[Week]:
    mondays = [_FIRST + dt.timedelta(weeks=week) for week in range(20)]
    return [
        Week(
            monday,
            0 if place * 7 % 90 >= 80 else 180 + place * place % 97,
            0 if any(start <= monday <= end for start, end in _HOLIDAYS) else 3120,
        )
        for place, monday in enumerate(mondays)
    ]


def shares() -> list[Share]:
    missed = ((31, 34), (18, 19), (14, 16), (21, 27), (44, 61))
    return [
        Share(day, half, None if (day, half) == (2, "PM") else missed[day][side], 312)
        for day in range(5)
        for side, half in enumerate(("AM", "PM"))
    ]


def pieces(request: HttpRequest) -> dict[str, Any]:
    """The context of `ui/gallery.html`, with the query's options (`?sort=`, `?page=`, `?wrong=1`)."""
    people = [
        {
            "name": f"Pupil {place:03}",
            "form": f"{7 + place % 5} Heron",
            "missed": place * 7 % 90,
            "last_on": dt.date(2026, 1, 1 + place % 13),
            "place": place,
        }
        for place in range(1, 121)
    ]
    order = Sorting.asked(request.GET.get("sort", ""), COLUMNS, "name")
    people.sort(key=lambda row: str(row[order.key]).zfill(20), reverse=order.descending)
    page = Paginator(people, 10).get_page(request.GET.get("page", 1))
    wrong = GalleryForm({"seen_on": "31 June", "kind": "letter"}) if request.GET.get("wrong") else GalleryForm()
    return {
        "morning": MORNING,
        "counts": [
            {"number": 312, "label": "on roll"},
            {"number": 278, "label": "here"},
            {"number": 9, "label": "educated off site"},
            {"number": 17, "label": "absent with a reason"},
            {"number": 8, "label": "not accounted for", "colour": "red", "url": "#cards"},
        ],
        "rows": [
            {"key": "Preferred name", "value": "Pupil"},
            {"key": "Language", "value": "Bengali and English", "action_url": "#", "action": "Change"},
        ],
        "page": page,
        "table": Table(
            "Most sessions missed", COLUMNS, list(page.object_list), total=len(people), sorted_by=str(order)
        ),
        "bare": Table(
            "Nobody is missing", COLUMNS, [], nothing="Every register is in, and every pupil is accounted for."
        ),
        "form": wrong,
        "codes": [("Pupil 001", "/"), ("Pupil 002", "N"), ("Pupil 003", "L")],
        "year": year(),
        "weeks": weeks(),
        "shares": shares(),
    }
