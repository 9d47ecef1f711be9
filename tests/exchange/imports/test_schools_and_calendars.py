"""Schools from Get Information About Schools, and calendars in both forms."""

from __future__ import annotations

from datetime import date

import pytest

from haven.exchange.imports.formats.calendar import bank_holidays, calendar_csv
from haven.exchange.imports.formats.calendar.calendar_csv import CalendarYear
from haven.exchange.imports.formats.schools import gias
from haven.exchange.imports.problems import Problem
from haven.rules.sessions import Half
from tests.exchange.imports.files import codes_of, sorted_out, upload, workbook
from tests.support.published import DATA

HEADER = (
    "URN,LA (code),EstablishmentName,EstablishmentStatus (name),StatutoryLowAge,TelephoneNum,CloseDate,Trusts (name)\n"
)


def test_the_layout_of_2018() -> None:
    reading = gias.read(DATA / "schools" / "gias_layout_2018.csv")
    rows, problems = sorted_out(reading)
    assert "2018" in reading.layout and problems == [] and len(rows) == 4
    assert (rows[0].urn, rows[0].name, rows[0].la_code) == ("900101", "St Oswin's CofE Primary School", "207")
    assert (rows[0].low_age, rows[0].high_age, rows[0].postcode, rows[0].is_open) == (3, 11, "W10 9ZZ", True)
    assert rows[0].head_name == "Ms Petra Lindqvist-Hale" and rows[0].opened_on is None


def test_the_layout_of_2024_keeps_closed_schools_and_puts_zeros_back() -> None:
    reading = gias.read(DATA / "schools" / "gias_layout_2024.csv")
    rows, problems = sorted_out(reading)
    assert "2024" in reading.layout and problems == [] and len(rows) == 5
    assert [(row.status, row.is_open) for row in rows[:3]] == [
        ("Closed", False),
        ("Closed", False),
        ("Open, but proposed to close", True),
    ]
    assert rows[0].telephone == "02079460011" and rows[1].opened_on == date(1920, 1, 1)


def test_a_school_file_in_windows_1252() -> None:
    rows, problems = sorted_out(gias.read(upload(HEADER + "100001,1,École,Open,,,,\n", encoding="cp1252")))
    assert rows[0].name == "École" and rows[0].la_code == "001" and codes_of(problems) == ["encoding_guessed"]


def test_what_is_wrong_with_schools() -> None:
    lines = "12,201,A,Open,,,,\n100001,201,,Open,,,,\n100002,201,B,Open,three,,31/02/2020,\n100002,201,B,Open,3,,,\n"
    rows, problems = sorted_out(gias.read(upload(HEADER + lines)))
    assert [(row.urn, row.low_age, row.closed_on) for row in rows] == [("100002", None, None)]
    assert [(problem.row, problem.code, problem.column) for problem in problems] == [
        (2, "bad_urn", "URN"),
        (3, "value_missing", "EstablishmentName"),
        (4, "value_unknown", "StatutoryLowAge"),
        (4, "value_unknown", "CloseDate"),
        (5, "school_twice", "URN"),
    ]


def year_of(text: str) -> tuple[CalendarYear | None, list[Problem]]:
    rows, problems = sorted_out(calendar_csv.read(upload(text)))
    return (rows[0] if rows else None), problems


def test_one_line_a_session() -> None:
    year, problems = year_of("date,session\n2026-09-03,PM\n02/09/2026,am\n2026-09-02,PM\n")
    assert year is not None and problems == [] and year.academic_year == "2026-27" and year.periods == ()
    assert year.sessions == ((date(2026, 9, 2), Half.AM), (date(2026, 9, 2), Half.PM), (date(2026, 9, 3), Half.PM))


def test_a_calendar_workbook() -> None:
    rows, problems = sorted_out(calendar_csv.read(workbook([["Date", "Session"], [date(2026, 9, 2), "AM"]])))
    assert rows[0].sessions == ((date(2026, 9, 2), Half.AM),) and problems == []


def test_queries_about_sessions_do_not_hold_the_year_back() -> None:
    year, problems = year_of("date,session\n2026-09-05,AM\n2026-09-05,PM\n2026-09-05,PM\n")
    assert year is not None and len(year.sessions) == 2
    assert [(problem.code, problem.row) for problem in problems] == [("on_weekend", 2), ("session_twice", 4)]
    assert "5 September 2026 is a Saturday" in problems[0].sentence


@pytest.mark.parametrize(
    ("lines", "code", "words"),
    [
        ("2026-08-31,AM\n2026-09-01,AM\n", "two_years", "2025-26 and 2026-27"),
        ("2026-02-30,AM\n", "bad_date", "not a day of the calendar"),
        ("01/09/26,AM\n", "two_digit_year", "2 digits"),
        ("2026-09-01,noon\n", "bad_session", "AM or PM"),
    ],
)
def test_errors_hold_the_year_back(lines: str, code: str, words: str) -> None:
    year, problems = year_of("date,session\n2026-09-02,AM\n" + lines)
    assert year is None and code in codes_of(problems)
    assert any(words in problem.sentence for problem in problems)


TERMS = """kind,name,from,to
term,Autumn,2026-09-02,2026-12-18
half term,,26/10/2026,30/10/2026
inset,,2026-09-02,
closure,boiler,2026-11-05,2026-11-06
term,Spring,2027-01-04,2027-03-25
"""


def test_terms_with_holidays_inset_days_and_closures() -> None:
    year, problems = year_of(TERMS)
    assert year is not None and problems == [] and year.academic_year == "2026-27"
    days = {on for on, _ in year.sessions}
    assert len(year.sessions) == 2 * len(days) and list(year.sessions) == sorted(
        year.sessions, key=lambda s: (s[0], s[1].number)
    )
    for closed in ("2026-09-02", "2026-10-28", "2026-11-05", "2026-09-05", "2026-12-25", "2027-01-01"):
        assert date.fromisoformat(closed) not in days
    autumn = (78 - 5 - 1 - 2) + 59
    assert len(days) == autumn
    assert [period.name for period in year.of_kind("term")] == ["Autumn", "Spring"]


@pytest.mark.parametrize(
    ("line", "code", "severity"),
    [
        ("inset,,2026-12-28,\n", "inset_outside_term", "query"),
        ("closure,,2026-12-28,2026-12-29\n", "closure_outside_term", "query"),
        ("term,Extra,2026-12-18,2026-12-23\n", "terms_overlap", "error"),
        ("term,Late,2027-10-01,2027-10-05\n", "two_years", "error"),
        ("term,Long,2027-04-01,2029-04-01\n", "two_years", "error"),
        ("party,,2026-12-18,\n", "unknown_kind", "error"),
        ("holiday,,2026-12-18,2026-12-01\n", "dates_reversed", "error"),
        ("holiday,,,2026-12-01\n", "bad_date", "error"),
    ],
)
def test_what_is_wrong_with_terms(line: str, code: str, severity: str) -> None:
    year, problems = year_of(TERMS + line)
    assert [(problem.code, problem.severity) for problem in problems if problem.code == code] == [(code, severity)]
    assert (year is None) == (severity == "error")


def test_a_calendar_without_terms_has_no_days() -> None:
    assert codes_of(year_of("kind,from\ninset,2026-09-02\n")[1]) == ["no_terms"]


def test_school_on_a_bank_holiday_is_asked_about() -> None:
    assert bank_holidays.published()[date(2027, 3, 26)] == "Good Friday"
    year, problems = year_of("kind,from,to\nterm,2027-03-22,2027-03-31\n")
    assert year is not None and {problem.code for problem in problems} == {"bank_holiday_open"}
    assert [problem.message.split(" (")[0] for problem in problems] == [
        "26 March 2027 is a bank holiday", "29 March 2027 is a bank holiday",
    ]  # fmt: skip
    year, problems = year_of(
        "kind,name,from,to\nterm,Spring,2027-03-22,2027-03-31\nholiday,Easter,2027-03-26,2027-03-29\n"
    )
    assert year is not None and problems == []


def test_a_bank_holiday_on_a_day_that_is_none_is_asked_about() -> None:
    """In 2020 the early May bank holiday was moved to Friday 8 May."""
    year, problems = year_of(
        "kind,name,from,to\nterm,Summer,2020-04-20,2020-07-17\nholiday,Early May bank holiday,2020-05-04,\n"
        "holiday,Half-term,2020-05-25,2020-05-29\n"
    )
    assert year is not None
    assert [(problem.code, problem.severity, problem.row) for problem in problems] == [
        ("no_bank_holiday", "query", 3), ("bank_holiday_open", "query", None),
    ]  # fmt: skip
    assert (
        "4 May 2020 is not a bank holiday" in problems[0].sentence
        and "8 May 2020 is a bank holiday" in problems[1].sentence
    )


def test_a_year_that_is_not_published_is_not_compared() -> None:
    assert (
        codes_of(
            year_of("kind,name,from,to\nterm,Spring,2040-01-02,2040-03-20\nholiday,A bank holiday,2040-01-09,\n")[1]
        )
        == []
    )


def test_a_session_on_a_bank_holiday_is_asked_about() -> None:
    assert "bank_holiday_open" in codes_of(year_of("date,session\n2026-12-25,AM\n")[1])
