"""The journey of a mark in docs/architecture.md is the way that a mark really takes."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.factories.imports import marks, upns_of, write
from tests.factories.registers import SchoolData, build_school

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]


def steps(which: int) -> set[str]:
    """The Python files of one part of the trace: 0 to the register, 1 to Today, 2 to a report."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    journey = text.split("**A mark, from a file to a page.**")[1].split("**A pupil who is missing")[0]
    parts = re.split(r"^To the row of Today:|^Or to a report", journey, flags=re.M)
    return set(re.findall(r"^\d+\. `(haven/[\w/]+\.py)`", parts[which], re.M))


def files_called(work: Callable[[], Any]) -> set[str]:
    """The files of haven with a function that `work` calls."""
    called: set[str] = set()
    before = sys.getprofile()

    def note(frame: Any, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code.co_name != "<module>":
            called.add(frame.f_code.co_filename)

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return {str(Path(name).relative_to(ROOT)) for name in called if name.startswith(str(ROOT / "haven"))}


@pytest.fixture
def school_data(settings: Any) -> SchoolData:
    settings.FIXED_NOW = "2026-01-12T09:45:00"
    return build_school()


def test_a_mark_goes_through_the_files_of_the_trace(school_data: SchoolData, tmp_path: Path) -> None:
    lines = [f"{upn},2026-01-12,AM,{code}" for upn, code in zip(upns_of(school_data), "NE////", strict=True)]
    path = write(tmp_path, "\n".join(["upn,date,session,code", *lines, ""]))
    said = []
    called = files_called(lambda: said.append(marks(school_data, path)))
    assert said[0].status == 0, said[0].err
    assert len(steps(0)) == 7 and steps(0) - called == set()
    client = Client()
    client.force_login(school_data.users["officer"])
    pages = []
    called = files_called(lambda: pages.append(client.get(school_data.url("today/"))))
    assert "Surname000" in pages[0].content.decode() or "O&#x27;Brien" in pages[0].content.decode()
    assert len(steps(1)) == 3 and steps(1) - called == set()
    called = files_called(lambda: pages.append(client.get(school_data.url("attendance/suspended/"))))
    assert "Surname001" in pages[1].content.decode()
    assert len(steps(2)) == 4 and steps(2) - called == set()
