"""The `haven` command: what it says of itself, what it answers to a slip, and how it takes a reader who has read enough."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from haven.operations.overview import COMMANDS
from tests.support.command import environment, haven

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("asked", [(), ("help",), ("--help",), ("-h",)])
def test_alone_it_lists_its_own_commands_and_no_other(tmp_path: Path, asked: tuple[str, ...]) -> None:
    told = haven(*asked, data=tmp_path / "data")
    assert (told.returncode, told.stderr) == (0, "")
    assert re.findall(r"^  (\w+) ", told.stdout, re.M) == list(COMMANDS)
    assert max(map(len, told.stdout.splitlines())) <= 100
    assert not (tmp_path / "data").exists()


def test_every_command_is_listed() -> None:
    there = {path.stem for path in (ROOT / "haven").rglob("management/commands/*.py") if not path.stem.startswith("_")}
    assert set(COMMANDS) == there | {"restore"}


def test_a_slip_is_answered_with_a_sentence(tmp_path: Path) -> None:
    told = haven("nigth", data=tmp_path / "data")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr == "haven: “nigth” is not a command. Did you mean `haven night`? `haven help` lists them all.\n"
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("asked", [("help", "restore"), ("restore", "--help"), ("backup", "--help"), ("night", "-h")])
def test_what_a_command_takes_is_said_without_a_database(tmp_path: Path, asked: tuple[str, ...]) -> None:
    told = haven(*asked, data=tmp_path / "data")
    assert told.returncode == 0 and told.stdout.startswith("usage: haven ")
    assert not (tmp_path / "data" / "cluster.json").exists()


def test_wrong_usage_is_two(tmp_path: Path) -> None:
    told = haven("restore", data=tmp_path / "data")
    assert told.returncode == 2 and "FOLDER" in told.stderr
    assert not (tmp_path / "data").exists()
    told = haven("docs", "--quickly", data=tmp_path / "data")
    assert (told.returncode, told.stderr) == (2, "haven docs: Error: unrecognized arguments: --quickly\n")


def test_a_reader_who_has_read_enough_hears_no_fault(tmp_path: Path) -> None:
    """`haven measures | head -1` on a pipe that is closed at once."""
    program = (
        "import os, sys\n"
        "from haven.operations.running import run_command\n"
        "from django.core.management.base import BaseCommand\n"
        "from django.core.management import ManagementUtility\n"
        "class Command(BaseCommand):\n"
        "    def handle(self, *args, **options):\n"
        "        for number in range(100_000):\n"
        "            self.stdout.write(str(number))\n"
        "ManagementUtility.fetch_command = lambda self, verb: Command()\n"
        "sys.exit(run_command(['haven', 'talk']))\n"
    )
    talking = subprocess.Popen(
        [sys.executable, "-c", program],
        env=environment(tmp_path, DJANGO_SETTINGS_MODULE="haven.project.settings"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert talking.stdout and talking.stderr
    assert talking.stdout.readline() == b"0\n"
    talking.stdout.close()
    assert talking.stderr.read() == b""
    assert talking.wait(30) == 1
