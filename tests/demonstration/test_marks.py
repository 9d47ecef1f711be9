"""Do generated marks have England's mix of reasons and its heavy tail?

The generator stands between the newest reasons (2025-26) and the newest bands (2022-23, a year with more absence). So a reason may
differ by a fifth of itself or 0.06 points, a band by 9 points, persistent absence by 5 and severe absence by 1.2.
"""

from collections import Counter
from datetime import date
from typing import Any

import numpy as np
import pytest

from haven.demonstration.marks import byte, shares_to_miss, ways_of, year_of_marks
from haven.demonstration.registers import _as_written_then
from haven.demonstration.shares import ABSENT, BANDS, PHASES, REASONS, absence
from haven.rules.attendance_codes import class_table
from tests.support.published import attendance_rows, national_rows

PUPILS = 5000
WEEKDAYS = np.arange(190) % 5
MONTHS = np.repeat([9, 10, 11, 12, 1, 2, 3, 4, 5, 6], 19)
COLUMNS = {
    "L": "reason_l_present_late_before_registers_closed", "I": "reason_i_authorised_illness", "G": "reason_g_unauthorised_holiday",
    "M": "reason_m_authorised_medical_dental", "E": "reason_e_authorised_excluded", "C": "reason_c_authorised_other",
    "C2": "reason_c2_authorised_temp_reduced_timetable", "B": "reason_b_aea_education_off_site", "V": "reason_v_aea_educational_visit_trip",
    "U": "reason_u_unauthorised_late_after_registers_closed", "O": "reason_o_other_unauthorised", "N": "reason_n_no_reason_yet",
    "K": "reason_k_aea_education_arranged_by_la", "W": "reason_w_aea_work_experience", "R": "reason_r_authorised_religious_observance",
}  # fmt: skip


@pytest.fixture(scope="module")
def years() -> dict[str, Any]:
    """A year of marks of many pupils, by phase."""
    found = {}
    for phase in PHASES:
        rng = np.random.default_rng(11)
        groups = rng.integers(0, 7, PUPILS) if phase == "Primary" else rng.integers(7, 12, PUPILS)
        found[phase] = year_of_marks(rng, ways_of(phase), shares_to_miss(rng, phase, PUPILS), groups, WEEKDAYS, MONTHS)
    return found


def percent(marks: Any, symbol: str) -> float:
    return float(100 * (marks == byte(symbol)).mean())


@pytest.mark.parametrize("phase", PHASES)
def test_every_mark_is_a_code_and_stands_in_its_half_of_the_day(years: dict[str, Any], phase: str) -> None:
    marks = years[phase]
    kinds = np.frombuffer(class_table(date(2026, 1, 14)), np.uint8)[marks]
    assert marks.shape == (PUPILS, 380)
    assert set(np.unique(kinds).tolist()) <= {1, 2, 3, 4}
    assert not (marks[:, 1::2] == byte("/")).any()
    assert not (marks[:, 0::2] == byte("\\")).any()


@pytest.mark.parametrize("phase", ["Primary", "Secondary"])
def test_reasons_are_as_frequent_as_in_the_table(years: dict[str, Any], phase: str) -> None:
    wanted = dict(REASONS[phase])
    wanted["O"] += wanted.pop("N")  # an absence without a reason becomes O in the end
    for symbol, share in wanted.items():
        assert percent(years[phase], symbol) == pytest.approx(share, rel=0.2, abs=0.06), symbol


@pytest.mark.parametrize("phase", PHASES)
def test_absence_as_a_whole_is_as_published_or_a_little_more(years: dict[str, Any], phase: str) -> None:
    missed = float(np.isin(years[phase], [byte(symbol) for symbol in ABSENT]).mean())
    assert 0.97 * absence(phase) < missed < 1.15 * absence(phase)


@pytest.mark.parametrize("phase", ["Primary", "Secondary"])
def test_the_tail_is_as_heavy_as_the_published_one(years: dict[str, Any], phase: str) -> None:
    missed = np.isin(years[phase], [byte(symbol) for symbol in ABSENT]).mean(axis=1)
    edges = [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 1.01]
    found = 100 * np.histogram(missed, edges)[0] / PUPILS
    wanted = np.array(BANDS[phase])
    assert np.abs(found - wanted).max() < 9
    assert abs(found[2:].sum() - wanted[2:].sum()) < 5
    assert abs(found[-1] - wanted[-1]) < 1.2


@pytest.mark.parametrize("phase", PHASES)
def test_absence_comes_in_spells_and_more_at_the_ends_of_the_week(years: dict[str, Any], phase: str) -> None:
    away = np.isin(years[phase], [byte(symbol) for symbol in ABSENT])[:, 0::2]
    by_weekday = [away[:, day == WEEKDAYS].mean() for day in range(5)]
    assert min(by_weekday[0], by_weekday[4]) > max(by_weekday[1:4])
    # a day after a missed day is missed far more often than any day
    assert away[:, 1:][away[:, :-1]].mean() > 2 * away.mean()
    # the afternoon follows the morning
    afternoon = np.isin(years[phase], [byte(symbol) for symbol in ABSENT])[:, 1::2]
    assert (afternoon == away).mean() > (0.85 if phase == "Alternative provision" else 0.93)  # many a half day there


def test_the_same_seed_makes_the_same_marks() -> None:
    def once(seed: int) -> Any:
        rng = np.random.default_rng(seed)
        share = shares_to_miss(rng, "Secondary", 60)
        return year_of_marks(rng, ways_of("Secondary"), share, np.full(60, 9), WEEKDAYS, MONTHS)

    assert (once(3) == once(3)).all()
    assert (once(3) != once(4)).any()


def test_a_few_pupils_and_a_few_days_make_marks_too() -> None:
    rng = np.random.default_rng(1)
    for pupils, days in ((0, 5), (1, 1), (2, 3)):
        share = shares_to_miss(rng, "Alternative provision", pupils)
        marks = year_of_marks(rng, ways_of("Secondary"), share, np.full(pupils, 10), WEEKDAYS[:days], MONTHS[:days])
        assert marks.shape == (pupils, 2 * days)


def test_the_table_of_reasons_is_the_published_one() -> None:
    rows = national_rows()
    for phase in ("Primary", "Secondary"):
        possible = int(rows[phase]["possible_sessions"])
        for symbol, column in COLUMNS.items():
            if symbol in REASONS[phase]:
                assert REASONS[phase][symbol] == pytest.approx(100 * int(rows[phase][column]) / possible, abs=0.006), (
                    phase,
                    symbol,
                )


def test_the_table_of_bands_is_the_published_one() -> None:
    found: dict[str, Counter[str]] = {"Primary": Counter(), "Secondary": Counter()}
    for row in attendance_rows("absence_bands_2022-23.csv"):
        phase = row["school_type"].removeprefix("State-funded ").capitalize()
        found[phase].update({name: int(row[name]) for name in row if name.startswith("pct") and row[name].isdigit()})
    for phase, counts in found.items():
        published = [100 * many / sum(counts.values()) for many in counts.values()]
        assert published == pytest.approx(list(BANDS[phase]), abs=0.15), phase


def test_registers_of_years_before_the_present_codes_have_the_codes_of_their_time() -> None:
    days = (date(2024, 7, 18), date(2024, 7, 19), date(2024, 9, 3))
    marks = np.array([[byte(symbol) for symbol in ("C2", "K", "J1", "C1", "C2", "K")]], np.uint8)
    _as_written_then(marks, days)
    assert marks.tolist() == [[byte(symbol) for symbol in ("C", "B", "J", "C", "C2", "K")]]
    for day, row in zip(days, marks[0].reshape(3, 2), strict=True):
        assert all(class_table(day)[mark] for mark in row.tolist())
