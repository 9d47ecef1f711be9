"""The estimate: it finds what is there, is calibrated on a year that it has not seen, shows its working, and says nothing on little."""

from typing import Any

import numpy as np
import pytest

from haven.analytics.calendar import Calendar
from haven.analytics.sheets import OnRoll
from haven.analytics.warning import FIGURES, Estimate, Marks, back_test, fit, marks_before
from haven.rules.attendance_codes import to_byte
from tests.unit.analytics.sheets_of_a_week import calendar_of, open_days, packed

CALENDAR = calendar_of(open_days(range(14)))
SESSION, END = 60, 139


def year(seed: int, pupils: int = 1500) -> Any:
    """Sheets of pupils, each with a chance of falling ill and of staying away that is the pupil's own."""
    rng = np.random.default_rng(seed)
    chance = rng.beta(0.7, 14.0, pupils)[:, None]
    marks = np.full((pupils, CALENDAR.sessions), to_byte("/"), np.uint8)
    marks[rng.random(marks.shape) < chance] = to_byte("I")
    marks[rng.random(marks.shape) < 0.3 * chance] = to_byte("O")
    marks[rng.random(marks.shape) < 0.02] = to_byte("L")
    return marks


def marks_of(seed: int, pupils: int = 1500) -> Marks:
    return marks_before(year(seed, pupils), CALENDAR, SESSION, END)


def estimate_of(seed: int) -> Estimate:
    found = fit(marks_of(seed))
    assert found is not None
    return found


def test_figures_of_a_sheet_written_by_hand() -> None:
    sheet = packed(CALENDAR, "/" * 20 + "II" + "/" * 10 + "O" + "L" + "/" * 26)
    found = marks_before(sheet, CALENDAR, SESSION, END, last_year=[0.25])
    assert found.figures[0].tolist() == pytest.approx([3 / 60, 0.0, 2 / 40, 1 / 60, 1 / 60, 0.25])
    assert found.is_asked.tolist() == [True] and found.became.tolist() == [False]


def test_who_is_asked_about() -> None:
    sheets = packed(CALENDAR, "", "I" * 6, "I" * 5, "")
    roll = OnRoll([0, 0, 0, 50], [139, 139, 139, 139])
    found = marks_before(sheets, CALENDAR, SESSION, END, roll=roll)
    assert found.is_asked.tolist() == [True, False, True, False]  # already persistent; ten sessions behind it


def test_it_is_calibrated_on_a_year_that_it_has_not_seen() -> None:
    estimate = fit(marks_of(1, pupils=6000))
    assert estimate is not None
    tested = back_test(estimate, marks_of(2, pupils=6000))
    assert tested is not None
    assert tested.error < 0.9 * tested.plain_error
    assert len(tested.bands) >= 2
    for _, pupils, said, came in tested.bands:
        assert abs(said - came) < 0.03 + 2.6 * (said * (1 - said) / pupils) ** 0.5


def test_more_absence_is_never_a_smaller_chance_and_the_working_adds_up() -> None:
    estimate = estimate_of(3)
    figures = np.tile(estimate.middle, (2, 1))
    figures[1, :2] += 0.04
    low, high = estimate.chances(figures)
    assert low <= high
    working = estimate.working(figures)
    assert working.shape == (2, len(FIGURES)) and working[0] == pytest.approx(np.zeros(len(FIGURES)))


def test_the_same_marks_give_the_same_estimate() -> None:
    assert estimate_of(4).chances(marks_of(5).figures).tolist() == estimate_of(4).chances(marks_of(5).figures).tolist()


def test_too_few_give_no_estimate() -> None:
    assert fit(marks_of(1, pupils=150)) is None
    none = marks_of(1)
    assert fit(Marks(none.figures, none.is_asked, np.zeros(len(none.became), bool))) is None
    assert back_test(estimate_of(1), Marks(none.figures, np.zeros(len(none.became), bool), none.became)) is None


@pytest.mark.parametrize(("session", "end"), [(-1, 10), (20, 10), (10, 140)])
def test_places_out_of_order_are_refused(session: int, end: int) -> None:
    calendar: Calendar = CALENDAR
    with pytest.raises(ValueError, match="within the calendar"):
        marks_before(year(1, 10), calendar, session, end)
