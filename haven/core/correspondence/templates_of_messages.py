"""Which messages are there, and are their definition files sound?

A message is a reviewed TOML file in `definitions/`, read when Haven starts; one mistake, and Haven does not start and says which file
and key. The words a message may be filled with are a fixed list, so that no file can put a confidential fact into a text.
"""

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

FOLDER = Path(__file__).parent / "definitions"
WORDS = ("pupil", "contact", "school", "telephone", "day", "sender")
"""What a message may be filled with: the pupil's first name, the contact's name, the school and its telephone, the day, who sends."""

CHANNELS = ("text", "email")
_KEYS = {"id": str, "version": str, "title": str, "channel": str, "language": str, "useful_hours": int, "valid_from": date, "source": str, "subject": str, "body": str}  # fmt: skip
_OPTIONAL = ("subject",)


class TemplateProblem(ImproperlyConfigured):
    """A definition file with a mistake. The message names the file, and the line or the key."""


@dataclass(frozen=True)
class MessageTemplate:
    """A message. After `useful` it is not sent any more: a same-day enquiry of last week helps nobody."""

    id: str
    version: str
    title: str
    channel: str
    language: str
    useful: timedelta
    valid_from: date
    source: str
    subject: str
    body: str

    def fill(self, words: Mapping[str, str]) -> tuple[str, str]:
        """Subject and body with the words put in. Raises KeyError for a word that is not given."""
        plain = {key: " ".join(value.split()) for key, value in words.items()}
        return self.subject.format_map(plain), self.body.format_map(plain).strip()


def read_file(path: Path) -> MessageTemplate:
    """Read one definition file. Raises TemplateProblem naming the file and the line or key."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as mistake:
        raise TemplateProblem(f"{path}: {mistake}") from None
    for key in table:
        if key not in _KEYS:
            raise TemplateProblem(f"{path}: {key}: is not a key of a message; the keys are {', '.join(_KEYS)}.")
    for key, kind in _KEYS.items():
        if key not in table and key not in _OPTIONAL:
            raise TemplateProblem(f"{path}: {key}: is missing.")
        if key in table and (type(table[key]) is not kind or table[key] in ("", 0)):
            raise TemplateProblem(f"{path}: {key}: should be {kind.__name__}, and not empty.")
    if table["channel"] not in CHANNELS:
        raise TemplateProblem(f"{path}: channel: is neither text nor email.")
    if (table["channel"] == "email") != ("subject" in table):
        raise TemplateProblem(f"{path}: subject: an e-mail has one, and a text has none.")
    for key in ("subject", "body"):
        _check_words(path, key, table.get(key, ""))
    return _built(table)


def _check_words(path: Path, key: str, text: str) -> None:
    try:
        asked = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError as mistake:
        raise TemplateProblem(f"{path}: {key}: {mistake}.") from None
    for name in asked:
        if name not in WORDS:
            raise TemplateProblem(f"{path}: {key}: {{{name}}} is no word of messages; they are {', '.join(WORDS)}.")


def _built(table: Mapping[str, Any]) -> MessageTemplate:
    rest = {key: value for key, value in table.items() if key not in ("useful_hours", "subject")}
    return MessageTemplate(**rest, subject=table.get("subject", ""), useful=timedelta(hours=table["useful_hours"]))


def read_folder(folder: Path = FOLDER) -> dict[str, MessageTemplate]:
    """Every message by its id. Raises TemplateProblem at the first mistake, and for an id given twice."""
    found: dict[str, MessageTemplate] = {}
    for path in sorted(folder.glob("*.toml")):
        template = read_file(path)
        if template.id in found:
            raise TemplateProblem(f"{path}: id: {template.id!r} is there already.")
        found[template.id] = template
    return found


TEMPLATES = read_folder()
"""Every message by its id. A message is kept with the words it was sent with, so a changed file changes nothing that was sent."""
