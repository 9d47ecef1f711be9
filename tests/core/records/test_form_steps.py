"""A form that asks on several pages, from a definition file alone: its pages, its answers, and what a definition may not say."""

import datetime as dt
from pathlib import Path

import pytest

from haven.core.records.form_definitions import FormDefinition
from haven.core.records.form_steps import answer_rows, gather, step_form
from haven.core.records.forms_engine import FieldProblems, checked_fields
from haven.platform.definitions import DefinitionError
from tests.support.definitions import one_from

AT = dt.datetime(2026, 1, 14, 9, 12, tzinfo=dt.UTC)
BRUISE = """
kind = "form"
id = "accident"
version = 1
title = "Accident"
record_category = "pastoral"
valid_from = 2024-09-01
source = "Made for this test"

[[fields]]
key = "place"
label = "Where did it happen?"
type = "text"
required = true

[[fields]]
key = "treated"
label = "Was first aid given?"
type = "choice"
choices = [["yes", "Yes, at school"], ["no", "No"]]
required = true

[[fields]]
key = "by_whom"
label = "Who gave it?"
type = "person"
needed_when = { treated = ["yes"] }
needed_words = "Say who gave first aid."

[[steps]]
id = "where"
title = "Where and when"
when = "When did it happen?"
fields = ["place"]

[[steps]]
id = "aid"
title = "First aid"
fields = ["treated", "by_whom"]
"""


def definition_in(folder: Path, text: str = BRUISE) -> FormDefinition:
    path = folder / "accident.toml"
    path.write_text(text)
    return one_from(path, FormDefinition)


def test_a_form_with_steps_is_filled_page_by_page(tmp_path: Path) -> None:
    form = definition_in(tmp_path)
    where, aid = form.steps
    shown = step_form(where, form, AT)
    assert list(shown.fields) == ["happened_at", "place"] and shown.only_question is None
    assert shown["happened_at"].initial == AT and shown["happened_at"].label == "When did it happen?"
    assert [field.label for field in step_form(aid, form, AT)] == ["Was first aid given?", "Who gave it?"]

    words = {"where": {"happened_at": "14 January 2026, 08:50", "place": "Playground"}, "aid": {"treated": "yes"}}
    half = gather(words, form, AT)
    assert half.missing == aid and half.fields == {"place": "Playground"}
    words["aid"]["by_whom"] = "Mrs Bell"
    whole = gather(words, form, AT)
    assert whole.missing is None and whole.happened_at == dt.datetime(2026, 1, 14, 8, 50, tzinfo=dt.UTC)
    assert checked_fields(form, whole.fields) == {"place": "Playground", "treated": "yes", "by_whom": "Mrs Bell"}
    assert [(step.title, text, at) for step, text, at in answer_rows(form, whole)] == [
        ("Where and when", "Playground", whole.happened_at),
        ("First aid", "Yes, at school\nMrs Bell", None),
    ]


def test_nothing_typed_yet_is_missing_at_the_first_page(tmp_path: Path) -> None:
    form = definition_in(tmp_path)
    nothing = gather({}, form, AT)
    assert (nothing.missing, nothing.fields, nothing.happened_at) == (form.steps[0], {}, None)


def test_an_event_to_come_is_refused(tmp_path: Path) -> None:
    form = definition_in(tmp_path)
    asked = step_form(form.steps[0], form, AT, {"happened_at": "14 January 2026, 09:20", "place": "Playground"})
    assert asked.errors == {"happened_at": ["The date and time must be in the past."]}


def test_an_answer_that_another_makes_necessary_is_asked_for_on_the_page_and_by_the_engine(tmp_path: Path) -> None:
    form = definition_in(tmp_path)
    asked = step_form(form.steps[1], form, AT, {"treated": "yes"})
    assert asked.errors == {"by_whom": ["Say who gave first aid."]}
    assert step_form(form.steps[1], form, AT, {"treated": "no"}).is_valid()
    with pytest.raises(FieldProblems, match="Say who gave first aid"):
        checked_fields(form, {"place": "Hall", "treated": "yes"})


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('fields = ["place"]', 'fields = ["garden"]', "“garden” is not a field of this form."),
        ('fields = ["place"]', 'fields = ["place", "treated"]', "“treated” is on two pages."),
        ('id = "aid"', 'id = "where"', "“where” is there twice."),
        ('fields = ["treated", "by_whom"]', 'fields = ["by_whom"]', "“treated” decides about “by_whom” and is on another page."),
        ('fields = ["place"]', 'fields = ["treated"]', "“treated” is on two pages."),
        ('needed_when = { treated = ["yes"] }', 'needed_when = { place = ["yes"] }', "“place” is not a choice field of this form."),
        ('needed_when = { treated = ["yes"] }', 'needed_when = { treated = ["perhaps"] }', "“perhaps” is not a choice of “treated”."),
        ('needed_words = "Say who gave first aid."\n', "", "belong together"),
        ('[[steps]]\nid = "where"\ntitle = "Where and when"\nwhen = "When did it happen?"\nfields = ["place"]\n', "",
         "“place” is required and on no page."),
    ],
)  # fmt: skip
def test_a_step_that_does_not_fit_stops_the_start(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in BRUISE
    with pytest.raises(DefinitionError) as problem:
        definition_in(tmp_path, BRUISE.replace(old, new, 1))
    assert says in str(problem.value) and "line " in str(problem.value)
