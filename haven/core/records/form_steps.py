"""A form whose definition has steps: one page for each, with the answers so far kept as drafts.

The drafts are on the server and visible to their author alone, one for each step, under a prefix that the caller chooses.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from haven.core.records.form_definitions import FormDefinition, StepDefinition
from haven.core.records.forms_engine import EntryForm, MomentField, form_class
from haven.core.records.queries import drafts_under

HAPPENED_AT = "happened_at"


class StepForm(EntryForm):
    """The questions of one step, with the time of the event before them where the step asks for it."""

    def __init__(self, *args: Any, step: StepDefinition, at: dt.datetime, **kwargs: Any) -> None:
        self.at = at
        super().__init__(*args, **kwargs)
        if step.when:
            self.fields[HAPPENED_AT] = MomentField(
                label=step.when, **({"help_text": step.when_hint} if step.when_hint else {})
            )
            self.order_fields([HAPPENED_AT, *step.fields])

    def clean_happened_at(self) -> dt.datetime:
        happened: dt.datetime = self.cleaned_data[HAPPENED_AT]
        if happened > self.at + dt.timedelta(minutes=1):
            raise forms.ValidationError("The date and time must be in the past.")
        return min(happened, self.at)

    @property
    def only_question(self) -> forms.BoundField | None:
        """The question of a step with one; None for a step with several."""
        return self[next(iter(self.fields))] if len(self.fields) == 1 else None


def step_form(
    step: StepDefinition,
    definition: FormDefinition,
    at: dt.datetime,
    data: Any = None,
    words: Mapping[str, Any] | None = None,
) -> StepForm:
    """The form of a step, filled with `words`, the draft; `at` is the time of the event unless the draft has another."""
    built = type("StepForm", (StepForm, form_class(definition, step.fields)), {})
    start = {HAPPENED_AT: at} if step.when else {}
    form: StepForm = built(data, initial={**start, **(words or {})}, step=step, at=at)
    return form


def words_by_step(prefix: str) -> dict[str, dict[str, Any]]:
    """What the current user has typed, by step; empty when nothing was begun."""
    return {key.removeprefix(prefix): words for key, words in drafts_under(prefix=prefix).items()}


@dataclass(frozen=True)
class Gathered:
    """The answers of all steps. `missing`: the first step with an invalid answer, or None when all are valid."""

    fields: dict[str, Any]
    happened_at: dt.datetime | None
    missing: StepDefinition | None


def gather(words: Mapping[str, Mapping[str, Any]], definition: FormDefinition, at: dt.datetime) -> Gathered:
    """Validate the draft of every step, as if each had been submitted again. Empty answers are left out."""
    answers: dict[str, Any] = {}
    missing: StepDefinition | None = None
    for step in definition.steps:
        form = step_form(step, definition, at, data=dict(words.get(step.id, {})))
        if form.is_valid():
            answers.update({key: value for key, value in form.cleaned_data.items() if value not in (None, "")})
        else:
            missing = missing or step
    return Gathered(answers, answers.pop(HAPPENED_AT, None), missing)


def answer_rows(definition: FormDefinition, gathered: Gathered) -> list[tuple[StepDefinition, str, dt.datetime | None]]:
    """Each step with its answers as text, one a line and choices by title, and with the time of the event where it asks for it."""
    rows = []
    for step in definition.steps:
        texts = []
        for key in step.fields:
            value = gathered.fields.get(key, "")
            texts.append(str(dict(definition.field(key).choices).get(value, value)))
        rows.append((step, "\n".join(filter(None, texts)), gathered.happened_at if step.when else None))
    return rows
