"""Thousands of sheets walked by the kernel and asked in SQL, one row a mark: every measure of every sheet is the same."""

from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from haven.analytics.calendar import Calendar, build_calendar, day_of
from haven.analytics.measures import walk_many
from haven.analytics.sheets import OnRoll
from haven.rules.attendance_codes import CODES, MISSING, classify, from_byte, to_byte
from haven.rules.sessions import Half, session_key
from tests.generative.measures_in_sql import COLUMNS, QUESTION

SHEETS = 400
MOODS = [
    {"/": 90, "\\": 4, "L": 2, "I": 2, "O": 1, "": 1},
    {"/": 40, "I": 40, "M": 5, "L": 5, "U": 5, "#": 5},
    {"O": 50, "G": 10, "N": 10, "U": 5, "/": 20, "X": 5},
    {"/": 20, "O": 30, "#": 20, "D": 10, "": 20},
]


def days_of(start: date, weeks: int, shut: set[int]) -> list[date]:
    return [start + timedelta(weeks=week, days=day) for week in range(weeks) if week not in shut for day in range(5)]


def calendars() -> tuple[Calendar, Calendar]:
    """A year and the year before, with holidays, some days of one session, and school on one Saturday."""
    before = [session_key(on, half) for on in days_of(date(2024, 9, 2), 44, {7, 15, 16, 24}) for half in Half]
    this = [(on, half) for on in days_of(date(2025, 9, 1), 42, {8, 16, 17, 25}) for half in Half]
    this = [(on, half) for place, (on, half) in enumerate(this) if place % 41 != 7]
    this = sorted([*this, (date(2025, 9, 13), Half.AM)], key=lambda one: session_key(*one))
    last = build_calendar(before)
    return last, build_calendar([session_key(on, half) for on, half in this], last)


def sheets_on(calendar: Calendar, rng: np.random.Generator) -> Any:
    """Marks in stretches, each of one mood; codes that are not in force on a day are left out."""
    matrix = np.full((SHEETS, calendar.sessions), MISSING, np.uint8)
    for row in range(SHEETS):
        place = 0
        while place < calendar.sessions:
            length = int(rng.choice([2, 6, 20, 60]))
            mood = MOODS[int(rng.choice(len(MOODS), p=[0.6, 0.1, 0.2, 0.1]))]
            share = np.array(list(mood.values())) / sum(mood.values())
            for code in rng.choice(list(mood), size=min(length, calendar.sessions - place), p=share):
                matrix[row, place] = to_byte(str(code) or None)
                place += 1
    any_code = rng.random(matrix.shape) < 0.02
    codes = np.array([to_byte(one.symbol) for one in CODES if one.is_in_force(date(2025, 9, 1)) and one.is_in_force(date(2025, 7, 1))], np.uint8)  # fmt: skip
    matrix[any_code] = rng.choice(codes, int(any_code.sum()))
    return matrix


def rolls(calendar: Calendar, rng: np.random.Generator) -> OnRoll:
    whole = rng.random(SHEETS) < 0.6
    first = np.where(whole, 0, rng.integers(0, calendar.sessions, SHEETS))
    last = np.where(whole, calendar.sessions - 1, rng.integers(-1, calendar.sessions, SHEETS))
    return OnRoll(first.astype(np.int32), last.astype(np.int32))


def rows_of(matrix: Any, calendar: Calendar, roll: OnRoll, before: bool, weeks: Any) -> dict[str, Any]:
    sheet, place = np.nonzero(
        (np.arange(calendar.sessions) >= roll.first[:, None]) & (np.arange(calendar.sessions) <= roll.last[:, None])
    )
    byte = matrix[sheet, place]
    classes = {}
    for number, epoch in {(int(b), int(e)) for b, e in zip(byte, calendar.epoch[place], strict=True)}:
        on = day_of(calendar.day[calendar.epoch == epoch][0])
        symbol = from_byte(number)
        classes[number, epoch] = classify(symbol, on).value if symbol and on else None
    return {
        "sheet": sheet, "place": place - (calendar.sessions if before else 0), "day": calendar.day[place], "week": weeks[place],
        "half_day": calendar.half_day[place], "code": [from_byte(int(one)) for one in byte],
        "class": [classes[int(b), int(e)] for b, e in zip(byte, calendar.epoch[place], strict=True)],
    }  # fmt: skip


def in_sql(parts: list[dict[str, Any]], begins: int, ends: int) -> list[dict[str, Any]]:
    columns = {name: pa.array([value for part in parts for value in part[name]]) for name in parts[0]}
    many = len(columns["sheet"])
    mark = pa.table({**columns, "begins": np.full(many, begins), "ends": np.full(many, ends)})
    sheet = pa.table({"sheet": np.arange(SHEETS)})
    with duckdb.connect() as connection:
        connection.register("mark", mark)
        connection.register("sheet", sheet)
        found = connection.execute(QUESTION).fetchall()
    return [dict(zip(COLUMNS, row[1:], strict=True)) for row in found]


@pytest.mark.parametrize("seed", range(4))
def test_the_walk_and_sql_agree_on_every_measure(seed: int) -> None:
    rng = np.random.default_rng(seed)
    last_year, calendar = calendars()
    matrix, previous = sheets_on(calendar, rng), sheets_on(last_year, rng)
    roll, roll_before = rolls(calendar, rng), rolls(last_year, rng)
    from_on, to_on = (
        (None, None) if seed == 0 else (day_of(calendar.day[40 * seed]), day_of(calendar.day[150 + 60 * seed]))
    )
    begins = 0 if from_on is None else calendar.first_from(from_on)
    ends = calendar.sessions - 1 if to_on is None else calendar.last_to(to_on)
    walked = walk_many(
        matrix, calendar, roll=roll, from_on=from_on, to_on=to_on, previous=previous, previous_roll=roll_before
    )
    weeks_before = last_year.week - len(last_year.monday)
    parts = [
        rows_of(matrix, calendar, roll, False, calendar.week),
        rows_of(previous, last_year, roll_before, True, weeks_before),
    ]
    asked = in_sql(parts, begins, ends)
    assert len(asked) == SHEETS
    for name in COLUMNS:
        assert walked[name].tolist() == [row[name] for row in asked], name
    assert all(walked[name].any() for name in COLUMNS if not name.endswith("_on"))
    assert all((walked[name] >= 0).any() for name in COLUMNS if name.endswith("_on"))
