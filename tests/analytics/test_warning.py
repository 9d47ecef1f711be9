"""The estimate: it finds what is there, is calibrated on a year that it has not seen, shows its working, and says nothing on little."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haven.analytics.sheets import BadSheet, OnRoll, kinds_on_roll
from haven.analytics.warning import (
    FIGURES,
    LEAST_IN_BAND,
    LIKELY,
    RIDGE,
    Estimate,
    Marks,
    _logistic,
    _rising,
    back_test,
    bands_of,
    counts_before,
    fit,
    marks_before,
    sign_test,
    together,
)
from haven.rules.attendance_codes import Class, classify, to_byte
from haven.rules.sessions import session_of
from tests.analytics.sheets_of_a_week import calendar_of, open_days, packed

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
    return marks_before(kinds_on_roll(year(seed, pupils), CALENDAR), SESSION, END)


def estimate_of(seed: int) -> Estimate:
    found = fit(marks_of(seed))
    assert found is not None
    return found


def test_figures_of_a_sheet_written_by_hand() -> None:
    sheet = packed(CALENDAR, "/" * 20 + "II" + "/" * 10 + "O" + "L" + "/" * 26)
    found = marks_before(kinds_on_roll(sheet, CALENDAR), SESSION, END, last_year=[0.25])
    assert found.figures[0].tolist() == pytest.approx([3 / 60, 0.0, 2 / 40, 1 / 60, 1 / 60, 0.25])
    assert found.is_asked.tolist() == [True] and found.became.tolist() == [False]


def test_who_is_asked_about() -> None:
    sheets = packed(CALENDAR, "", "I" * 6, "I" * 5, "")
    roll = OnRoll(np.array([0, 0, 0, 50]), np.array([139, 139, 139, 139]))
    found = marks_before(kinds_on_roll(sheets, CALENDAR, roll), SESSION, END, roll=roll)
    assert found.is_asked.tolist() == [True, False, True, False]  # already persistent; ten sessions behind it
    assert found.is_already.tolist() == [False, True, False, False]


def test_it_is_calibrated_on_a_year_that_it_has_not_seen() -> None:
    estimate = fit(marks_of(1, pupils=6000))
    assert estimate is not None
    tested = back_test(estimate, marks_of(2, pupils=6000))
    assert tested is not None
    assert tested.error < 0.9 * tested.plain_error
    assert len(tested.bands) >= 2
    for band in tested.bands:
        said = band.said
        assert abs(said - band.became / band.pupils) < 0.03 + 2.6 * (said * (1 - said) / band.pupils) ** 0.5


def test_more_absence_is_never_a_smaller_chance_and_the_working_adds_up() -> None:
    estimate = estimate_of(3)
    figures = np.tile(estimate.middle, (2, 1))
    figures[1, :2] += 0.04
    low, high = estimate.chances(figures)
    assert low <= high
    working = estimate.working(figures)
    assert working.shape == (2, len(FIGURES)) and working[0] == pytest.approx(np.zeros(len(FIGURES)))


@pytest.mark.parametrize("seed", range(3, 8))
def test_no_figure_speaks_the_wrong_way(seed: int) -> None:
    """Figures go together, and a regression left to itself would let one of them speak against what it says."""
    estimate = estimate_of(seed)
    assert (estimate.weight >= 0).all() and (estimate.bend >= 0).all()


def test_the_same_marks_give_the_same_estimate() -> None:
    assert estimate_of(4).chances(marks_of(5).figures).tolist() == estimate_of(4).chances(marks_of(5).figures).tolist()


def test_too_few_give_no_estimate() -> None:
    assert fit(marks_of(1, pupils=150)) is None
    none = marks_of(1)
    nobody = np.zeros(len(none.became), bool)
    assert fit(none._replace(became=nobody)) is None
    assert back_test(estimate_of(1), none._replace(is_asked=nobody)) is None


@pytest.mark.parametrize(("session", "end"), [(-1, 10), (20, 10), (10, 140)])
def test_places_out_of_order_are_refused(session: int, end: int) -> None:
    kinds = kinds_on_roll(year(1, 10), CALENDAR)
    with pytest.raises(ValueError, match="within the calendar"):
        marks_before(kinds, session, end)


def test_a_year_before_that_is_unknown_moves_the_estimate_neither_way() -> None:
    marks = marks_of(6)
    assert np.isnan(marks.figures[:, 5]).all()
    known = marks._replace(
        figures=np.where(np.isnan(marks.figures), np.linspace(0, 0.2, len(marks.figures))[:, None], marks.figures)
    )
    estimate = fit(together([marks, known]))
    assert estimate is not None
    assert estimate.working(marks.figures)[:, 5].tolist() == [0.0] * len(marks.figures)
    assert estimate.middle[5] == pytest.approx(known.figures[known.is_asked, 5].mean())


def test_a_byte_that_is_no_code_is_refused_and_not_counted_as_absence() -> None:
    sheets = year(1, 10)
    sheets[3, 20] = 1
    with pytest.raises(BadSheet, match="Sheet 3"):
        marks_before(kinds_on_roll(sheets, CALENDAR), SESSION, END)


# --- second implementations ------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(letters=st.text("/LIOUX-", min_size=140, max_size=140), session=st.integers(0, 139))
def test_counts_as_a_loop_over_the_letters_gives_them(letters: str, session: int) -> None:
    counts = counts_before(kinds_on_roll(packed(CALENDAR, letters), CALENDAR), session)
    places = [(letter, session_of(int(CALENDAR.keys[place])).on) for place, letter in enumerate(letters)]
    classes = [None if letter == "-" else classify(letter, on) for letter, on in places]
    away = [each in (Class.AUTHORISED, Class.UNAUTHORISED) for each in classes]
    possible = [
        missed or each in (Class.PRESENT, Class.APPROVED_ACTIVITY) for missed, each in zip(away, classes, strict=True)
    ]
    since = max(0, session - 20)
    began = sum(away[place] and not (place and away[place - 1]) for place in range(max(0, session - 40), session))
    assert [int(part[0]) for part in counts] == [
        sum(away[:session]), sum(possible[:session]), sum(away[since:session]), sum(possible[since:session]), began,
        sum(each is Class.UNAUTHORISED for each in classes[:session]), letters[:session].count("L"),
    ]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), pupils=st.integers(1, 300))
def test_a_back_test_as_plain_loops_give_it(seed: int, pupils: int) -> None:
    rng = np.random.default_rng(seed)
    marks = Marks(
        rng.random((pupils, 6)).round(2), rng.random(pupils) < 0.8, rng.random(pupils) < 0.1, rng.random(pupils) < 0.3
    )
    marks = marks._replace(is_already=marks.is_already & ~marks.is_asked)
    estimate = Estimate(np.full(6, 0.5), np.ones(6), np.array([2.0, 1, 0, 1, 0, 0]), -0.5, np.ones(2), 0.0, 100, 30)
    tested = back_test(estimate, marks)
    asked = [row for row in range(pupils) if marks.is_asked[row]]
    if not asked:
        assert tested is None
        return
    assert tested is not None
    chance = {
        row: 1
        / (1 + np.exp(-(sum(w * (f - 0.5) for w, f in zip([2, 1, 0, 1, 0, 0], marks.figures[row], strict=True)) - 0.5)))
        for row in asked
    }
    named = {row for row in asked if chance[row] >= LIKELY}
    nearest = sorted(asked, key=lambda row: (-marks.figures[row, 0], -marks.figures[row, 1]))[: len(named)]
    became = {row for row in asked if marks.became[row]}
    assert (tested.pupils, tested.cases, tested.named, tested.true_positives) == (
        len(asked),
        len(became),
        len(named),
        len(named & became),
    )
    assert (tested.plain_true_positives, tested.false_alarms) == (len(set(nearest) & became), len(named - became))
    assert (tested.only_named, tested.only_plain) == (
        len((named - set(nearest)) & became),
        len((set(nearest) - named) & became),
    )
    already = [row for row in range(pupils) if marks.is_already[row]]
    assert (tested.already, tested.stayed) == (len(already), sum(bool(marks.became[row]) for row in already))
    assert tested.error == pytest.approx(sum((chance[row] - (row in became)) ** 2 for row in asked) / len(asked))
    assert sum(band.pupils for band in tested.bands) == len(asked) and sum(band.became for band in tested.bands) == len(
        became
    )
    assert all(tested.band_of(chance[row]).low <= chance[row] for row in asked)


@given(chances=st.lists(st.floats(0, 1), max_size=300))
def test_bands_hold_everybody_once_side_by_side_and_none_is_small(chances: list[float]) -> None:
    chance = np.array(chances)
    bands = bands_of(chance, chance > 0.5)
    assert (not bands) == (not chances)
    if bands:
        assert bands[0].low == 0.0 and bands[-1].high == 1.0
        assert [band.high for band in bands[:-1]] == [band.low for band in bands[1:]]
        assert [band.pupils for band in bands] == [
            sum(band.low <= each and (each < band.high or band.high == 1.0) for each in chances) for band in bands
        ]
        assert len(bands) == 1 or all(band.pupils >= LEAST_IN_BAND for band in bands)


@pytest.mark.parametrize(
    ("more", "less", "chance"),
    [(0, 0, 1.0), (1, 0, 1.0), (5, 0, 0.0625), (6, 0, 0.03125), (16, 7, 0.0931), (7, 16, 0.0931), (8, 8, 1.0)],
)
def test_the_sign_test_as_printed(more: int, less: int, chance: float) -> None:
    """Source: the binomial distribution with one half, twice the tail."""
    assert sign_test(more, less) == pytest.approx(chance, abs=5e-5)


def test_no_other_weights_near_by_fit_better() -> None:
    """The logistic regression against what defines it: at its answer the penalised likelihood is highest."""
    rng = np.random.default_rng(3)
    figures = rng.normal(size=(400, 3))
    became = rng.random(400) < 1 / (1 + np.exp(-(figures @ [1.0, -0.5, 0.0] - 1.0)))
    weight, start = _logistic(figures, became)

    def worth(weights: Any, from_start: float) -> float:
        odds = figures @ weights + from_start
        return float((odds * became - np.log1p(np.exp(odds))).sum() - RIDGE / 2 * (weights**2).sum())

    best = worth(weight, start)
    for place in range(3):
        for step in (-0.01, 0.01):
            other = weight.copy()
            other[place] += step
            assert worth(other, start) < best
    assert worth(weight, start + 0.01) < best and worth(weight, start - 0.01) < best


def test_a_calibration_never_turns_more_into_less() -> None:
    rng = np.random.default_rng(4)
    rising = rng.normal(size=300)
    became = rng.random(300) < 1 / (1 + np.exp(-rising))
    weight, _ = _rising(np.column_stack([rising, -rising + rng.normal(size=300) * 0.01]), became)
    assert (weight >= 0).all() and weight[0] > 0 and weight[1] == 0
    nothing, start = _rising(-np.abs(rising)[:, None] * np.where(became, 1, -1)[:, None], became)
    assert nothing.tolist() == [0.0] and 1 / (1 + np.exp(-start)) == pytest.approx(became.mean(), abs=1e-6)
