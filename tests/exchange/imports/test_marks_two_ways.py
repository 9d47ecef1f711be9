"""The way through the long form by columns and the exact one, row by row, give the same marks and the same problems on any file."""

from __future__ import annotations

import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from haven.exchange.imports.formats.marks import long as marks_long
from haven.exchange.imports.formats.marks.columns import read_columns
from haven.exchange.imports.formats.marks.parsed import MarkChecks, MarkRow, ParsedMarks
from haven.exchange.imports.problems import Problem
from haven.exchange.imports.reading import text_rows
from haven.exchange.imports.reading.table import DEFAULT, read_table
from haven.exchange.imports.reading.text_rows import NotPlain
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


def by_columns(content: bytes) -> tuple[dict[tuple[object, ...], tuple[object, ...]], Told]:
    """The same of the ledger alone."""
    ledger, told = ParsedMarks(), []
    for item in marks_long.read(upload(content), ledger=ledger, hand_out=False):
        assert isinstance(item, Problem)
        told.append((item.row, item.column, item.code, item.sentence))
    marks: dict[tuple[object, ...], tuple[object, ...]] = {}
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
    piece=st.sampled_from([64, 256, 1 << 21]),
)
@example(lines=f"{AMY},2026-09-02,AM,/\r{BEN},2026-09-02,AM,/\n", last="", encoding="utf-8", above="", piece=64)
@example(lines=f"{AMY},2026-09-02,AM,/\n" * 3, last="", encoding="utf-8", above="", piece=64)
def test_the_two_ways_agree(lines: str, last: str, encoding: str, above: str, piece: int) -> None:
    text = f"{above}upn,date,session,code,minutes_late,comment\n{lines}{last}"
    content = text.encode(encoding)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(text_rows, "_PIECE", piece)
        assert by_columns(content) == exactly(content)


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
    marks, told = by_columns(content)
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
        file.name = "long.csv"
        (blank,) = list(marks_long.read(file, ledger=ParsedMarks(), hand_out=False))
        assert isinstance(blank, Problem) and f"{many:,} rows have no code" in blank.sentence
        asked.append(file.largest)
    assert asked[0] == asked[1] <= 4 * 2**20


@settings(deadline=None, max_examples=60)
@given(
    spoiled=st.dictionaries(st.integers(0, 299), st.tuples(UPNS, DATES, HALVES, CODES, EXTRAS, ENDS), max_size=8),
    lines_of_each=st.sampled_from([1, 2, 3, 40]),
)
def test_a_file_with_a_few_spoiled_lines_gives_the_same_both_ways(
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
    assert by_columns(content) == exactly(content)


PLAIN_CODES = st.sampled_from(["I", "B", "C2", "i", "", "-", " M "])
PLAIN_EXTRAS = st.sampled_from([",,", ",,bus", ",0,", ",,é ", ", ,"])
DAYS = st.sampled_from(["2026-09-02", "03/09/2026", "5-9-2026", " 2026-09-04 "])


@st.composite
def plain_files(draw: st.DrawFn) -> bytes:
    """A good file with each pupil and session once, in any order, with or without quotation marks."""
    places = st.tuples(st.sampled_from([AMY, f"{AMY} ", BEN]), DAYS, st.sampled_from(["AM", "pm"]))
    kept = draw(st.lists(places, unique_by=lambda at: (at[0].strip(), at[1], at[2])))
    lines = [",".join(at) + "," + draw(PLAIN_CODES) + draw(PLAIN_EXTRAS) for at in kept]
    if draw(st.booleans()):
        lines = [",".join(f'"{cell}"' for cell in line.split(",")) for line in lines]
    end = draw(st.sampled_from(["\n", "\r\n"]))
    text = end.join(["upn,date,session,code,minutes_late,comment", *lines]) + draw(st.sampled_from(["", end]))
    return text.encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252"])))


@settings(deadline=None, max_examples=200)
@given(content=plain_files(), piece=st.sampled_from([64, 200, 1 << 21]))
def test_a_good_file_gives_the_same_both_ways(content: bytes, piece: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(text_rows, "_PIECE", piece)
        assert by_columns(content) == exactly(content)


def is_read_by_columns(content: bytes) -> bool:
    reading = read_table(
        upload(content), format="marks_long", items=lambda table, found: iter([(table, found)]), options=DEFAULT
    )
    table, found = next(item for item in reading if not isinstance(item, Problem))
    try:
        read_columns(table, found.positions, MarkChecks(file="register.csv", ledger=ParsedMarks(), codes=None))
    except NotPlain:
        return False
    return True


HEADINGS = "upn,date,session,code,minutes_late,comment"
READ_BY_COLUMNS = {
    "plain": f"{HEADINGS}\n{AMY},2026-09-02,AM,/,,\n{BEN},2026-09-02,AM,L,9,bus\n",
    "other order": f"code,date,upn,session,Form\n/,2026-09-02,{AMY},AM,9B\n",
    "quotation marks": f'{HEADINGS}\n"{AMY}","2026-09-02","AM","/","","late, again"\n',
    "without a code": f"{HEADINGS}\n{AMY},2026-09-02,AM,,,\n",
    "semicolons and CR LF": f"{HEADINGS}\n{AMY},2026-09-02,AM,/,,\n".replace(",", ";").replace("\n", "\r\n"),
    "words above": f"Marks of 9B\n\n{HEADINGS}\n{AMY},2026-09-02,AM,/,,\n",
}
READ_BY_ROWS = {
    "unknown code": f"{HEADINGS}\n{AMY},2026-09-02,AM,ZZ,,\n",
    "two codes": f"{HEADINGS}\n{AMY},2026-09-02,AM,/,,\n{AMY},2026-09-02,AM,I,,\n",
    "short row": f"{HEADINGS}\n{AMY},2026-09-02,AM,/\n",
    "blank row": f"{HEADINGS}\n{AMY},2026-09-02,AM,/,,\n\n{BEN},2026-09-02,AM,/,,\n",
    "quotation mark inside": f'{HEADINGS}\n{AMY},2026-09-02,AM,/,,"a""b"\n',
    "carriage return alone": f"{HEADINGS}\n{AMY},2026-09-02,AM,/,,\r{BEN},2026-09-02,AM,/,,\n",
    "minutes of a code that is not late": f"{HEADINGS}\n{AMY},2026-09-02,AM,I,9,\n",
    "instructions": f"{HEADINGS}\nRequired,DD/MM/YYYY,Required,Required,Optional,Optional\n{AMY},2026-09-02,AM,/,,\n",
}


@pytest.mark.parametrize("name", READ_BY_COLUMNS)
def test_a_plain_file_is_read_by_columns(name: str) -> None:
    content = READ_BY_COLUMNS[name].encode()
    assert by_columns(content) == exactly(content)
    assert is_read_by_columns(content)


@pytest.mark.parametrize("name", READ_BY_ROWS)
def test_a_file_with_something_wrong_is_read_row_by_row(name: str) -> None:
    content = READ_BY_ROWS[name].encode()
    assert by_columns(content) == exactly(content)
    assert not is_read_by_columns(content)
