"""Impact: regression to the mean is not sold as success, a real effect is found, and a case worked by hand."""

from typing import Any

import numpy as np
import pytest

from haven.analytics.impact import Impact, impact

SESSIONS = 60


def school(effect: float, seed: int = 1, pupils: int = 2000) -> dict[str, Any]:
    """Pupils whose chance of missing a session stays as it is; the worst of the weeks before are helped, a coin decides whether."""
    rng = np.random.default_rng(seed)
    chance = rng.beta(1.0, 9.0, pupils)
    before = rng.binomial(SESSIONS, chance)
    helped = (before >= np.quantile(before, 0.85)) & (rng.random(pupils) < 0.5)
    after = rng.binomial(SESSIONS, np.clip(chance + effect * helped, 0, 1))
    full = np.full(pupils, SESSIONS)
    return {
        "absent_before": before, "possible_before": full, "absent_after": after, "possible_after": full, "helped": helped,
        "groups": [number % 5 for number in range(pupils)],
    }  # fmt: skip


def found(effect: float, seed: int = 1) -> Impact:
    answer = impact(**school(effect, seed))
    assert answer is not None
    return answer


def test_a_bad_month_that_gets_better_by_itself_is_no_success() -> None:
    answers = [found(0.0, seed) for seed in range(12)]
    assert (
        np.mean([answer.plain_change for answer in answers]) < -0.012
    )  # what before against after would have boasted of
    assert abs(np.mean([answer.effect for answer in answers])) < 0.004


def test_a_real_effect_is_found_with_its_interval() -> None:
    answer = found(-0.08)
    assert answer.low < -0.07 and abs(answer.effect + 0.08) < 0.02
    assert answer.is_more_than_chance and answer.high < 0


def test_intervals_hold_nothing_about_as_often_as_they_say() -> None:
    """With no effect, one interval in twenty leaves out nothing: of forty, more than six would be a wonder."""
    outside = sum(found(0.0, seed).is_more_than_chance for seed in range(40))
    assert outside <= 6


def test_a_case_by_hand() -> None:
    """Ten helped fall from 20 to 10 in a hundred, their like from 20 to 15: the effect is five in a hundred fewer."""
    helped = [True] * 10 + [False] * 10
    answer = impact(
        absent_before=[20] * 20, possible_before=[100] * 20, absent_after=[10] * 10 + [15] * 10, possible_after=[100] * 20,
        helped=helped, groups=["7"] * 20,
    )  # fmt: skip
    assert answer is not None
    assert (answer.matched, answer.like) == (10, 5)
    assert answer.effect == pytest.approx(-0.05) and answer.plain_change == pytest.approx(-0.10)
    assert (answer.low, answer.high) == (pytest.approx(-0.05), pytest.approx(-0.05))  # nobody differs


def test_too_few_with_a_like_pupil_give_no_figure() -> None:
    same = {
        "absent_before": [20] * 19,
        "possible_before": [100] * 19,
        "absent_after": [10] * 19,
        "possible_after": [100] * 19,
    }
    assert impact(**same, helped=[True] * 9 + [False] * 10, groups=["7"] * 19) is None
    assert impact(**same, helped=[True] * 10 + [False] * 9, groups=["7"] * 10 + ["8"] * 9) is None
    with pytest.raises(ValueError, match="one entry for each pupil"):
        impact(**same, helped=[True], groups=["7"] * 19)
