"""The forms of pupils' records, from the files in `definitions/`.

A form that changes gets a new version: entries keep the version they were written with.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from haven.platform.definitions import Definition, Id, Key, ListOf, OneOf, Part, Words, definitions, mistake
from haven.rules.contact_ladder import OUTCOMES
from haven.rules.roles import CAPABILITIES
from haven.rules.visibility import RecordCategory

FieldType = Literal[
    "text", "own_words", "opinion", "choice", "yes_no", "date", "time", "datetime", "person", "agency", "number"
]
Choices = tuple[tuple[str, str], ...]
CHOICES_FROM: Mapping[str, Callable[[], Choices]] = {
    "contact_outcomes": lambda: tuple((outcome.value, rule.title) for outcome, rule in OUTCOMES.items()),
}
_LINES_OF_NARRATIVE = 6


def _choice(pair: object) -> tuple[str, str]:
    match pair:
        case [str(value), str(title)] if value.strip() and title.strip():
            return value, title
    raise mistake('must be a pair such as ["yes", "Yes"].')


Choice = Annotated[
    tuple[str, str],
    PlainValidator(_choice),
    WithJsonSchema({"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 2, "maxItems": 2}),
]


class FieldDefinition(Part):
    """One question of a form. A text field of more than one line is a text box. A hidden field is filled in by Haven."""

    key: Key
    label: Words
    type: FieldType
    required: bool = False
    hint: str = ""
    own_choices: ListOf[Choice] | None = Field(None, alias="choices", min_length=1)
    choices_from: Annotated[str, OneOf(tuple(CHOICES_FROM), "list of choices")] | None = None
    given_lines: int | None = Field(None, alias="lines", ge=1)
    hidden: bool = False
    needed_when: dict[Key, ListOf[str]] = Field(
        default_factory=dict,
        description="The choice fields of the form, each with the answers that make this field required.",
    )
    needed_words: str = Field(
        "", description="What the page says when such an answer was chosen and this field is empty."
    )

    @cached_property
    def choices(self) -> Choices:
        """The choices as (value, title); empty for a field of another type."""
        return CHOICES_FROM[self.choices_from]() if self.choices_from else self.own_choices or ()

    @property
    def lines(self) -> int:
        """The height of the box for the answer."""
        return self.given_lines or (_LINES_OF_NARRATIVE if self.type in ("own_words", "opinion") else 1)

    @model_validator(mode="after")
    def _choices_belong_to_choice(self) -> Self:
        is_given = self.own_choices is not None or self.choices_from is not None
        if self.type == "choice" and not is_given:
            raise mistake("is missing: a field of type choice has choices or choices_from.", "choices")
        if self.type == "choice" and self.own_choices is not None and self.choices_from is not None:
            raise mistake("must not be given beside choices.", "choices_from")
        if self.type != "choice" and is_given:
            key = "choices" if self.own_choices is not None else "choices_from"
            raise mistake("belongs to a field of type choice.", key)
        return self


class StepDefinition(Part):
    """One page of a form that asks its questions on several pages."""

    id: Id = Field(description="The last part of the page's address.")
    title: Words
    when: str = Field("", description="The label of the question when it happened, on the one page that asks it.")
    when_hint: str = ""
    fields: ListOf[Key] = Field(min_length=1)


class DueDefinition(Part):
    """How many minutes somebody has to acknowledge an entry, by the answer to the choice field `by`."""

    by: Key
    minutes: dict[str, Annotated[int, Field(ge=0)]]


class FollowUpDefinition(Part):
    """The task of the writer on a later day: `on` is the date field that has the day."""

    on: Key
    title: Words


class FormDefinition(Definition):
    """A form of the pupil's record."""

    kind: Literal["form"]
    record_category: Annotated[
        RecordCategory, OneOf({category.name.lower(): category for category in RecordCategory}, "record_category")
    ]
    verb: Annotated[str, OneOf(tuple(CAPABILITIES), "capability")] = Field(
        "", description="The capability that the writer needs besides the right to write in that part of the file."
    )
    page: str = Field(
        "",
        description="The name of the address of one entry, for a form with pages of its own. It is not offered among the other forms.",
    )
    is_help: bool = Field(
        False,
        alias="help",
        description="Whether it says that something was done for the child, whose effect may be asked about.",
    )
    needs_acknowledgement: bool = Field(
        False, description="Whether an entry waits until somebody acknowledges that they have read it."
    )
    fields: ListOf[FieldDefinition] = Field(min_length=1)
    due: DueDefinition | None = None
    follow_up: FollowUpDefinition | None = None
    steps: ListOf[StepDefinition] = Field(
        (),
        description="The pages of a form that asks its questions one after the other; each field is on one of them at most.",
    )

    def field(self, key: str) -> FieldDefinition:
        """The field of that key. Raises KeyError."""
        for field in self.fields:
            if field.key == key:
                return field
        raise KeyError(key)

    def key_names(self) -> set[str]:
        """The keys of the fields, and `key.value` for each choice."""
        values = {f"{field.key}.{value}" for field in self.fields for value, _ in field.choices}
        return {field.key for field in self.fields} | values

    def due_at(self, kept: Mapping[str, object], at: datetime) -> datetime | None:
        """The time by which an entry with these answers, recorded at `at`, must be received; None if the form has no such limit."""
        if self.due is None:
            return None
        return at + timedelta(minutes=self.due.minutes[str(kept[self.due.by])])

    @property
    def follow_up_title(self) -> str:
        """The title of the task of a later day; "" where the form has no follow-up."""
        return self.follow_up.title if self.follow_up else ""

    def follow_up_day(self, kept: Mapping[str, object]) -> date | None:
        """The day of the next step that the writer of an entry with these answers has named, or None."""
        named = kept.get(self.follow_up.on) if self.follow_up else None
        return date.fromisoformat(str(named)) if named else None

    @model_validator(mode="after")
    def _keys_are_unique(self) -> Self:
        counted = Counter(field.key for field in self.fields)
        for place, field in enumerate(self.fields):
            if counted[field.key] > 1 and field.key in {before.key for before in self.fields[:place]}:
                raise mistake(f"“{field.key}” is there twice.", "fields", place, "key")
        return self

    @model_validator(mode="after")
    def _due_fits_the_fields(self) -> Self:
        if self.due is None:
            return self
        asked = self._field_of_type(self.due.by, "choice")
        if asked is None:
            raise mistake(f"“{self.due.by}” is not a choice field of this form.", "due", "by")
        values = [value for value, _ in asked.choices]
        for value in values:
            if value not in self.due.minutes:
                raise mistake("is missing.", "due", "minutes", value)
        for value in self.due.minutes:
            if value not in values:
                raise mistake(f"is not a choice of “{self.due.by}”.", "due", "minutes", value)
        return self

    @model_validator(mode="after")
    def _needed_when_fits_the_fields(self) -> Self:
        for place, field in enumerate(self.fields):
            for key, values in field.needed_when.items():
                asked = self._field_of_type(key, "choice")
                if asked is None:
                    raise mistake(f"“{key}” is not a choice field of this form.", "fields", place, "needed_when")
                for value in values:
                    if value not in dict(asked.choices):
                        raise mistake(f"“{value}” is not a choice of “{key}”.", "fields", place, "needed_when")
            if bool(field.needed_when) != bool(field.needed_words.strip()):
                raise mistake("needed_when and needed_words belong together.", "fields", place, "needed_words")
        return self

    @model_validator(mode="after")
    def _steps_fit_the_fields(self) -> Self:
        asked: set[str] = set()
        for place, step in enumerate(self.steps):
            if any(step.id == before.id for before in self.steps[:place]):
                raise mistake(f"“{step.id}” is there twice.", "steps", place, "id")
            for key in step.fields:
                if key in asked:
                    raise mistake(f"“{key}” is on two pages.", "steps", place, "fields")
                if all(field.key != key for field in self.fields):
                    raise mistake(f"“{key}” is not a field of this form.", "steps", place, "fields")
                asked.add(key)
                apart = [by for by in self.field(key).needed_when if by not in step.fields]
                if apart:
                    raise mistake(
                        f"“{apart[0]}” decides about “{key}” and is on another page.", "steps", place, "fields"
                    )
        for place, field in enumerate(self.fields):
            if self.steps and field.required and field.key not in asked:
                raise mistake(f"“{field.key}” is required and on no page.", "fields", place, "key")
        return self

    @model_validator(mode="after")
    def _follow_up_fits_the_fields(self) -> Self:
        if self.follow_up and self._field_of_type(self.follow_up.on, "date") is None:
            raise mistake(f"“{self.follow_up.on}” is not a date field of this form.", "follow_up", "on")
        return self

    def _field_of_type(self, key: str, type: str) -> FieldDefinition | None:
        return next((field for field in self.fields if field.key == key and field.type == type), None)


def form_in_version(form_id: str, version: str) -> FormDefinition:
    """The form as it was in the version that an entry was written with. Raises KeyError."""
    if not version.isdecimal():
        raise KeyError(f"There is no version “{version}” of the form “{form_id}”.")
    return definitions().version(FormDefinition, form_id, int(version))


def form_in_force(form_id: str, on: date) -> FormDefinition:
    """The version of a form that is in force on a day. Raises KeyError if there is none."""
    return definitions().in_force(FormDefinition, form_id, on)


def every_form() -> list[FormDefinition]:
    """Every form in every version."""
    return definitions().all(FormDefinition)


def forms_in_force(on: date) -> list[FormDefinition]:
    """The forms in force on a day, by title. Empty if there is none."""
    return sorted(definitions().all_in_force(FormDefinition, on), key=lambda form: form.title)
