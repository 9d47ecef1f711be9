"""Problems in words: places, counts, and a list that is never cut silently."""

from __future__ import annotations

import csv
import io

from haven.exchange.imports.problems import ProblemLog, error, query, quoted


def test_a_sentence_says_file_row_and_column() -> None:
    problem = error(file="register.csv", row=1200, column="code", code="unknown_code", message="Enter a code.")
    assert problem.sentence == "register.csv, row 1,200, column “code”: Enter a code."
    assert problem.message == "Enter a code." and problem.is_error
    assert query(file="a.csv", code="x", message="Look.").sentence == "a.csv: Look."


def test_a_long_value_is_cut_inside_a_sentence() -> None:
    assert quoted("a\n b") == "“a b”"
    assert quoted("x" * 100) == f"“{'x' * 59}…”"


def test_the_list_says_when_it_is_cut_and_the_download_holds_everything() -> None:
    with ProblemLog(cap=200) as log:
        log.extend(query(file="f.csv", row=row, code="q", message="Look.") for row in range(312))
        log.extend(error(file="f.csv", row=row, column="=x", code="e", message="Fix.") for row in range(4000))
        assert log.total == 4312 and log.has_errors and log.by_code == {"q": 312, "e": 4000}
        assert log.summary() == "4,000 errors and 312 queries."
        assert log.shown_line() == "Showing 200 of 4,312 problems; the full list is in the download."
        assert len(log.shown()) == 200 and all(problem.is_error for problem in log.shown())
        target = io.BytesIO()
        log.copy_to(target)
        log.add(query(file="f.csv", code="q", message="One more."))
    lines = list(csv.DictReader(io.StringIO(target.getvalue().decode("utf-8-sig"))))
    assert len(lines) == 4312
    assert lines[-1]["column"] == "'=x", "no formula in the download"


def test_a_short_list_is_whole() -> None:
    with ProblemLog() as log:
        assert (log.summary(), log.shown_line()) == ("No problems found.", "No problems found.")
        log.add(query(file="f.csv", code="q", message="Look."))
        assert (log.summary(), log.shown_line()) == ("1 query.", "Showing all 1 problem.")
        assert not log.has_errors


def test_a_copy_of_a_log_has_the_same_problems_and_grows_alone() -> None:
    with ProblemLog(cap=1) as log:
        log.extend(
            [error(file="a.csv", code="one", message="Say so."), error(file="a.csv", code="two", message="Say so.")]
        )
        with log.copy() as copied:
            copied.add(error(file="a.csv", code="three", message="Say so."))
            assert (log.total, copied.total) == (2, 3)
            assert copied.shown() == log.shown() and copied.by_code["three"] == 1
            assert [whole_list(each).count("a.csv,") for each in (log, copied)] == [2, 3]


def whole_list(log: ProblemLog) -> str:
    with io.BytesIO() as target:
        log.copy_to(target)
        return target.getvalue().decode("utf-8-sig")
