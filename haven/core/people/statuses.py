"""The kinds of status: their record category and their effect on first-day response. Defined in `definitions/statuses.toml`."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from haven.core.people.definition_keys import FSM, FSM_EXPANDED
from haven.platform.definitions import Definition, Key, ListOf, OneOf, Part, TimeOfDay, Words, definitions, mistake
from haven.rules.editions import Check
from haven.rules.visibility import RecordCategory

_RECORD_CATEGORIES = {
    "attendance": RecordCategory.ATTENDANCE,
    "pastoral": RecordCategory.PASTORAL,
    "safeguarding": RecordCategory.SAFEGUARDING,
}


class StatusField(Part):
    """A further field of one kind of status, which must be answered."""

    key: Key
    label: Words
    type: Literal["text", "day"]
    help: str = ""


class StatusKind(Definition):
    """One kind of status. With `priority` 0 a pupil is not on the vulnerable pupils list."""

    many_in_a_file: ClassVar[bool] = True

    kind: Literal["status"]
    record_category: Annotated[RecordCategory, OneOf(_RECORD_CATEGORIES, "record_category of a status")]
    needs_source: bool = Field(description="Whether the person or document that says so must be named.")
    priority: int = Field(ge=0, le=3, description="The place on the vulnerable pupils' list.")
    detail_asks: str = Field("", alias="detail", description="What the free text beside the status is for.")
    review_days: Annotated[int, Field(ge=1)] | None = None
    instruction: str = Field("", description="What the person who calls is asked to do, and never why.")
    due: TimeOfDay | None = None
    is_help: bool = Field(
        False,
        alias="help",
        description="Whether it says that somebody began to do something for the child, whose effect may be asked about.",
    )
    checked: Annotated[Check, OneOf({check.value: check for check in Check}, "mark")] = Field(
        Check.VERIFIED, description="How well the law or guidance behind it was checked."
    )
    fields: ListOf[StatusField] = Field((), description="What the kind asks besides.")

    @property
    def name(self) -> str:
        """The id, as the rows of statuses keep it."""
        return self.id

    def review_after(self, begins_on: date) -> date | None:
        """The review date of a status that begins on that day, or None if the kind has no review."""
        return begins_on + timedelta(days=self.review_days) if self.review_days else None

    @model_validator(mode="after")
    def _a_priority_has_an_instruction(self) -> Self:
        if self.priority and not self.instruction.strip():
            raise mistake("is missing: a priority above 0 needs one.", "instruction")
        if not self.priority and self.instruction:
            raise mistake("belongs to a priority above 0.", "instruction")
        return self


def kinds_in_force(on: date) -> Mapping[str, StatusKind]:
    """The kinds of status that may be recorded on a day, by id, in display order."""
    return {kind.id: kind for kind in definitions().all_in_force(StatusKind, on)}


def every_kind() -> Mapping[str, StatusKind]:
    """Every kind of status in its newest version, by id, to show and to count what was recorded."""
    return {id: latest_kind(id) for id in definitions().ids(StatusKind)}


def latest_kind(kind: str) -> StatusKind:
    """A kind of status in its newest version. Raises KeyError if no file defines it any more."""
    return definitions().latest(StatusKind, kind)


FREE_MEALS = (FSM, FSM_EXPANDED)
"""Free school meals, targeted and expanded. Before September 2026 there was one kind, which goes on as targeted."""


def title_of(kind: str) -> str:
    """The title of a kind; a kind that is no longer defined is shown by its name."""
    try:
        return latest_kind(kind).title
    except KeyError:
        return kind.replace("_", " ").capitalize()


def answers_of(kind: str, fields: Mapping[str, str]) -> list[tuple[str, str | date]]:
    """(label, answer) of a status's further fields, in the order of its kind's definition; days as dates. A key that is no longer defined
    is shown by its name."""
    known = every_kind().get(kind)
    labels = {field.key: field for field in (known.fields if known else ())}
    ordered = [*(key for key in labels if key in fields), *(key for key in fields if key not in labels)]
    return [
        (labels[key].label, date.fromisoformat(fields[key]) if labels[key].type == "day" else fields[key])
        if key in labels
        else (key.replace("_", " ").capitalize(), fields[key])
        for key in ordered
    ]
