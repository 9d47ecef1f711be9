"""One share of the way, whichever pass over the file is under way: it never goes back and ends at the whole."""

import io

import pytest

from haven.exchange.imports.formats.registry import read_marks
from haven.exchange.imports.reading.table import Options
from haven.exchange.imports.runs.progress_reporter import LOOKED_THROUGH, READ, WHOLE, ProgressReporter
from haven.exchange.imports.runs.stored import with_progress
from tests.exchange.imports.files import AMY


def told_while_reading(content: bytes, name: str = "register.csv") -> list[int]:
    told: list[tuple[int, int]] = []
    steps = ProgressReporter(lambda done, total: told.append((done, total)), len(content))
    source = with_progress(io.BytesIO(content), steps)
    list(read_marks(source, options=Options(name=name, steps=steps), hand_out=False))
    steps.compared(1, 2)
    steps.compared(2, 2)
    assert {total for _, total in told} == {WHOLE}
    return [done for done, _ in told]


LINES = "upn,date,session,code,comments\n" + f"{AMY},2026-01-12,AM,/,{'a word or two about it ' * 40}\n" * 6_500
"""Six megabytes, which take several reads in each pass: few lines with much to say, because lines take time and bytes do not."""


@pytest.mark.parametrize(
    "content",
    [
        LINES.encode(),
        LINES.encode("utf-16"),
        LINES.encode() + f"{AMY},2026-01-12,AM,/,Zoë\n".encode("cp1252"),
        f"upn,date,session,code,Zoë\n{LINES}".encode("cp1252"),
    ],
    ids=["UTF-8", "UTF-16", "not UTF-8 in its last line", "not UTF-8 in its first line"],
)
def test_the_share_rises_through_both_passes_and_the_comparing(content: bytes) -> None:
    done = told_while_reading(content)
    assert done == sorted(done), "it never goes back"
    assert done[-1] == WHOLE
    assert any(0 < each < LOOKED_THROUGH for each in done), "the looking through is seen"
    assert any(LOOKED_THROUGH < each < READ for each in done), "the reading is seen"
    assert READ < done[-2] < WHOLE, "the comparing is seen"


def test_nothing_to_read_and_nothing_to_compare() -> None:
    told: list[int] = []
    steps = ProgressReporter(lambda done, total: told.append(done), 0)
    steps.read_to(0)
    steps.opened()
    steps.compared(0, 0)
    assert told == [0, LOOKED_THROUGH, READ]
