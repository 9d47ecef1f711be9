"""Marks in both forms: the checks of the file alone, and two ways through the long form that must agree."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haven.exchange.imports.formats import registry
from haven.exchange.imports.formats.marks import long as marks_long
from haven.exchange.imports.formats.marks import wide as marks_wide
from haven.exchange.imports.formats.marks.parsed import MarkRow, ParsedMarks
from haven.exchange.imports.problems import Problem, ProblemLog
from haven.exchange.imports.reading.table import Options
from haven.rules.sessions import Half
from tests.exchange.imports.files import AMY, BEN, codes_of, sorted_out, upload, workbook

DAY = date(2026, 9, 2)


def long_form(lines: str, heads: str = "upn,date,session,code", **more: object) -> tuple[list[MarkRow], list[Problem]]:
    return sorted_out(marks_long.read(upload(f"{heads}\n{lines}"), **more))  # type: ignore[arg-type]


def places(problems: list[Problem]) -> list[tuple[int | None, str | None, str, str]]:
    return [(problem.row, problem.column, problem.code, problem.severity) for problem in problems]


def test_long_form() -> None:
    lines = f"{AMY},2026-09-02,AM,/\n{AMY},02/09/2026,pm,L,12,bus late\n{BEN},2026-09-02,AM,C2,,\n"
    rows, problems = long_form(lines, "UPN,Date,Session,Code,Minutes_Late,Comment")
    assert rows == [
        MarkRow(2, "Code", AMY, DAY, Half.AM, "/", None, ""),
        MarkRow(3, "Code", AMY, DAY, Half.PM, "L", 12, "bus late"),
        MarkRow(4, "Code", BEN, DAY, Half.AM, "C2", None, ""),
    ]
    assert codes_of(problems) == ["row_too_short"]


def test_wide_form() -> None:
    text = f"Pupil,UPN,2026-09-02 AM,02/09/2026 PM,2026-09-03 am\nA,{AMY},/,\\,\nB,{BEN},I,-,C2\n"
    rows, problems = sorted_out(marks_wide.read(upload(text)))
    assert [(row.row, row.column, row.upn, row.on.day, row.half.value, row.symbol) for row in rows] == [
        (2, "2026-09-02 AM", AMY, 2, "AM", "/"),
        (2, "02/09/2026 PM", AMY, 2, "PM", "\\"),
        (3, "2026-09-02 AM", BEN, 2, "AM", "I"),
        (3, "2026-09-03 am", BEN, 3, "AM", "C2"),
    ]
    assert codes_of(problems) == ["columns_unused"] and "“Pupil”" in problems[0].sentence


def test_the_form_is_found_by_the_headings() -> None:
    wide = registry.read_marks(upload(f"upn;2026-09-02 AM\n{AMY};/\n"))
    long = registry.read_marks(workbook([["upn", "date", "session", "code"], [AMY, DAY, "AM", "/"]]))
    for reading in (wide, long):
        rows, problems = sorted_out(reading)
        assert [(row.upn, row.on, row.symbol) for row in rows] == [(AMY, DAY, "/")] and problems == []
    assert codes_of(sorted_out(registry.read_marks(upload(b"")))[1]) == ["file_empty"]


HEADS = ["upn", "date", "session", "code", "minutes_late", "comment"]


@pytest.mark.parametrize(
    ("line", "place"),
    [
        (f"{AMY},2026-09-02,AM,QQ,,", ("code", "unknown_code")),
        (f"{AMY},2026-09-02,AM,i,,", ("code", "unknown_code")),
        (f"{AMY},2026-09-02,AM,I01,,", ("code", "unknown_code")),
        (f"{AMY},2026-09-02,AM,H,,", ("code", "unknown_code")),
        (f"{AMY},2026-09-02,PM,/,,", ("code", "wrong_half")),
        (f"{AMY},2026-09-02,AM,\\,,", ("code", "wrong_half")),
        (f"{AMY},2026-09-31,AM,I,,", ("date", "bad_date")),
        (f"{AMY},02/09/26,AM,I,,", ("date", "two_digit_year")),
        (f"{AMY},,AM,I,,", ("date", "bad_date")),
        (f"{AMY},2026-09-02,noon,I,,", ("session", "bad_session")),
        (",2026-09-02,AM,I,,", ("upn", "value_missing")),
        (f"{AMY}1,2026-09-02,AM,I,,", ("upn", "bad_upn")),
        (f"{AMY},2026-09-02,AM,I,soon,", ("minutes_late", "bad_number")),
        (f"{AMY},2026-09-02,AM,I,5,6,7,8", (None, "row_too_long")),
    ],
)
@pytest.mark.parametrize("upn_first", [True, False])
def test_errors_of_a_line(line: str, place: tuple[str | None, str], upn_first: bool) -> None:
    lines = [HEADS, line.split(","), [BEN, "2026-09-02", "AM", "/", "", ""]]
    if not upn_first:
        lines = [row[1:6] + row[:1] + row[6:] for row in lines]
    rows, problems = sorted_out(marks_long.read(upload("\n".join(",".join(row) for row in lines))))
    assert [row.upn for row in rows] == [BEN]
    assert places(problems) == [(2, *place, "error")]


def test_sentences_about_codes_say_what_to_do() -> None:
    problems = long_form(f"{AMY},2026-09-02,PM,/\n{AMY},2026-09-03,AM,H\n")[1]
    assert problems[0].sentence == (
        "upload.csv, row 2, column “code”: / cannot be used in the PM session. Use \\ for a pupil who was present."
    )
    assert "withdrawn after 18 August 2024" in problems[1].sentence


def test_a_code_is_judged_by_its_date() -> None:
    rows, problems = long_form(f"{AMY},2024-07-01,AM,H\n{AMY},2024-09-10,AM,H\n")
    assert [(row.on.month, row.symbol) for row in rows] == [(7, "H")] and codes_of(problems) == ["unknown_code"]


def test_a_schools_own_sub_codes_are_translated() -> None:
    rows, problems = long_form(f"{AMY},2026-09-02,AM,I01\n", codes={"I01": "I"})
    assert [row.symbol for row in rows] == ["I"] and problems == []


def test_a_wrong_upn_is_said_once() -> None:
    rows, problems = long_form("X,2026-09-02,AM,/\nX,2026-09-02,PM,\\\nX,2026-09-03,AM,/\n")
    assert rows == [] and places(problems) == [(2, "upn", "bad_upn", "error")]


def test_lines_without_a_code_stay_missing() -> None:
    rows, problems = long_form(f"{AMY},2026-09-02,AM,\n{AMY},2026-09-02,PM,-\n{AMY},2026-09-03,AM,/\n")
    assert len(rows) == 1 and places(problems) == [(2, "code", "no_code", "query")]
    assert "2 rows have no code" in problems[0].sentence


def test_minutes_beside_a_code_that_is_not_late_are_a_query() -> None:
    rows, problems = long_form(
        f"{AMY},2026-09-02,AM,I,5\n{AMY},2026-09-02,PM,U,50\n", "upn,date,session,code,minutes_late"
    )
    assert [row.minutes_late for row in rows] == [5, 50]
    assert places(problems) == [(2, "minutes_late", "minutes_without_late", "query")]


@pytest.mark.parametrize("heads", ["upn,date,session,code", "date,session,code,upn"])
def test_the_same_line_twice_counts_once_and_two_codes_name_both_rows(heads: str) -> None:
    marks = [
        (AMY, "2026-09-02", "AM", "/"),
        (BEN, "2026-09-02", "AM", "/"),
        (AMY, "02/09/2026", "am", "/"),
        (AMY, "2026-09-02", "AM", "N"),
    ]
    if heads != "upn,date,session,code":
        marks = [(*mark[1:], mark[0]) for mark in marks]
    ledger = ParsedMarks()
    rows, problems = long_form("\n".join(map(",".join, marks)), heads, ledger=ledger)
    assert [(row.row, row.upn) for row in rows] == [(2, AMY), (3, BEN)]
    assert places(problems) == [(4, "code", "same_line_again", "query"), (5, "code", "two_codes", "error")]
    assert "has N here and / in row 2" in problems[1].sentence and "2 September 2026" in problems[1].sentence
    assert ledger.disputed == {(AMY, 0)} and ledger.sessions == [(DAY, Half.AM)]


def test_a_pupil_in_two_rows_of_the_wide_form() -> None:
    text = f"upn,2026-09-02 AM,2026-09-02 PM\n{AMY},/,\n{AMY},/,I\n{AMY},,L\n"
    rows, problems = sorted_out(marks_wide.read(upload(text)))
    assert [(row.row, row.symbol) for row in rows] == [(2, "/"), (3, "I")]
    assert places(problems) == [
        (3, "2026-09-02 AM", "same_line_again", "query"),
        (4, "2026-09-02 PM", "two_codes", "error"),
    ]


@pytest.mark.parametrize(
    ("heads", "code"),
    [
        ("upn,name", "no_session_columns"),
        ("upn,2026-09-31 AM", "bad_date"),
        ("upn,02/09/26 AM", "two_digit_year"),
        ("upn,2026-09-02 AM,02/09/2026 am", "session_column_twice"),
        ("name,2026-09-02 AM", "column_missing"),
    ],
)
def test_headings_of_the_wide_form_that_do_not_fit(heads: str, code: str) -> None:
    rows, problems = sorted_out(marks_wide.read(upload(f"{heads}\n{AMY},/,/\n")))
    assert rows == [] and code in codes_of(problems)
    assert all(problem.row == 1 for problem in problems if problem.code == code)


def test_wide_errors_name_the_session_column() -> None:
    rows, problems = sorted_out(marks_wide.read(upload(f"upn,2026-09-02 AM,2026-09-02 PM\n{AMY},QQ,/\nX,/,I\n")))
    assert rows == []
    assert places(problems) == [
        (2, "2026-09-02 AM", "unknown_code", "error"),
        (2, "2026-09-02 PM", "wrong_half", "error"),
        (3, "upn", "bad_upn", "error"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_marks_from_any_program(encoding: str, separator: str) -> None:
    text = f"Marks of 9B\n\nupn,date,session,code,comment\n{AMY},2026-09-02,AM,I,“Ñ”\n".replace(",", separator)
    rows, _ = sorted_out(marks_long.read(upload(text, encoding=encoding)))
    assert [(row.row, row.upn, row.symbol, row.comment) for row in rows] == [(4, AMY, "I", "“Ñ”")]


def test_quoted_lines_and_comments_over_lines() -> None:
    text = f'"{AMY}","2026-09-02","AM","/",""\n"{BEN}","2026-09-02","AM","/",""\n{AMY},2026-09-02,PM,L,"late,\nagain"\n{BEN},2026-09-02,PM,"L"x,\n{BEN},2026-09-03,PM,I,"open\n'
    rows, problems = long_form(text, "upn,date,session,code,comment")
    assert [(row.row, row.upn, row.symbol, row.comment) for row in rows] == [
        (2, AMY, "/", ""), (3, BEN, "/", ""), (4, AMY, "L", "late,\nagain"),
    ]  # fmt: skip
    assert places(problems) == [(5, None, "quotation_inside", "error"), (6, None, "quotation_open", "error")]


def test_a_line_seen_before_is_still_read_whole() -> None:
    first = f'{BEN},2026-09-03,AM,/,\n{AMY},2026-09-02,AM,"/\n",bus\n{AMY},2026-09-03,AM,"/\n",\n'
    again = f'{BEN},2026-09-02,AM,"/\n",bus\n{BEN},2026-09-04,AM,"/\n",\n{AMY},2026-09-04,AM,"/\n",\n'
    rows, problems = long_form(first + again, "upn,date,session,code,comment")
    assert problems == []
    assert [(row.row, row.upn, row.on.day, row.symbol, row.comment) for row in rows] == [
        (2, BEN, 3, "/", ""),
        (3, AMY, 2, "/", "bus"),
        (4, AMY, 3, "/", ""),
        (5, BEN, 2, "/", "bus"),
        (6, BEN, 4, "/", ""),
        (7, AMY, 4, "/", ""),
    ]


def test_the_same_comment_for_another_pupil_is_kept() -> None:
    lines = f"{BEN},2026-09-03,AM,/,\n{AMY},2026-09-02,AM,L,bus\n{BEN},2026-09-02,AM,L,bus\n"
    rows, _ = long_form(lines, "upn,date,session,code,comment")
    assert [row.comment for row in rows] == ["", "bus", "bus"]


def test_a_mapping_for_other_headings() -> None:
    own = {"code": "Mark symbol", "session": "Half day"}
    text = f"UPN,Date,Half day,Mark symbol\n{AMY},2026-09-02,AM,/\n"
    assert len(sorted_out(marks_long.read(upload(text), options=Options(mapping=own)))[0]) == 1


def test_the_ledger_alone_holds_what_is_handed_out() -> None:
    text = f"upn,date,session,code,minutes_late\n{AMY},2026-09-02,AM,/,\n{BEN},2026-09-02,PM,L,7\n"
    ledger = ParsedMarks()
    rows, problems = sorted_out(marks_long.read(upload(text), ledger=ledger, hand_out=False))
    assert rows == [] and problems == [] and ledger.marks == 2
    number = ledger.sessions.index((DAY, Half.PM))
    assert ledger.symbols[ledger.pupils[BEN].codes[number]] == "L" and ledger.pupils[BEN].rows[number] == 3
    assert ledger.extras == {(BEN, number): (7, "")}


def test_rows_into_a_log() -> None:
    with ProblemLog() as log:
        rows = list(
            marks_long.read(
                upload(f"upn,date,session,code\n{AMY},2026-09-02,AM,/\n{AMY},2026-09-03,AM,??\n")
            ).rows_into(log)
        )
        assert len(rows) == 1 and log.summary() == "1 error."


UPNS = st.sampled_from([AMY, BEN, f" {AMY}", "WRONG", ""])
DATES = st.sampled_from(["2026-09-02", "02/09/2026", "2026-09-03", "2024-01-08", "2026-02-30"])
HALVES = st.sampled_from(["AM", "PM", "am", "noon"])
CODES = st.sampled_from(["/", "\\", "L", "N", "C2", "H", "-", "", "zz", "/\n"])
COMMENTS = st.sampled_from(["", "", "a, b", 'say "x"', "two\nlines"])


def alternative(lines: list[tuple[str, ...]]) -> dict[tuple[str, date, str], tuple[str, str]]:
    """The obvious reading of good lines, one by one: the first mark of each pupil and session, with its comment."""
    known = {"2026-09-02": DAY, "02/09/2026": DAY, "2026-09-03": date(2026, 9, 3), "2024-01-08": date(2024, 1, 8)}
    marks: dict[tuple[str, date, str], tuple[str, str]] = {}
    for upn, day, half, code, comment in lines:
        on, half, code = known.get(day), half.upper(), code.strip()
        if upn.strip() not in (AMY, BEN) or on is None or half not in ("AM", "PM") or code in ("-", "", "zz"):
            continue
        if (code == "/" and half == "PM") or (code == "\\" and half == "AM"):
            continue
        if (code == "H" and on > date(2024, 8, 18)) or (code == "C2" and on < date(2024, 8, 19)):
            continue
        marks.setdefault((upn.strip(), on, half), (code, comment))
    return marks


@settings(deadline=None, max_examples=150)
@given(
    lines=st.lists(st.tuples(UPNS, DATES, HALVES, CODES, COMMENTS), max_size=30),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    separator=st.sampled_from([",", ";"]),
)
def test_both_ways_through_the_long_form_agree_with_the_obvious_one(
    lines: list[tuple[str, ...]], quoting: int, separator: str
) -> None:
    heads = ("upn", "date", "session", "code", "comment")
    found = []
    for order in ((0, 1, 2, 3, 4), (4, 3, 0, 1, 2)):
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=separator, quoting=quoting)  # type: ignore[arg-type]
        writer.writerows([[line[place] for place in order] for line in [heads, *lines]])
        rows, problems = sorted_out(marks_long.read(upload(text.getvalue())))
        found.append((rows, [(problem.row, problem.column, problem.code) for problem in problems]))
    assert found[0] == found[1]
    assert {(row.upn, row.on, row.half.value): (row.symbol, row.comment) for row in found[0][0]} == alternative(lines)
    assert len(found[0][0]) == len(alternative(lines)), "each mark once"


def test_every_format_is_listed_and_says_what_it_needs() -> None:
    words = registry.formats()
    assert list(words) == ["schools", "calendar", "pupils", "marks"]
    assert all(set(entry.needs_first) <= set(words) and entry.layouts for entry in words.values())
    assert len(registry.list_lines()) == 4 and registry.list_lines()[3].endswith("Import calendar and pupils first.")
