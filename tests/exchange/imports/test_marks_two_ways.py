"""The compiled way through the long form and the exact one, row by row, give the same marks and the same problems on any file."""

from __future__ import annotations

import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from haven.analytics.lines import AGAIN, END, NEW, Words
from haven.exchange.imports.formats.marks import long as marks_long
from haven.exchange.imports.formats.marks.parsed import MarkRow, ParsedMarks
from haven.exchange.imports.problems import Problem
from haven.exchange.imports.reading import text_rows
from haven.rules.identifiers import make_upn
from tests.exchange.imports.files import AMY, BEN, upload

UPNS = st.sampled_from([AMY, BEN, f"{AMY} ", f'"{AMY}"', f'"{BEN}', "WRONG", "", "Ñ"])
DATES = st.sampled_from(["2026-09-02", "02/09/2026", '"2026-09-03"', "2026-02-30"])
HALVES = st.sampled_from(["AM", "PM", "pm", "noon"])
CODES = st.sampled_from(["/", "\\", "L", "I", "C2", "", "-", "zz", '"/"', '"/\n"', 'I"'])
EXTRAS = st.sampled_from(["", ",", ",,", ",5", ",5,late", ",x", ',,"two\nlines"', ",,é", ",,,,more", ',,"open'])
ENDS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", "\n\n"])
LINES = st.lists(
    st.tuples(UPNS, DATES, HALVES, CODES, EXTRAS, ENDS).map(lambda cell: ",".join(cell[:4]) + cell[4] + cell[5]),
    max_size=25,
).map("".join)

Told = list[tuple[int | None, str | None, str, str]]


def exactly(content: bytes) -> tuple[dict[tuple[object, ...], tuple[object, ...]], Told]:
    """The marks by pupil and session, and the problems, of the way that cuts every line into cells."""
    marks: dict[tuple[object, ...], tuple[object, ...]] = {}
    told: Told = []
    for item in marks_long.read(upload(content)):
        if isinstance(item, Problem):
            told.append((item.row, item.column, item.code, item.sentence))
        else:
            assert isinstance(item, MarkRow)
            marks[item.upn, item.on, item.half] = (item.symbol, item.row, item.minutes_late, item.comment)
    return marks, told


def compiled(content: bytes) -> tuple[dict[tuple[object, ...], tuple[object, ...]], Told]:
    """The same of the ledger alone."""
    ledger, told = ParsedMarks(), []
    for item in marks_long.read(upload(content), ledger=ledger, hand_out=False):
        assert isinstance(item, Problem)
        told.append((item.row, item.column, item.code, item.sentence))
    marks = {}
    for upn, pupil in ledger.pupils.items():
        for number, (on, half) in enumerate(ledger.sessions):
            if code := pupil.codes[number]:
                extras = ledger.extras.get((upn, number), (None, ""))
                marks[upn, on, half] = (ledger.symbols[code], pupil.rows[number], *extras)
    return marks, told


@settings(deadline=None, max_examples=300)
@given(
    lines=LINES,
    last=st.sampled_from(["", f"{AMY},2026-09-02,AM,/"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    above=st.sampled_from(["", "Marks of 9B\n\n", "sep=,\n"]),
    piece=st.sampled_from([7, 64, 1 << 21]),
)
@example(lines=f"{AMY},2026-09-02,AM,/\r{BEN},2026-09-02,AM,/\n", last="", encoding="utf-8", above="", piece=64)
@example(lines=f"{AMY},2026-09-02,AM,/\n" * 3, last="", encoding="utf-8", above="", piece=7)
def test_the_two_ways_agree(lines: str, last: str, encoding: str, above: str, piece: int) -> None:
    text = f"{above}upn,date,session,code,minutes_late,comment\n{lines}{last}"
    content = text.encode(encoding)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(text_rows, "_PIECE", piece)
        assert compiled(content) == exactly(content)


def test_many_pupils_and_sessions_make_the_ledger_grow() -> None:
    days = [f"20{year}-{month:02d}-{day:02d}" for year in (24, 25) for month in (1, 3, 5) for day in range(1, 29)]
    upns = [make_upn(801, 2000 + number // 1000, 20, number % 1000) for number in range(1100)]
    few = [f"{upn},{day},AM,I\n" for upn in upns[:3] + upns[-3:] for day in days]
    lines = few + [f"{upn},{day},PM,B\n" for upn in upns for day in days[:3]] + [f"{upns[0]},{days[0]},AM,C\n"]
    more = [
        f"{upns[0]},{2026 + year}-{month:02d}-{day:02d},AM,I\n"
        for year in (0, 1)
        for month in (1, 3, 5)
        for day in range(1, 29)
    ]
    content = ("upn,date,session,code\n" + "".join(lines + more)).encode()
    marks, told = compiled(content)
    assert (marks, told) == exactly(content)
    assert len(marks) == 6 * 168 + 1100 * 3 + 168 and [code for _, _, code, _ in told] == ["two_codes"]


def test_a_long_file_is_read_a_piece_at_a_time() -> None:
    """The largest read that is asked of the file stays the same, however long the file is."""

    class Watching(io.BytesIO):
        largest = 0

        def read(self, size: int | None = -1, /) -> bytes:
            assert size is not None and size >= 0, "the whole file was asked for at once"
            self.largest = max(self.largest, size)
            return super().read(size)

    asked = []
    for many in (10, 200_000):
        file = Watching(b"upn,date,session,code\n" + f"{AMY},2026-09-02,AM,-\n".encode() * many)
        file.name = "long.csv"  # type: ignore[attr-defined]
        (blank,) = list(marks_long.read(file, ledger=ParsedMarks(), hand_out=False))
        assert isinstance(blank, Problem) and f"{many:,} rows have no code" in blank.sentence
        asked.append(file.largest)
    assert asked[0] == asked[1] <= 4 * 2**20


def test_words_are_numbered_as_they_come_and_found_among_many() -> None:
    words = Words()
    assert [words.add(f"word {number}".encode()) for number in range(5000)] == list(range(5000))
    assert {AGAIN, END, NEW} == {0, 1, 2}


@settings(deadline=None, max_examples=60)
@given(
    spoiled=st.dictionaries(st.integers(0, 299), st.tuples(UPNS, DATES, HALVES, CODES, EXTRAS, ENDS), max_size=8),
    lines_of_each=st.sampled_from([1, 2, 3, 40]),
)
def test_looking_ahead_for_new_pupils_says_and_enters_what_going_step_by_step_does(
    spoiled: dict[int, tuple[str, ...]], lines_of_each: int
) -> None:
    upns = [make_upn(801, 2000, 20, number) for number in range(300 // lines_of_each)]
    ends = [
        f"2026-09-{2 + number:02d},{half},{code},,\n"
        for number in range(20)
        for half, code in (("AM", "/"), ("PM", "\\"))
    ]
    lines = [f"{upn},{ends[number]}" for upn in upns for number in range(lines_of_each)]
    for number, cell in spoiled.items():
        lines[number % len(lines)] = ",".join(cell[:4]) + cell[4] + cell[5]
    content = ("upn,date,session,code,minutes_late,comment\n" + "".join(lines)).encode()
    assert compiled(content) == exactly(content)
