"""The steps of raising a concern, and the answers so far: a draft for each step, on the server, visible to its author
only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from haven.core.records.form_definitions import FormDefinition
from haven.core.records.queries import drafts_under
from haven.safeguarding.definition_keys import CHILD_NAME, MARKS_SEEN, MY_VIEW, OWN_WORDS, TOLD
from haven.safeguarding.forms import QuestionForm, SafeForm, SeenForm


@dataclass(frozen=True)
class Step:
    """One page. `key`: the one field that it contains, if there is exactly one."""

    slug: str
    title: str
    key: str = ""


STEPS = (
    Step("who", "Which child?"),
    Step("seen", "What you saw or heard"),
    Step("words", "The child's own words", OWN_WORDS),
    Step("marks", "Marks or injuries", MARKS_SEEN),
    Step("view", "Your view", MY_VIEW),
    Step("told", "Who you have told", TOLD),
    Step("safe", "Is the child safe now?"),
    Step("check", "Check and send"),
)
BY_SLUG = {step.slug: step for step in STEPS}


def prefix_of(school_id: int) -> str:
    """The prefix of the keys of a concern's drafts."""
    return f"concern:{school_id}:"


def next_of(step: Step) -> Step:
    """The step after the given one; the last step is followed by itself."""
    return STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)]


def before(step: Step) -> Step | None:
    place = STEPS.index(step)
    return STEPS[place - 1] if place else None


def words_so_far(school_id: int) -> dict[str, dict[str, Any]]:
    """What the current user has typed, by step; empty when no concern was begun."""
    prefix = prefix_of(school_id)
    return {key.removeprefix(prefix): words for key, words in drafts_under(prefix=prefix).items()}


def form_for(
    step: Step, definition: FormDefinition, at: datetime, data: Any = None, words: Mapping[str, Any] | None = None
) -> Any:
    """The form of a step other than the first and the last, filled with the draft."""
    if step.slug == "seen":
        return SeenForm(data, initial={"happened_at": at, **(words or {})}, definition=definition, at=at)
    if step.slug == "safe":
        return SafeForm(data, initial=dict(words or {}), definition=definition)
    return QuestionForm(data, initial=dict(words or {}), definition=definition, key=step.key)


@dataclass(frozen=True)
class Gathered:
    """All answers together. `missing`: the first step with an invalid answer, or None when the concern can be sent."""

    pupil: str
    fields: dict[str, Any]
    happened_at: datetime | None
    missing: Step | None


def gather(words: Mapping[str, Mapping[str, Any]], definition: FormDefinition, at: datetime) -> Gathered:
    """Validate the draft of every step, as if each had been submitted again."""
    who = words.get("who", {})
    pupil, child_name = str(who.get("pupil") or ""), str(who.get(CHILD_NAME) or "").strip()
    pupil = "" if pupil == "other" else pupil
    missing = None if pupil or child_name else BY_SLUG["who"]
    answers: dict[str, Any] = {} if pupil else {CHILD_NAME: child_name}
    for step in STEPS[1:-1]:
        form = form_for(step, definition, at, data=dict(words.get(step.slug, {})))
        if form.is_valid():
            answers.update({key: value for key, value in form.cleaned_data.items() if value not in (None, "")})
        else:
            missing = missing or step
    return Gathered(pupil, answers, answers.pop("happened_at", None), missing)
