"""The definition files of the product: each loads, fits its published schema, and has the keys that the code uses."""

import copy
import json
import re
import tomllib
import uuid
from datetime import date, time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import import_string

from haven.core.records.form_definitions import every_form
from haven.platform.definitions import DefinitionError, DefinitionUse, definitions, installed
from haven.platform.definitions.files import read_file
from haven.platform.definitions.schema import schema_of, schema_text
from tests.support.definitions import installed_with

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted((ROOT / "haven").rglob("definitions/**/*.toml"))


def as_json(value: Any) -> Any:
    """The content of a TOML file in JSON form: days and times are strings."""
    return json.loads(
        json.dumps(value, default=lambda each: each.isoformat() if isinstance(each, date | time) else str(each))
    )


def validator(kind: str) -> jsonschema.Draft202012Validator:
    schema = json.loads(schema_text(installed.kinds()[kind]))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)


def test_every_file_below_a_folder_of_definitions_is_installed() -> None:
    assert len(FILES) >= 16
    assert {each.file.path for each in definitions().loaded()} == set(FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_loads_and_fits_its_schema(path: Path) -> None:
    content = as_json(tomllib.loads(path.read_text(encoding="utf-8")))
    assert read_file(path, installed.kinds())
    validator(content["kind"]).validate(content)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_schema_refuses_what_the_loader_refuses(path: Path) -> None:
    content = as_json(tomllib.loads(path.read_text(encoding="utf-8")))
    check = validator(content["kind"])

    def changed(**changes: Any) -> Any:
        wrong = copy.deepcopy(content)
        row = wrong["definitions"][0] if "definitions" in wrong else wrong
        for key, value in changes.items():
            row.pop(key, None)
            if value is not None:
                row[key] = value
        return wrong

    assert check.is_valid(changed())
    for wrong in (
        {"id": None}, {"title": None}, {"title": ""}, {"title": 5}, {"id": "No Id"}, {"version": "1"}, {"version": 0},
        {"valid_from": "soon"}, {"valid_from": 20260901}, {"colour": "red"}, {"kind": "other"},
    ):  # fmt: skip
        assert not check.is_valid(changed(**wrong)), wrong


def test_no_schema_asks_for_null_which_toml_does_not_have() -> None:
    assert [kind for kind, model in installed.kinds().items() if "null" in json.dumps(schema_of(model))] == []


def test_a_form_with_pages_of_its_own_names_an_address_that_exists() -> None:
    pages = [form.page for form in every_form() if form.page]
    assert pages and all(reverse(page, args=[900001, uuid.uuid4()]) for page in pages)


# What a statement in SQL compares with the name of a form, of a status or of a field of a form.
NAMES_IN_SQL = re.compile(
    r"\bform = '(?P<form>\w+)'|people_status\b[^;]*?\bkind = '(?P<status>\w+)'|\bfields (?:\?|->>?) '(?P<field>\w+)'"
)


def test_statements_name_only_definitions_that_are_checked_at_the_start() -> None:
    uses = [use for path in settings.HAVEN_DEFINITION_USES for use in import_string(path)]
    declared = {
        "form": {use.id for use in uses if use.kind == "form"},
        "status": {use.id for use in uses if use.kind == "status"},
        "field": {key for use in uses if use.kind == "form" for key in use.keys},
    }
    named = [
        (path.name, kind, name)
        for path in sorted((ROOT / "haven").rglob("*.sql"))
        for match in NAMES_IN_SQL.finditer(path.read_text(encoding="utf-8"))
        for kind, name in match.groupdict().items()
        if name
    ]
    assert [one for one in named if one[2] not in declared[one[1]]] == []
    assert {("link.sql", "form", "concern"), ("link.sql", "field", "child_name")} <= set(named)
    assert ("separations.sql", "status", "safeguarding_separation") in named


def test_every_file_of_definition_keys_is_checked_at_the_start() -> None:
    written = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts) + ".USES"
        for path in ROOT.glob("haven/**/definition_keys.py")
    }
    assert written == set(settings.HAVEN_DEFINITION_USES) and len(written) >= 5


def refused_uses(monkeypatch: pytest.MonkeyPatch, use: DefinitionUse) -> str:
    from haven.safeguarding import definition_keys

    monkeypatch.setattr(definition_keys, "USES", (use,))
    with pytest.raises(DefinitionError) as problem:
        installed.check_uses()
    return str(problem.value)


def test_a_renamed_key_of_a_form_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As when somebody renames a field in the next version of the concern form."""
    form = (ROOT / "haven" / "core" / "records" / "definitions" / "concern.toml").read_text(encoding="utf-8")
    form = form.replace("version = 1", "version = 2").replace("2022-09-01", "2026-09-01").replace("safe_now", "safe")
    (tmp_path / "concern-2.toml").write_text(form, encoding="utf-8")
    with installed_with(tmp_path), pytest.raises(DefinitionError) as problem:
        installed.check_uses()
    assert str(problem.value) == (
        f"{tmp_path}/concern-2.toml, line 2, id “concern” needs the key “safe_now”, which haven/safeguarding/definition_keys.py"
        " uses in line 15."
    )
    installed.check_uses()


def test_a_renamed_answer_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    said = refused_uses(monkeypatch, DefinitionUse("form", "concern", ("safe_now.yes", "safe_now.maybe")))
    assert "core/records/definitions/concern.toml, line 2, id “concern” needs the key “safe_now.maybe”" in said


def test_a_definition_that_is_gone_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    said = refused_uses(monkeypatch, DefinitionUse("form", "worry"))
    assert said.startswith(
        "haven/safeguarding/definition_keys.py, line 1: there is no form “worry”. The ids are: concern,"
    )


def test_sql_names_the_same_keys_as_the_code() -> None:
    from haven.core.records.definition_keys import CONCERN
    from haven.safeguarding.definition_keys import CHILD_NAME

    sql = (ROOT / "haven" / "safeguarding" / "sql" / "link.sql").read_text(encoding="utf-8")
    assert f"e.form = '{CONCERN}'" in sql and f"e.fields ? '{CHILD_NAME}'" in sql
