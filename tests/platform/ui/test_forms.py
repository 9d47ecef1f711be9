import datetime as dt
import re

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from haven.platform.ui.forms import DayField, DayInput, HavenRenderer, read_day


class Sample(forms.Form):
    name = forms.CharField(label="Name", help_text="As the family says it")
    seen_on = DayField(label="When it was")
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    kind = forms.ChoiceField(label="Kind", choices=[("a", "Call"), ("b", "Visit")])
    safe = forms.ChoiceField(
        label="Is the child safe now?", widget=forms.RadioSelect, choices=[("y", "Yes"), ("n", "No")]
    )
    told = forms.MultipleChoiceField(
        label="Who", required=False, widget=forms.CheckboxSelectMultiple, choices=[("l", "Lead"), ("h", "Head")]
    )
    sure = forms.BooleanField(label="Read through")


def draw(form: forms.Form, text: str = "{{ form }}") -> str:
    return Template("{% load ui %}" + text).render(Context({"form": form}))


@pytest.mark.parametrize(
    "words, day",
    [
        ("21 November 2026", (2026, 11, 21)),
        ("21 nov 2026", (2026, 11, 21)),
        ("Saturday 21st November 2026", (2026, 11, 21)),
        ("Sat, 21 Nov. 2026", (2026, 11, 21)),
        ("21/11/2026", (2026, 11, 21)),
        ("3/4/26", (2026, 4, 3)),
        ("21.11.2026", (2026, 11, 21)),
        ("2026-11-21", (2026, 11, 21)),
        ("  1   May  2026 ", (2026, 5, 1)),
    ],
)
def test_a_day_is_read_as_people_write_it(words: str, day: tuple[int, int, int]) -> None:
    assert read_day(words) == dt.date(*day)


@pytest.mark.parametrize("words", ["31 June 2026", "21/13/2026", "tomorrow", "", "21 Smarch 2026", "2026", "29/2/2026"])
def test_what_is_no_day_is_not_guessed(words: str) -> None:
    assert read_day(words) is None


@given(st.dates(min_value=dt.date(2000, 1, 1), max_value=dt.date(2099, 12, 31)))
def test_every_day_survives_being_shown_and_read_again(day: dt.date) -> None:
    assert read_day(DayInput().format_value(day) or "") == day
    assert read_day(f"{day:%d/%m/%Y}") == day
    assert read_day(day.isoformat()) == day


def test_a_wrong_day_says_how_to_write_it() -> None:
    form = Sample({"seen_on": "31 June"})
    assert form.errors["seen_on"] == ["Enter a date, like 21 November 2026 or 21/11/2026."]


def test_every_box_has_its_label_hint_and_class() -> None:
    html = draw(Sample())
    assert '<label class="govuk-label" for="id_name">Name</label>' in html
    assert '<div class="govuk-hint" id="id_name_helptext">As the family says it</div>' in html
    assert re.search(r'<input type="text" name="name"[^>]*class="govuk-input"', html)
    assert re.search(r'<textarea name="note"[^>]*class="govuk-textarea"', html)
    assert re.search(r'<select name="kind"[^>]*class="govuk-select"', html)
    assert 'aria-describedby="id_name_helptext"' in html


def test_choices_to_tick_stand_in_a_fieldset_with_their_question_as_legend() -> None:
    html = draw(Sample())
    assert re.search(r"<legend[^>]*>Is the child safe now\?</legend>", html)
    assert html.count('class="govuk-radios__input"') == 2
    assert '<label class="govuk-label govuk-checkboxes__label" for="id_told_0">Lead</label>' in html


def test_optional_fields_say_so_and_others_do_not() -> None:
    html = draw(Sample())
    assert "Note (optional)" in html and "Name (optional)" not in html


def test_errors_stand_in_a_summary_that_leads_to_each_field_and_beside_the_field() -> None:
    html = draw(Sample({"name": "", "kind": "z"}))
    for target in re.findall(r'href="#([^"]+)"', html):
        assert f'id="{target}"' in html, f"the summary leads to {target}, which is nowhere"
    assert '<a href="#id_name">Name: Fill this in.</a>' in html
    assert '<a href="#id_safe_0">Is the child safe now? Choose an option.</a>' in html
    assert '<p class="govuk-error-message" id="id_name_error">' in html
    assert "govuk-input--error" in html and "govuk-form-group--error" in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html


def test_a_summary_shown_above_the_heading_is_not_shown_twice() -> None:
    form = Sample({})
    assert draw(form, "{% error_summary form %}<h1></h1>{{ form }}").count('class="govuk-error-summary"') == 1


def test_an_untouched_form_has_no_summary() -> None:
    assert "govuk-error-summary" not in draw(Sample())


def test_one_question_a_page_has_its_label_as_the_heading() -> None:
    html = draw(Sample(), '{% field form.name "l" heading=True %}')
    assert (
        '<h1 class="govuk-label-wrapper"><label class="govuk-label govuk-label--l" for="id_name">Name</label></h1>'
        in html
    )
    html = draw(Sample(), '{% field form.safe "l" heading=True %}')
    assert '<h1 class="govuk-fieldset__heading">Is the child safe now?</h1>' in html


def test_what_was_typed_comes_back_escaped() -> None:
    html = draw(Sample({"name": "O'Brien-Ñandú <script>"}))
    assert "O&#x27;Brien-Ñandú &lt;script&gt;" in html and "<script>" not in html


def test_a_class_of_its_own_is_kept_beside_the_house_style() -> None:
    class Narrow(forms.Form):
        code = forms.CharField(widget=forms.TextInput(attrs={"class": "govuk-input--width-2"}))

    assert 'class="govuk-input govuk-input--width-2"' in draw(Narrow())


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
