"""The frame of a page is filled in, and each part of it is what an include of its template would give."""

from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.template import Context
from django.template.loader import render_to_string

from haven.platform.ui.forms import HavenRenderer
from haven.platform.ui.templatetags.ui import FRAME, frame_part
from tests.platform.ui.test_pages import PAGE

SCHOOLS = [{"id": 1, "name": '<Ash> & "Elm"'}, {"id": 20, "name": "Oak"}]
REQUEST = SimpleNamespace(path="/s/1/?a=<b>")
FRAMES: list[dict[str, Any]] = [
    {},
    {**PAGE, "request": REQUEST, "csrf_token": "<token>"},
    {**PAGE, "request": REQUEST, "schools_of_viewer": SCHOOLS, "school_of_viewer": SCHOOLS[1], "account_url": "/own"},
    {**PAGE, "request": REQUEST, "schools_of_viewer": SCHOOLS[:1], "school_of_viewer": SCHOOLS[0], "navigation": lambda: PAGE["navigation"]},
    {**PAGE, "request": REQUEST, "schools_of_viewer": SCHOOLS, "school_of_viewer": None, "search_words": "O'Brien \"<x>\"", "search_label": ""},
    {"viewer_name": "Ann", "navigation": [], "sign_in_url": "/in?a=1&b=2", "home_url": "/home/"},
]  # fmt: skip


@pytest.mark.parametrize("part", sorted(FRAME))
@pytest.mark.parametrize("number", range(len(FRAMES)))
def test_a_part_that_is_filled_in_is_the_part_as_drawn(part: str, number: int) -> None:
    for context in (FRAMES[number], *FRAMES, FRAMES[number]):  # whatever was drawn before
        assert frame_part(Context(context), part) == render_to_string(part, context)


def test_a_choice_is_drawn_as_django_draws_it() -> None:
    class Asked(forms.Form):
        plain = forms.ChoiceField(choices=[("", "Any"), ("<a>", "Ann & Bob"), (3, "Three")], required=False)
        grouped = forms.ChoiceField(choices=[("Here", [("1", "One"), ("2", "Two")]), ("There", [("3", "Three")])])
        several = forms.MultipleChoiceField(choices=[("1", "One"), ("2", "Two")])
        perhaps = forms.NullBooleanField()

    sent = {"plain": "<a>", "grouped": "3", "several": ["1", "2"], "perhaps": "true"}
    ours, djangos = Asked(sent, renderer=HavenRenderer()), Asked(sent, renderer=DjangoTemplates())
    for name in ours.fields:
        drawn = str(ours[name].as_widget(attrs={"class": "x"}))
        assert drawn == str(djangos[name].as_widget(attrs={"class": "govuk-select x"}))
