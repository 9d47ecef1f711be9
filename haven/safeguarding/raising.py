"""The pages of raising a concern: which child, the steps of the form's definition, and the check before it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from haven.core.records import form_steps
from haven.core.records.form_definitions import FormDefinition, StepDefinition
from haven.safeguarding.definition_keys import CHILD_NAME


@dataclass(frozen=True)
class Page:
    """One page. `slug`: the last part of its address. `step`: the step of the definition, None for the first page and the last."""

    slug: str
    title: str
    step: StepDefinition | None = None


WHO = Page("who", "Which child?")
CHECK = Page("check", "Check and send")


class Pages(tuple[Page, ...]):
    """The pages of a version of the form, in order."""

    @classmethod
    def of(cls, definition: FormDefinition) -> "Pages":
        return cls((WHO, *(Page(step.id, step.title, step) for step in definition.steps), CHECK))

    def named(self, slug: str) -> Page | None:
        return next((page for page in self if page.slug == slug), None)

    def after(self, page: Page) -> Page:
        """The page after the given one; the last page is followed by itself."""
        return self[min(self.index(page) + 1, len(self) - 1)]

    def before(self, page: Page) -> Page | None:
        place = self.index(page)
        return self[place - 1] if place else None


def prefix_of(school_id: int) -> str:
    """The prefix of the keys of a concern's drafts."""
    return f"concern:{school_id}:"


def words_so_far(school_id: int) -> dict[str, dict[str, Any]]:
    """What the current user has typed, by page; empty when no concern was begun."""
    return form_steps.words_by_step(prefix_of(school_id))


@dataclass(frozen=True)
class Gathered:
    """All answers together. `pupil`: the child's reference, "" for a child named in words. `missing`: the slug of the first page with an
    invalid answer, "" when the concern can be sent."""

    pupil: str
    answers: form_steps.Gathered
    missing: str

    @property
    def fields(self) -> dict[str, Any]:
        return self.answers.fields


def gather(words: Mapping[str, Mapping[str, Any]], definition: FormDefinition, at: datetime) -> Gathered:
    """Validate the draft of every page, as if each had been submitted again."""
    who = words.get(WHO.slug, {})
    pupil, child_name = str(who.get("pupil") or ""), str(who.get(CHILD_NAME) or "").strip()
    pupil = "" if pupil == "other" else pupil
    answers = form_steps.gather(words, definition, at)
    if not pupil:
        answers.fields[CHILD_NAME] = child_name
    missing = "" if pupil or child_name else WHO.slug
    return Gathered(pupil, answers, missing or (answers.missing.id if answers.missing else ""))
