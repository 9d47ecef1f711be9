"""What the two tables of answers share: every named address, a signed-in client for each person, and a table as text."""

import os
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from haven.platform.accounts.models import User

Answers = dict[str, dict[str, str]]
"""The answer of each address to each person, both in the order of the table."""


def names() -> list[str]:
    """Every named address, as "slice:name"."""
    found: list[str] = []

    def walk(patterns: list[Any], space: str) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                if str(pattern.pattern) == "accounts/":
                    continue
                walk(pattern.url_patterns, pattern.namespace or space)
            elif isinstance(pattern, URLPattern) and pattern.name:
                found.append(f"{space}:{pattern.name}" if space else pattern.name)

    walk(get_resolver().url_patterns, "")
    return sorted(set(found))


def clients(people: dict[str, User]) -> dict[str, Client]:
    """A client for each person, and one for nobody. An error of Haven's own becomes the answer 500."""
    found = {"nobody": Client(raise_request_exception=False)}
    for key, user in people.items():
        found[key] = Client(raise_request_exception=False)
        found[key].force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return found


def as_text(found: Answers) -> str:
    """The table as it is kept in the repository: the people with their numbers, then a line for each address."""
    people = list(next(iter(found.values())))
    width = max(len(name) for name in found) + 2
    cell = max(len(answer) for row in found.values() for answer in row.values())
    lines = [f"{number:>3} {person}" for number, person in enumerate(people, 1)]
    lines += ["", " " * width + " ".join(f"{number:>{cell}}" for number in range(1, len(people) + 1))]
    lines += [
        (name.ljust(width) + " ".join(row[person].ljust(cell) for person in people)).rstrip()
        for name, row in found.items()
    ]
    return "\n".join(lines) + "\n"


def from_text(text: str) -> Answers:
    """The table of such a text."""
    head, _, body = text.partition("\n\n")
    people = [line.split(maxsplit=1)[1] for line in head.splitlines()]
    rows = [line.split() for line in body.splitlines()[1:]]
    return {name: dict(zip(people, cells, strict=True)) for name, *cells in rows}


def written_or_read(path: Path, found: Answers) -> Answers:
    """The kept table of `path`. A developer writes it with HAVEN_WRITE_MATRIX=1; CI never does, else the comparison would always pass."""
    if os.environ.get("HAVEN_WRITE_MATRIX") == "1":
        assert os.environ.get("CI", "").lower() not in ("1", "true"), "HAVEN_WRITE_MATRIX must not be set in CI"
        path.write_text(as_text(found))
    return from_text(path.read_text())


def differing(found: Answers, kept: Answers) -> list[str]:
    """Each answer that differs from the kept one, and each address that one of the two lacks. The kept table may know more people."""
    lines = [f"{name} is in one table alone" for name in sorted(set(found) ^ set(kept))]
    for name in found.keys() & kept.keys():
        lines += [
            f"{name} answers {answer} to {person}, not {kept[name].get(person)}"
            for person, answer in found[name].items()
            if kept[name].get(person) != answer
        ]
    return sorted(lines)
