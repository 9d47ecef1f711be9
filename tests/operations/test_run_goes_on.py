"""`haven run` goes on with the demonstration's morning where it stood, and never from before what was recorded."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from haven.operations.management.commands import run
from haven.platform import clock
from haven.platform.audit.actions import append_event
from haven.platform.clock_file import read_offset, stop_at

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 11, 20, 9, 12, tzinfo=UTC)


@pytest.fixture
def served(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """What the clock shows whenever the demonstration is served."""
    settings.DATA = tmp_path
    (tmp_path / "demonstration.json").write_text(json.dumps({"morning": "2026-11-20", "password": "p", "sign_ins": []}))
    shown: list[datetime] = []

    def serve(port: int) -> int:
        shown.append(timezone.now() + timedelta(seconds=read_offset(tmp_path)))
        assert abs(clock.now() - shown[-1]) < timedelta(seconds=5), "this process shows another time than the pages"
        return 0

    monkeypatch.setattr(run, "run_until_stopped", serve)
    return shown


def start() -> None:
    run.Command().handle(port=8000, no_demo=True)


def is_near(found: datetime, wanted: datetime) -> bool:
    return timedelta(0) <= found - wanted < timedelta(seconds=20)


def test_the_first_start_is_at_twelve_past_nine_and_the_next_goes_on(tmp_path: Path, served: list[datetime]) -> None:
    start()
    stop_at(tmp_path, MORNING + timedelta(hours=2))
    start()
    assert is_near(served[0], MORNING) and is_near(served[1], MORNING + timedelta(hours=2))
    assert is_near(timezone.now() + timedelta(seconds=read_offset(tmp_path)), MORNING + timedelta(hours=2))


def test_nothing_that_was_recorded_lies_ahead(tmp_path: Path, served: list[datetime]) -> None:
    """After a power cut the file says where the clock ran, not where it stood."""
    (tmp_path / "clock.json").write_text(json.dumps({"offset_seconds": -1e9}))
    append_event(by=None, at=MORNING + timedelta(hours=3), verb="test.event", about=("thing", 1))
    start()
    assert is_near(served[0], MORNING + timedelta(hours=3))
