"""The messages to families, from the files in `definitions/`.

The words that can be filled into a message are a fixed list, so that no file can put a confidential fact into a text.
"""

import string
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from haven.platform.definitions import Definition, Words, definitions, mistake

WORDS = ("pupil", "contact", "school", "telephone", "day", "sender")
"""The words that can be filled into a message: the pupil's first name, the contact's name, the school and its telephone, the day, the
sender."""

CHANNELS = ("text", "email")


def _only_known_words(text: str) -> str:
    try:
        asked = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError as error:
        raise mistake(f"has braces that do not match: {error}.") from None
    for name in asked:
        if name not in WORDS:
            raise mistake(f"may not use {{{name}}}. A message may use: {', '.join(WORDS)}.")
    return text


Template = Annotated[Words, AfterValidator(_only_known_words)]
"""Text with {words} of a message in braces."""


class MessageTemplate(Definition):
    """A message. After `useful` it is no longer sent: a same-day enquiry of last week helps nobody."""

    kind: Literal["message"]
    channel: Literal["text", "email"]
    language: Words = Field(description="The language of the words: en for English.")
    useful_hours: int = Field(ge=1, description="After so many hours it is not sent any more.")
    subject: Template | None = Field(None, description="An email has one. A text has none.")
    body: Template

    @property
    def useful(self) -> timedelta:
        return timedelta(hours=self.useful_hours)

    def fill(self, words: Mapping[str, str]) -> tuple[str, str]:
        """Subject and body with the words filled in. Raises KeyError for a word that is not given."""
        plain = {key: " ".join(value.split()) for key, value in words.items()}
        return (self.subject or "").format_map(plain), self.body.format_map(plain).strip()

    @model_validator(mode="after")
    def _emails_have_a_subject(self) -> Self:
        if (self.channel == "email") != (self.subject is not None):
            raise mistake("belongs to every email, and to no text.", "subject")
        return self


def template_in_force(template: str, on: date) -> MessageTemplate:
    """The message with that id that is in force on a day. Raises KeyError if there is none."""
    return definitions().in_force(MessageTemplate, template, on)


def latest_template(template: str) -> MessageTemplate | None:
    """The newest version of a message that was queued, or None if no file defines it any more.

    A message is stored with the words it was sent with, so a changed file does not change sent messages.
    """
    try:
        return definitions().latest(MessageTemplate, template)
    except KeyError:
        return None
