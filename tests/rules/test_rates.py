"""Rates, persistent and severe absence, and what the screen shows: cases with their sources."""

from datetime import date
from fractions import Fraction

import pytest

from haven.rules.absence import Tally, display_rate, tally
from haven.rules.attendance_codes import UnknownCode

ON = date(2025, 11, 21)


def test_the_worked_example_of_one_pupil() -> None:
    """Computed from the Department's formulae: D, Y4 and # lie outside; U is absent although it came."""
    counts = {"/": 60, "\\": 58, "L": 4, "V": 2, "B": 2, "D": 4, "I": 5, "C2": 2, "O": 1, "U": 1, "Y4": 2, "#": 2}
    found = tally(counts, ON)
    assert found == Tally(135, 126, 9, 7, 2, 4, 1)
    assert display_rate(found.attended, found.possible) == "93.3%"
    assert display_rate(found.absent, found.possible) == "6.7%"
    assert not found.is_persistent
    assert round(100 * (found.attendance_rate or 0), 2) == 93.33
    assert tally(counts | {"I": 10}, ON).is_persistent, "14 of 140: exactly ten per cent"


PERSISTENCE = [
    # absent, possible, persistent, severe, source
    (9, 100, False, False, "boundary"),
    (10, 100, True, False, "10 per cent or more of their own possible sessions (DfE footnote)"),
    (11, 100, True, False, "boundary"),
    (13, 130, True, False, "exactly 10 per cent"),
    (12, 121, False, False, "9.917 per cent: shown as 9.9, and not persistent"),
    (64, 130, True, False, "boundary of 50 per cent"),
    (65, 130, True, True, "exactly 50 per cent"),
    (1, 1, True, True, "no least number of sessions (EES methodology)"),
    (0, 0, False, False, "nothing possible: does not apply"),
    (0, 1, False, False, "nothing missed"),
    (9951, 99520, False, False, "would round to 10.0 per cent, and is not persistent"),
]


@pytest.mark.parametrize(("absent", "possible", "persistent", "severe", "source"), PERSISTENCE)
def test_persistent_and_severe(absent: int, possible: int, persistent: bool, severe: bool, source: str) -> None:
    found = tally({"I": absent, "/": possible - absent}, ON)
    assert (found.is_persistent, found.is_severe) == (persistent, severe), source


def test_nothing_possible_has_no_rate() -> None:
    found = tally({"D": 10, "#": 4, "": 3, "-": 1}, ON)
    assert found == Tally()
    assert found.attendance_rate is None
    assert found.absence_rate is None
    assert found.authorised_rate is None
    assert found.unauthorised_rate is None


def test_a_group_is_summed_and_then_divided() -> None:
    """EES methodology 3.1: never the average of the pupils' percentages."""
    group = tally({"/": 1, "O": 1}, ON) + tally({"/": 98}, ON)
    assert group.attendance_rate == 99 / 100


SHOWN = [
    (1, 16, "6.3%", "6.25 rounds half up"),
    (1, 80, "1.3%", "1.25 rounds half up"),
    (3, 80, "3.8%", "3.75 rounds half up"),
    (12, 121, "9.9%", "worked example"),
    (0, 5, "0.0%", "nothing"),
    (5, 5, "100.0%", "all"),
    (1999, 2000, "100.0%", "99.95 rounds half up"),
    (0, 0, "–", "does not apply"),
]


@pytest.mark.parametrize(("numerator", "denominator", "text", "why"), SHOWN)
def test_a_rate_on_the_screen(numerator: int, denominator: int, text: str, why: str) -> None:
    assert display_rate(numerator, denominator) == text, why


def test_a_rate_on_the_screen_is_half_up_everywhere() -> None:
    for denominator in range(1, 161):
        for numerator in range(denominator + 1):
            tenths = int(Fraction(1000 * numerator, denominator) + Fraction(1, 2))
            assert display_rate(numerator, denominator) == f"{tenths // 10}.{tenths % 10}%"


def test_wrong_counts_are_refused() -> None:
    with pytest.raises(UnknownCode):
        tally({"A": 1}, ON)
    with pytest.raises(UnknownCode, match="did not exist before 19 August 2024"):
        tally({"C2": 1}, date(2024, 8, 18))
    with pytest.raises(ValueError, match="cannot be -1"):
        tally({"/": -1}, ON)
    with pytest.raises(ValueError, match="zero or more"):
        display_rate(-1, 5)


def test_withdrawn_codes_in_published_figures_count_as_they_last_did() -> None:
    """The Department's 2025-26 counts hold H (authorised) and J (an approved activity)."""
    assert tally({"H": 2, "J": 3, "F": 1}, ON) == Tally(possible=6, attended=3, absent=3, authorised=3)
