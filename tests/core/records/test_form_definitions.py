"""Definition files of the file's forms: a mistake stops the start with file and key; valid answers are stored as JSON and read back."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from haven.core.records.form_definitions import FormDefinition, form_in_force
from haven.core.records.forms_engine import FieldProblems, MomentField, answers, checked_fields
from haven.platform.definitions import DefinitionError
from haven.rules.contact_ladder import OUTCOMES
from tests.support.definitions import loaded_from, one_from

GOOD = """
kind = "form"
id = "visit"
version = 1
title = "Visit"
record_category = "pastoral"
valid_from = 2024-09-01
source = "The house's own"

[[fields]]
key = "seen"
label = "Was the child seen?"
type = "choice"
choices = [["yes", "Seen"], ["no", "Not seen"]]
required = true

[[fields]]
key = "alone"
label = "Alone?"
type = "yes_no"

[[fields]]
key = "on"
label = "Day"
type = "date"

[[fields]]
key = "clock"
label = "Time"
type = "time"

[[fields]]
key = "next_at"
label = "Next"
type = "datetime"

[[fields]]
key = "minutes"
label = "Minutes"
type = "number"

[[fields]]
key = "words"
label = "The child's own words"
type = "own_words"

[due]
by = "seen"
minutes = { yes = 60, no = 5 }
"""


def written(folder: Path, text: str, name: str = "visit.toml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('title = "Visit"', 'title = "Visit', "line 5: this is not valid TOML"),
        ('title = "Visit"\n', "", "line 1, title is missing."),
        ('title = "Visit"', 'title = ""', "line 5, title must not be empty."),
        ('title = "Visit"', "title = 5", "line 5, title must be text, but is a whole number."),
        ('record_category = "pastoral"', 'record_category = "kitchen"', "line 6, record_category “kitchen” is not a record_category. Use one of: roll,"),
        ('title = "Visit"', 'title = "Visit"\nverb = "fly"', "line 6, verb “fly” is not a capability."),
        ('title = "Visit"', 'title = "Visit"\ncolour = "red"', "line 6, colour is not a key of this table. The keys are: due, fields,"),
        ("valid_from = 2024-09-01", 'valid_from = "2024-09-01"', "line 7, valid_from must be a day such as 2026-09-01, but is text."),
        ("valid_from = 2024-09-01", "valid_from = 20240901", "line 7, valid_from must be a day such as 2026-09-01, but is a whole number."),
        ('type = "yes_no"', 'type = "maybe"', "line 20, fields[2].type must be 'text', 'own_words'"),
        ('key = "alone"', 'key = "al one"', "line 18, fields[2].key “al one” may have only letters, figures and underscores"),
        ('key = "alone"', 'key = "seen"', "line 18, fields[2].key “seen” is there twice."),
        ('key = "alone"', 'key = "alone"\nmust = true', "line 19, fields[2].must is not a key of this table. The keys are: choices, choices_from"),
        ('[["yes", "Seen"], ["no", "Not seen"]]', "[]", "line 14, fields[1].choices must not be empty."),
        ('[["yes", "Seen"], ["no", "Not seen"]]', '[\n  ["yes", "Seen"],\n  "no",\n]', "line 16, fields[1].choices[2] must be a pair such as"),
        ('choices = [["yes", "Seen"], ["no", "Not seen"]]', 'choices_from = "stars"', "line 14, fields[1].choices_from “stars” is not a list of choices. Use one of: contact_outcomes."),
        ('choices = [["yes", "Seen"], ["no", "Not seen"]]\n', "", "line 10, fields[1].choices is missing"),
        ('type = "yes_no"', 'type = "yes_no"\nchoices = [["a", "b"]]', "line 21, fields[2].choices belongs to a field of type choice."),
        ('type = "yes_no"', 'type = "yes_no"\nlines = 0', "line 21, fields[2].lines must be 1 or more."),
        ('by = "seen"', 'by = "on"', "line 48, due.by “on” is not a choice field of this form."),
        ("{ yes = 60, no = 5 }", "{ yes = 60 }", "line 49, due.minutes.no is missing."),
        ("{ yes = 60, no = 5 }", "{ yes = 60, no = 5, perhaps = 1 }", "line 49, due.minutes.perhaps is not a choice of “seen”."),
        ("[due]", '[follow_up]\non = "seen"\ntitle = "Go again"\n\n[due]', "line 48, follow_up.on “seen” is not a date field of this form."),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_with_file_and_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in GOOD
    path = written(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(DefinitionError) as problem:
        one_from(path, FormDefinition)
    assert str(problem.value).startswith(f"{path}, line ") and says in str(problem.value)


def test_an_entry_keeps_the_version_it_was_written_with(tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    written(tmp_path, GOOD.replace("version = 1", "version = 2").replace("2024-09-01", "2026-09-01").replace('"Visit"', '"Home visit"'), "visit-2.toml")  # fmt: skip
    forms = loaded_from(tmp_path, FormDefinition)
    assert forms.in_force(FormDefinition, "visit", dt.date(2026, 8, 31)).title == "Visit"
    assert forms.in_force(FormDefinition, "visit", dt.date(2026, 9, 1)).title == "Home visit"
    assert forms.version(FormDefinition, "visit", 1).title == "Visit"
    with pytest.raises(KeyError):
        forms.in_force(FormDefinition, "visit", dt.date(2024, 8, 31))


def test_a_concern_that_is_not_safe_waits_the_shortest(tmp_path: Path) -> None:
    concern = form_in_force("concern", dt.date(2026, 1, 14))
    at = dt.datetime(2026, 1, 14, 9, 0, tzinfo=dt.UTC)
    waits = {safe: concern.due_at({"safe_now": safe}, at) for safe in ("yes", "not_sure", "no")}
    assert at < waits["no"] < waits["not_sure"] < waits["yes"]  # type: ignore[operator]


def test_the_outcomes_of_an_attempt_are_those_of_the_ladder() -> None:
    choices = form_in_force("contact_attempt", dt.date(2026, 1, 14)).field("outcome").choices
    assert [value for value, _ in choices] == [outcome.value for outcome in OUTCOMES]


def test_the_childs_words_and_opinion_stand_apart_from_what_was_seen() -> None:
    concern = form_in_force("concern", dt.date(2026, 1, 14))
    assert {one.key: one.type for one in concern.fields if one.type in ("own_words", "opinion")} == {"own_words": "own_words", "my_view": "opinion"}  # fmt: skip


ANSWERS = st.fixed_dictionaries(
    {"seen": st.sampled_from(["yes", "no"])},
    optional={
        "alone": st.booleans(),
        "on": st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)),
        "clock": st.times().map(lambda time: time.replace(second=0, microsecond=0)),
        "next_at": st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2090, 1, 1), timezones=st.just(dt.UTC)),
        "minutes": st.integers(-1000, 1000),
        "words": st.text(st.characters(codec="utf-8", categories=("L", "P", "S", "Zs")), min_size=1).filter(lambda text: text == text.strip()),
    },
)  # fmt: skip


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> FormDefinition:
    return one_from(written(tmp_path_factory.mktemp("forms"), GOOD), FormDefinition)


@given(given_answers=ANSWERS)
def test_whatever_fits_is_kept_and_read_back_as_it_was(good: FormDefinition, given_answers: dict[str, Any]) -> None:
    kept = checked_fields(good, given_answers)
    assert set(kept) == set(given_answers)
    assert checked_fields(good, kept) == kept
    read = {one.key: value for one, value in answers(good, kept)}
    assert read["seen"] == {"yes": "Seen", "no": "Not seen"}[given_answers["seen"]]
    for key in ("on", "next_at", "words", "minutes"):
        assert read.get(key) == given_answers.get(key)


@pytest.mark.parametrize("fields", [{}, {"seen": "perhaps"}, {"seen": "yes", "strange": "1"}, {"seen": "yes", "on": "31 June 2026"}, {"seen": "yes", "minutes": "many"}])  # fmt: skip
def test_what_does_not_fit_is_refused_without_being_quoted(tmp_path: Path, fields: dict[str, str]) -> None:
    definition = one_from(written(tmp_path, GOOD), FormDefinition)
    with pytest.raises(FieldProblems) as problem:
        checked_fields(definition, fields)
    assert "perhaps" not in str(problem.value) and "31 June" not in str(problem.value)


@pytest.mark.parametrize(
    ("typed", "utc"),
    [
        ("14 January 2026, 09:40", (14, 9, 40)), ("14/1/26 9:40", (14, 9, 40)), ("14 July 2026 at 9.40", (14, 8, 40)),
        ("2026-07-14T00:40:00+02:00", (13, 22, 40)), ("Wed 14 Jan 2026 0:05", (14, 0, 5)),
    ],
)  # fmt: skip
def test_a_moment_is_read_as_people_write_it(typed: str, utc: tuple[int, int, int]) -> None:
    moment = MomentField().clean(typed).astimezone(dt.UTC)
    assert (moment.day, moment.hour, moment.minute) == utc


@pytest.mark.parametrize(
    "typed", ["yesterday", "31 June 2026, 09:40", "14 January 2026", "14 January 2026, 25:00", "09:40"]
)
def test_a_moment_that_is_none_is_refused_with_how_to_write_it(typed: str) -> None:
    with pytest.raises(ValidationError, match="21 November 2026, 09:40"):
        MomentField().clean(typed)
