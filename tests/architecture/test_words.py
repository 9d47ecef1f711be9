"""Words on pages: `haven words` misses none, none is a phrase that the review replaced, and none is too long."""

import importlib
import json
import re
from functools import cache
from pathlib import Path

import pytest
from django.core.management import call_command
from django.forms.forms import BaseForm
from django.utils.functional import Promise

from haven.operations.overview import COMMANDS
from haven.platform import errors
from haven.site.words import Text, collect, sentences_of, word_count

ROOT = Path(__file__).resolve().parents[2]
HAVEN = ROOT / "haven"

NOT_REVIEWED_YET: tuple[str, ...] = ()
"""Folders whose texts are reviewed elsewhere."""

LONGEST_SENTENCE, LONGEST_LABEL = 25, 8

REPLACED = (
    # words on pages, in the order of the review
    "left for you", "back, and safe", "waiting for", "and we know", "with our knowledge", "sign for what is left",
    "why it stays open", "need a person or a reason", "usual message", "that you are on it", "begins so", "is called so",
    "whoever", "older than five school days", "do not fit together", "figures without names", "who crossed a line",
    "crossed into it", "within this line", "what came of", "no record says", "as far as you may read", "would go and",
    "put aside", "put those marks aside", "order of merit", "has stood", "not to be chosen", "grown-up", "promise no secret",
    "receive this concern", "concern waits", "concern stands", "under these letters", "throw it away", "strike the entry",
    "struck out", "why does it wait", "put this right", "you may not do this", "nothing for you at this address",
    "could not be read", "password now", "once more", "that did not fit", "does not fit", "that was not sent",
    "what to put right", "put a pupil on the roll", "stood so", "stand so", "no carrier is set up", "line broke", "take this list out",
    "finds a trace",
    # attendance has its own words
    "with permission", "without permission", "grant the leave",
    # names of the code that reached pages, and turns of phrase
    "wall", "walls", "zone", "zones", "compartment", "tombstone", "stencil", "law book", "engine room", "of whom", "of whoever",
    "whom", "there is no such", "is no code", "anew", "take in", "taken in", "taken back", "take it back", "bring in",
    "bring it in", "brought in", "nothing waits", "somebody else", "e-mail", "please put", "tries",
)  # fmt: skip
REPLACED_PHRASE = re.compile(r"(?<![.\w])(" + "|".join(map(re.escape, REPLACED)) + r")\b", re.IGNORECASE)


@cache
def texts() -> tuple[Text, ...]:
    return tuple(collect())


@cache
def reviewed() -> tuple[Text, ...]:
    return tuple(text for text in texts() if not text.path.startswith(NOT_REVIEWED_YET))


def place(text: Text) -> str:
    return f"{text.path}:{text.line}: {text.text}"


def test_no_replaced_phrase_is_left() -> None:
    assert [place(text) for text in reviewed() if REPLACED_PHRASE.search(re.sub(r"\{[^}]*\}", "X", text.text))] == []


ERRORS = sorted(
    name for name, thing in vars(errors).items() if isinstance(thing, type) and issubclass(thing, Exception)
)
ERROR_CLASSES = re.compile(r"\b(" + "|".join(ERRORS) + r")\b")


def test_no_sentence_names_a_class_of_error() -> None:
    """A rename of "Refused" in the code once reached a label and a message."""
    assert "ActionRejected" in ERRORS
    assert [place(text) for text in texts() if ERROR_CLASSES.search(re.sub(r"\{[^}]*\}", "X", text.text))] == []


def test_no_sentence_is_longer_than_25_words() -> None:
    long = [
        f"{len_} words: {place(text)}"
        for text in reviewed()
        for sentence in sentences_of(text.text)
        if (len_ := word_count(sentence)) > LONGEST_SENTENCE
    ]
    assert long == []


def test_no_label_is_longer_than_8_words() -> None:
    assert [place(text) for text in reviewed() if text.kind == "label" and word_count(text.text) > LONGEST_LABEL] == []


# ---- whole: nothing that people read is missing from the list --------------------------------------------------------


def words_of(path: str) -> str:
    return " ¶ ".join(text.text for text in texts() if text.path == path)


@pytest.mark.parametrize("path", sorted(HAVEN.rglob("templates/**/*.html")), ids=lambda path: path.name)
def test_every_written_text_of_a_template_is_on_the_list(path: Path) -> None:
    source = re.sub(r"\{%\s*comment.*?endcomment\s*%\}|<!--.*?-->", "", path.read_text(encoding="utf-8"), flags=re.S)
    source = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "\0", source, flags=re.S)
    source = re.sub(r"<(script|style|svg)\b.*?</\1>", "\0", source, flags=re.S)
    source = re.sub(r"<[/!a-zA-Z](?:\"[^\"]*\"|'[^']*'|[^'\">])*>", "\0", source, flags=re.S)
    listed = words_of(path.relative_to(HAVEN).as_posix())
    written = (" ".join(part.split()).strip(" .,:;·()–") for part in re.split(r"\0|&\w+;", source))
    assert [part for part in written if re.search(r"[^\W\d_]{2,}", part) and part not in listed] == []


def forms() -> list[type[BaseForm]]:
    for module in sorted(HAVEN.rglob("*forms*.py")) + sorted(HAVEN.rglob("forms/*.py")):
        importlib.import_module(".".join(("haven", *module.relative_to(HAVEN).with_suffix("").parts)))
    found, todo = set(), [BaseForm]
    while todo:
        for child in todo.pop().__subclasses__():
            todo.append(child)
            if child.__module__.startswith("haven.") and not child.__module__.startswith("haven.site.words"):
                found.add(child)
    return sorted(found, key=lambda form: (form.__module__, form.__qualname__))


def test_every_label_and_hint_of_a_form_is_on_the_list() -> None:
    listed = "\n".join(text.text for text in texts())
    missing = []
    for form in forms():
        for name, field in getattr(form, "base_fields").items():  # noqa: B009  # django-stubs names it for forms.Form alone
            for words in (field.label, field.help_text):
                own = isinstance(words, str) and not isinstance(words, Promise) and words.strip()
                if own and not all(" ".join(line.split()) in listed for line in str(words).split("\n")):
                    missing.append(f"{form.__module__}.{form.__qualname__}.{name}: {words}")
    assert len(forms()) > 20
    assert missing == []


def test_every_field_of_a_definition_is_on_the_list() -> None:
    missing = []
    for path in sorted(HAVEN.rglob("definitions/*.toml")):
        listed = words_of(path.relative_to(HAVEN).as_posix())
        for words in re.findall(r'^(?:title|label|hint|instruction|detail) = "(.*)"$', path.read_text(), re.MULTILINE):
            if words not in listed:
                missing.append(f"{path.name}: {words}")
    assert missing == []


def test_every_refusal_is_on_the_list() -> None:
    """Each sentence handed to `refuse` or raised in a file of permissions, rules or actions, as far as it is plain text."""
    listed = "\n".join(text.text for text in texts())
    missing = []
    for path in sorted(HAVEN.rglob("*.py")):
        for words in re.findall(r"\brefuse\(\s*\"([^\"{}]+)\"", path.read_text(encoding="utf-8")):
            if words not in listed:
                missing.append(f"{path.relative_to(HAVEN)}: {words}")
    assert missing == []


def test_the_sentence_of_each_command_is_on_the_list() -> None:
    listed = {text.text for text in texts()}
    assert [verb for verb, sentence in COMMANDS.items() if sentence not in listed] == []


# ---- the command -----------------------------------------------------------------------------------------------------


def test_the_list_is_sorted_by_place_and_names_lines_of_the_file() -> None:
    assert list(texts()) == sorted(set(texts()))
    for text in texts()[::25]:
        assert 1 <= text.line <= len((HAVEN / text.path).read_text(encoding="utf-8").splitlines()) + 1


def test_the_command_prints_for_people_and_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("words", app="platform")
    printed = capsys.readouterr().out
    assert "haven/platform/ui/templates/404.html" in printed and "Page not found" in printed
    assert "haven/core" not in printed
    call_command("words", json=True)
    rows = json.loads(capsys.readouterr().out)
    assert set(rows[0]) == {"path", "line", "kind", "text"}
    assert len(rows) == len(texts())
