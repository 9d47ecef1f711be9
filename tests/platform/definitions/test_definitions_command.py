"""`haven definitions`, and a start with a mistake in a definition file."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import environment, haven

ROOT = Path(__file__).resolve().parents[3]


def test_it_lists_every_definition_in_force_without_a_database(tmp_path: Path) -> None:
    told = haven("definitions", data=tmp_path / "data")
    assert (told.returncode, told.stderr) == (0, "")
    assert (
        "form concern, version 1, from 2022-09-01: Safeguarding concern\n    Source: Keeping children safe"
        in told.stdout
    )
    assert "    Not verified: The service publishes no first day of a layout" in told.stdout
    assert "    File: haven/core/people/definitions/statuses.toml\n" in told.stdout
    count = told.stdout.count("    File: ")
    assert told.stdout.endswith(f"\n{count} of {count} definitions are in force.\n")
    assert not (tmp_path / "data" / "cluster.json").exists()


def test_a_script_reads_one_kind_as_json(tmp_path: Path) -> None:
    told = haven("definitions", "--kind", "status", "--json", data=tmp_path / "data")
    rows = json.loads(told.stdout)
    assert told.returncode == 0 and {row["kind"] for row in rows} == {"status"}
    assert rows[0] == {
        "kind": "status",
        "id": "sen_support",
        "version": 1,
        "valid_from": "2022-09-01",
        "title": "SEN support",
        "source": "SEND code of practice: 0 to 25 years, chapter 6",
        "unverified": "",
        "path": "haven/core/people/definitions/statuses.toml",
    }


def test_what_is_off_on_the_day_is_not_listed(tmp_path: Path) -> None:
    told = haven("definitions", "--json", data=tmp_path / "data", HAVEN_NOW="2019-09-01T09:00:00")
    assert [row["id"] for row in json.loads(told.stdout)] == ["gias_2018"]
    told = haven("definitions", "--kind", "form", data=tmp_path / "data", HAVEN_NOW="2019-09-01T09:00:00")
    assert told.stdout == "0 of 5 definitions are in force.\n"


def test_a_kind_that_does_not_exist_is_wrong_usage(tmp_path: Path) -> None:
    told = haven("definitions", "--kind", "poem", data=tmp_path / "data")
    assert (told.returncode, told.stdout) == (2, "")
    message = told.stderr.replace("'", "")  # Python 3.11 quotes the choices, 3.13 does not
    assert "invalid choice: poem (choose from form, import_layout, message, status)" in message


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of Haven with a mistake in one definition file."""
    folder = tmp_path_factory.mktemp("broken")
    shutil.copytree(ROOT / "haven", folder / "haven", ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / "haven" / "core" / "records" / "definitions" / "note.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('label = "What happened"\n', ""), encoding="utf-8")
    return folder


SENTENCE = "haven/core/records/definitions/note.toml, line 9, fields[1].label is missing.\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run", "--port", "1"), f"haven: {SENTENCE}"),
        (("definitions",), f"haven definitions: {SENTENCE}"),
        (("check",), f"haven check: {SENTENCE}"),
    ],
)
def test_a_mistake_stops_the_start_with_file_and_line(
    broken: Path, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    """`run` on an empty data folder meets the mistake when it migrates, the others when they start."""
    told = subprocess.run(
        [sys.executable, "-m", "haven", *arguments],
        cwd=broken, env=environment(tmp_path / "data"), capture_output=True, text=True,
    )  # fmt: skip
    assert (told.returncode, told.stdout, told.stderr) == (1, "", says)
