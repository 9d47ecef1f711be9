"""Every address x every person of the demonstration x the answer: a new address without a line in matrix.txt and in posts.txt fails.

matrix.txt holds the answers to a visit, posts.txt those to a form: "302+" is a change, "302" an answer without one. The tables are written by
`HAVEN_WRITE_MATRIX=1 HAVEN_CAMPAIGN=1 pytest tests/architecture/test_matrix.py` and then read by a person: each 200 is somebody who may, and
what is not yours answers like what is not there (404).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from django.urls import reverse

from haven.platform.accounts.models import User
from tests.architecture.addresses import SchoolData, arguments_of
from tests.architecture.matrix import Answers, clients, differing, from_text, names, written_or_read
from tests.architecture.posts import DRAFT_OF, ONLY_POST, REFUSALS, post, post_to, things_to_act_on
from tests.architecture.rights import one_for_each_set_of_rights, rights_of
from tests.factories.demonstration_data import NOW, demonstration
from tests.support.campaign import CAMPAIGN

TABLE = Path(__file__).with_name("matrix.txt")
POSTS = Path(__file__).with_name("posts.txt")


@pytest.fixture(scope="module")
def users(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, User]]:
    with demonstration(django_db_blocker) as people:
        yield people


def answers(users: dict[str, User]) -> Answers:
    school_data, found = SchoolData.of(users), {}
    visitors = clients(one_for_each_set_of_rights(users))
    for name in names():
        address = reverse(name, kwargs=arguments_of(name, school_data))
        found[name] = {key: str(client.get(address).status_code) for key, client in visitors.items()}
    return found


def test_every_address_answers_each_person_as_the_table_says(
    users: dict[str, User], django_db_blocker: Any, settings: Any
) -> None:
    settings.FIXED_NOW = NOW
    with django_db_blocker.unblock():
        found = answers(users)
    assert differing(found, written_or_read(TABLE, found)) == []
    assert "500" not in {answer for row in found.values() for answer in row.values()}


def test_people_with_the_same_rights_have_the_same_answers(users: dict[str, User], django_db_blocker: Any) -> None:
    kept = from_text(TABLE.read_text())
    with django_db_blocker.unblock():
        rights = {key: rights_of(user) for key, user in users.items()}
    same = [(one, other) for one in users for other in users if one < other and rights[one] == rights[other]]
    assert ("deputy_dsl", "dsl") in same
    assert [(name, pair) for name, row in kept.items() for pair in same if row[pair[0]] != row[pair[1]]] == []


def test_the_table_cannot_be_written_where_it_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: Answers = {"x:y": {"nobody": "302"}}
    monkeypatch.setenv("HAVEN_WRITE_MATRIX", "1")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(AssertionError, match="must not be set in CI"):
        written_or_read(tmp_path / "table.txt", found)
    monkeypatch.delenv("CI")
    assert written_or_read(tmp_path / "table.txt", found) == found


def takes_no_form(name: str) -> bool:
    """Whether the kept table shows that nobody changes anything and nobody is told what is missing: a campaign alone asks again."""
    row = from_text(POSTS.read_text()).get(name, {"new": "422"})
    return name not in ONLY_POST and not any("422" in answer or answer.endswith("+") for answer in row.values())


@pytest.fixture(scope="module")
def posted(users: dict[str, User], django_db_blocker: Any) -> Answers:
    """What each address that takes a form answers to each person."""
    found: Answers = {}
    with django_db_blocker.unblock(), override_settings(FIXED_NOW=NOW):
        school_data, visitors = SchoolData.of(users), clients(one_for_each_set_of_rights(users))
        made = things_to_act_on(school_data, users, visitors["head"])
        for name in names():
            if not CAMPAIGN and takes_no_form(name):
                continue
            arguments, fields, query = post_to(name, school_data, made)
            address = reverse(name, kwargs=arguments) + query
            row = {key: post(client, address, fields) for key, client in visitors.items()}
            if set(row.values()) != {"405"}:
                found[name] = row
    return found


def test_every_form_answers_each_person_as_the_table_says(posted: Answers) -> None:
    kept = written_or_read(POSTS, posted)
    assert differing(posted, {name: row for name, row in kept.items() if CAMPAIGN or not takes_no_form(name)}) == []


def test_nobody_meets_an_error_of_havens_own(posted: Answers) -> None:
    assert [name for name, row in posted.items() if any(answer.startswith("5") for answer in row.values())] == []


def test_a_refusal_changes_nothing(posted: Answers) -> None:
    assert [
        (name, person)
        for name, row in posted.items()
        for person, answer in row.items()
        if answer.endswith("+") and (answer[:3] in REFUSALS or person == "nobody")
    ] == []


def test_each_address_that_takes_forms_alone_has_somebody_who_may_and_somebody_who_may_not() -> None:
    kept = from_text(POSTS.read_text())
    for name in ONLY_POST:
        assert name in kept
        if name != "ui:end_session":  # everybody may end their own session, which is no row of Haven's
            assert any(answer.endswith("+") or name == "site:switch_school" for answer in kept[name].values()), name
            assert not kept[name]["nobody"].endswith("+"), name


def test_a_form_typed_too_late_is_thrown_away_by_its_writer_alone(posted: Answers) -> None:
    row = posted["site:discard_draft"]
    assert row.pop(DRAFT_OF).endswith("+")
    assert set(row.values()) == {"302", "404"} and row["nobody"] == "302"
    assert list(row.values()).count("302") == 1
