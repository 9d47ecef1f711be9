"""A text that people read, and how its sentences and words are counted."""

import re
from dataclasses import dataclass
from typing import Literal

from haven.platform.ui.words import count_of

Kind = Literal["label", "sentence"]

# What a template or a piece of Python fills in at run time, such as `{pupil.name}`.
PLACEHOLDER = re.compile(r"\{[^{}]*\}")
# A sentence ends with a full stop, question or exclamation mark before a space, at a line break and at a separator.
SENTENCE_END = re.compile(r"(?<=[.?!])[”’\")]*\s+|\n+|\s+[·|]\s+")
WORD = re.compile(r"[^\W_]+(?:['’.,:/@_-][^\W_]+)*")


@dataclass(frozen=True, order=True)
class Text:
    """One text in one place.

    path: the file, below the folder `haven`, with `/`.
    line: the line of the file on which the text begins, from 1.
    kind: `label` for names of fields, buttons, headings, columns and choices; `sentence` for all other texts.
    text: the words, with `{name}` where a value is filled in.
    """

    path: str
    line: int
    kind: Kind
    text: str

    @property
    def app(self) -> str:
        """The folder below `haven` to which the file belongs."""
        return self.path.split("/", 1)[0]


def plural(singular: str, plural_form: str = "") -> str:
    """The noun as it reads for several: `plural_form` where given, else as `count_of` writes it."""
    return plural_form or count_of(2, singular).partition(" ")[2]


def tidy(text: str) -> str:
    """The text with single spaces, keeping line breaks that the source asks for."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def says_something(text: str) -> bool:
    """Whether a letter is left when the filled-in values are taken out."""
    return re.search(r"[^\W\d_]", PLACEHOLDER.sub("", text)) is not None


def sentences_of(text: str) -> list[str]:
    """The sentences of a text; a label is one sentence. Empty for an empty text."""
    return [part.strip() for part in SENTENCE_END.split(text) if part.strip()]


def word_count(text: str) -> int:
    """How many words a text has. A filled-in value counts as one word, a code in backticks as one."""
    return len(WORD.findall(PLACEHOLDER.sub(" X ", re.sub(r"`[^`]*`", " X ", text))))
