"""Every address x every person of the cast x the answer: a new address without a line in matrix.txt fails.

The table is written by `HAVEN_WRITE_MATRIX=1 pytest tests/architecture/test_matrix.py` and then read by a person: each 200 is somebody
who may, and what is not yours answers like what is not there (404).
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from haven.platform.accounts.models import User
from tests.architecture.addresses import Stage, arguments_of
from tests.demonstration_data import NOW, demonstration

TABLE = Path(__file__).with_name("matrix.txt")


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


@pytest.fixture(scope="module")
def cast(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, User]]:
    with demonstration(django_db_blocker) as people:
        yield people


def answers(cast: dict[str, User]) -> dict[str, dict[str, int]]:
    stage = Stage.of(cast)
    found: dict[str, dict[str, int]] = {}
    clients = {"nobody": Client(raise_request_exception=False)}
    for key, user in cast.items():
        clients[key] = Client(raise_request_exception=False)
        clients[key].force_login(user, backend="haven.platform.accounts.backends.AccountBackend")
    for name in names():
        address = reverse(name, kwargs=arguments_of(name, stage))
        found[name] = {key: client.get(address).status_code for key, client in clients.items()}
    return found


def as_text(found: dict[str, dict[str, int]]) -> str:
    people = list(next(iter(found.values())))
    width = max(len(name) for name in found) + 2
    lines = [f"{number:>3} {person}" for number, person in enumerate(people, 1)]
    lines += ["", " " * width + " ".join(f"{number:>3}" for number in range(1, len(people) + 1))]
    lines += [name.ljust(width) + " ".join(str(row[person]) for person in people) for name, row in found.items()]
    return "\n".join(lines) + "\n"


def test_every_address_answers_each_person_as_the_table_says(
    cast: dict[str, User], django_db_blocker: Any, settings: Any
) -> None:
    settings.FIXED_NOW = NOW
    with django_db_blocker.unblock():
        found = as_text(answers(cast))
    if os.environ.get("HAVEN_WRITE_MATRIX") == "1":
        TABLE.write_text(found)
    expected = TABLE.read_text()
    differing = sorted(set(found.splitlines()) ^ set(expected.splitlines()))
    assert differing == []
    assert " 500" not in found
