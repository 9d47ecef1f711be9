"""Impact: regression to the mean is not sold as success, a real effect is found, and every pair and figure is what plain loops give."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haven.analytics.impact import FEWEST, LIKE_PUPILS, NEAR, YEAR, Impact, TooFew, impact, moments, students_t
from haven.analytics.weekly import Weeks

LENGTH = 6


def weeks_of(absent: Any, possible: Any = None) -> Weeks:
    """Weeks of ten sessions."""
    missed = np.asarray(absent)
    full = np.full(missed.shape, 10) if possible is None else np.asarray(possible)
    return Weeks(np.arange(missed.shape[1]) * 7, np.full(missed.shape[1], 10), missed, full)


# --- what is not there is not found, and what is there is ---------------------------------------------------------------------


def school(
    effect: float, seed: int, *, chosen_over: int = LENGTH, pupils: int = 1000
) -> tuple[Weeks, dict[int, int], Any]:
    """Forty weeks of pupils whose chance to miss a session is their own and comes in spells. Help begins in weeks 18 to 25 for three in
    ten of those who missed more than fifteen in a hundred of the `chosen_over` weeks before."""
    rng = np.random.default_rng(seed)
    own = rng.beta(1.0, 9.0, pupils)
    noise = rng.normal(size=(pupils, 40))
    for week in range(1, 40):
        noise[:, week] = 0.7 * noise[:, week - 1] + 0.7 * noise[:, week]
    chance = 1 / (1 + np.exp(-(np.log(own / (1 - own))[:, None] + noise)))
    absent = rng.binomial(10, chance)
    begins = {}
    for pupil, week in enumerate(rng.integers(18, 26, pupils).tolist()):
        if absent[pupil, week - chosen_over : week].mean() > 1.5 and rng.random() < 0.3:
            begins[pupil] = week
            absent[pupil, week:] = rng.binomial(10, np.clip(chance[pupil, week:] + effect, 0, 1))
    return weeks_of(absent), begins, np.arange(pupils) % 5


def found(effect: float, seed: int = 1, *, chosen_over: int = LENGTH) -> Impact:
    weeks, begins, year_groups = school(effect, seed, chosen_over=chosen_over)
    answer = impact(weeks, begins, length=LENGTH, year_groups=year_groups)
    assert isinstance(answer, Impact)
    return answer


@pytest.fixture(scope="module")
def nothing_done() -> list[Impact]:
    return [found(0.0, seed) for seed in range(40)]


def test_a_bad_month_that_gets_better_by_itself_is_no_success(nothing_done: list[Impact]) -> None:
    assert (
        np.mean([answer.change for answer in nothing_done]) < -0.03
    )  # what before against after would have boasted of
    assert abs(np.mean([answer.effect for answer in nothing_done])) < 0.006


def test_pupils_chosen_for_a_bad_year_are_held_against_pupils_with_a_bad_year() -> None:
    """Without a look at the year before, a pupil who always misses much stands beside one who had a bad month: help then looks two in a
    hundred worse than it is."""
    answers = [found(0.0, seed, chosen_over=18) for seed in range(25)]
    assert abs(np.mean([answer.effect for answer in answers])) < 0.008
    assert all(answer.earlier is not None and abs(answer.earlier - answer.like_earlier) < 0.02 for answer in answers)  # type: ignore[operator]


def test_intervals_hold_nothing_about_as_often_as_they_say(nothing_done: list[Impact]) -> None:
    """With no effect, one interval in twenty leaves out nothing: of forty, more than six would be a wonder."""
    assert sum(answer.is_more_than_chance for answer in nothing_done) <= 6


def test_a_real_effect_is_found_with_its_interval() -> None:
    answers = [found(-0.08, seed) for seed in range(12)]
    assert np.mean([answer.effect for answer in answers]) == pytest.approx(
        -0.08, abs=0.012
    )  # cut where nobody misses less than nothing
    assert sum(answer.high < 0 for answer in answers) >= 10
    assert sum(answer.low <= -0.075 <= answer.high for answer in answers) >= 10


# --- cases worked by hand ------------------------------------------------------------------------------------------------------


def case(
    helped: int = 10, like: int = 10, *, after: int = 10, like_after: int = 15, year_groups: Any = None, **more: Any
) -> Any:
    """Two windows of one week of 100 sessions: everybody missed 20, then helped pupils `after` and the others `like_after`."""
    many = helped + like
    weeks = Weeks(
        np.array([0, 7]), np.array([100, 100]), np.array([[20, after]] * helped + [[20, like_after]] * like),
        np.full((many, 2), 100),
    )  # fmt: skip
    return impact(weeks, dict.fromkeys(range(helped), 1), length=1, year_groups=year_groups, **more)


def test_a_case_by_hand() -> None:
    """Ten helped fall from 20 to 10 in a hundred, their like from 20 to 15: the effect is five in a hundred fewer."""
    answer = case()
    assert (answer.helped, answer.measured, answer.matched, answer.like) == (10, 10, 10, 10)
    assert answer.effect == pytest.approx(-0.05)
    assert (answer.change, answer.like_change) == (pytest.approx(-0.10), pytest.approx(-0.05))
    assert (answer.low, answer.high) == (pytest.approx(-0.05), pytest.approx(-0.05))  # nobody differs
    assert answer.earlier is None  # there are no weeks before those before


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (case(helped=FEWEST - 1), TooFew(9, 9, 9)),
        (case(like=0), TooFew(10, 10, 0)),
        (case(year_groups=[7] * 10 + [9] * 10), TooFew(10, 10, 0)),  # two years apart
        (case(year_groups=[7] * 10 + [np.nan] * 10), TooFew(10, 10, 0)),
        (case(later=1), TooFew(10, 0, 0)),  # that window is not over
    ],
)
def test_too_few_give_no_figure(answer: Any, expected: TooFew) -> None:
    assert answer == expected


@pytest.mark.parametrize("year_groups", [[7] * 10 + [8] * 10, [np.nan] * 20, None])
def test_year_groups_side_by_side_are_like(year_groups: Any) -> None:
    assert case(year_groups=year_groups).matched == 10


def test_a_pupil_on_roll_for_less_than_half_of_a_window_is_left_out_and_sessions_are_summed() -> None:
    """Eleven helped; one was there for 4 of 10 sessions and is left out, one for 5 and weighs half of a pupil."""
    absent = [[2, 1]] * 9 + [[1, 5], [1, 0]] + [[2, 2]] * 5
    possible = [[10, 10]] * 9 + [[5, 5], [4, 4]] + [[10, 10]] * 5
    answer = impact(weeks_of(absent, possible), dict.fromkeys(range(11), 1), length=1)
    assert isinstance(answer, Impact)
    assert (answer.helped, answer.measured, answer.matched) == (11, 10, 10)
    assert answer.before == pytest.approx(19 / 95) and answer.after == pytest.approx(14 / 95)


def test_what_cannot_be_is_refused() -> None:
    weeks = weeks_of([[1, 1]])
    for begins, length, later in (({0: 1}, 0, 0), ({0: -1}, 1, 0), ({0: 1}, 1, -1)):
        with pytest.raises(ValueError, match="at least one week"):
            impact(weeks, begins, length=length, later=later)
    with pytest.raises(ValueError, match="degrees of freedom"):
        students_t(8)


@pytest.mark.parametrize(
    ("freedom", "printed"),
    [(9, 2.262), (10, 2.228), (14, 2.145), (19, 2.093), (29, 2.045), (60, 2.000), (120, 1.980), (10_000, 1.960)],
)
def test_students_t_as_printed(freedom: int, printed: float) -> None:
    """Source: any table of the 97.5 % points, such as Fisher and Yates, 1963, table III."""
    assert students_t(freedom) == pytest.approx(printed, abs=6e-4)


# --- a second implementation, in plain loops -------------------------------------------------------------------------------------


def plainly(weeks: Weeks, begins: Mapping[int, int], length: int, later: int, year_groups: Sequence[float]) -> Any:
    """Every pair and figure by loops over pupils and weeks, with fractions divided once at the end."""
    absent, possible, sessions = weeks.absent.tolist(), weeks.possible.tolist(), weeks.sessions.tolist()

    def window(row: int, first: int, after: int) -> tuple[int, int] | None:
        if first < 0 or after > len(sessions):
            return None
        part, of = sum(absent[row][first:after]), sum(possible[row][first:after])
        return (part, of) if of and 2 * of >= sum(sessions[first:after]) else None

    def three(row: int, week: int) -> Any:
        before, after = window(row, week - length, week), window(row, week + later, week + later + length)
        earlier = window(row, max(0, week - length - YEAR), week - length) if week >= 2 * length else None
        return (before, after, earlier) if before and after else None

    pairs = []
    measured = 0
    for row in sorted(begins):
        mine = three(row, begins[row])
        if mine is None:
            continue
        measured += 1
        near = []
        for other in range(len(absent)):
            theirs = three(other, begins[row]) if other not in begins else None
            if (
                theirs is None
                or (mine[2] is None) != (theirs[2] is None)
                or abs(year_groups[row] - year_groups[other]) > 1
            ):
                continue
            apart = abs(mine[0][0] / mine[0][1] - theirs[0][0] / theirs[0][1])
            earlier = abs(mine[2][0] / mine[2][1] - theirs[2][0] / theirs[2][1]) if mine[2] else 0.0
            if apart <= NEAR and earlier <= NEAR:
                near.append((apart + earlier, other))
        if near:
            edge = sorted(near)[min(LIKE_PUPILS, len(near)) - 1][0]
            pairs.append(
                (
                    row,
                    [
                        three(other, begins[row]) + (other,)
                        for far, other in sorted(near, key=lambda pair: pair[1])
                        if far <= edge + 1e-9
                    ],
                )
            )
    if len(pairs) < FEWEST:
        return measured, len(pairs), None
    rates = []
    for when in (0, 1):
        mine_of = [three(row, begins[row])[when] for row, _ in pairs]
        whole = sum(of for _, of in mine_of)
        likes = [sum(each[when][0] for each in like) / sum(each[when][1] for each in like) for _, like in pairs]
        rates.append(
            (
                sum(part for part, _ in mine_of) / whole,
                sum(of * like for (_, of), like in zip(mine_of, likes, strict=True)) / whole,
            )
        )
    (before, like_before), (after, like_after) = rates
    return (
        measured,
        [(row, tuple(each[3] for each in like)) for row, like in pairs],
        (before, after, like_before, like_after),
    )


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 10_000), length=st.integers(1, 3), later=st.integers(0, 3), pupils=st.integers(20, 60),
    many=st.integers(5, 25),
)  # fmt: skip
def test_pairs_and_rates_as_plain_loops_give_them(seed: int, length: int, later: int, pupils: int, many: int) -> None:
    rng = np.random.default_rng(seed)
    possible = rng.choice([0, 4, 5, 10], (pupils, 14), p=[0.05, 0.05, 0.1, 0.8])
    weeks = weeks_of(np.minimum(possible, rng.poisson(1.0, (pupils, 14))), possible)
    begins = {int(row): int(rng.integers(0, 15)) for row in rng.permutation(pupils)[: min(many, pupils - 5)]}
    year_groups = rng.integers(7, 12, pupils).astype(float)
    answer = impact(weeks, begins, length=length, later=later, year_groups=year_groups)
    measured, pairs, rates = plainly(weeks, begins, length, later, year_groups.tolist())
    assert answer.measured == measured
    if rates is None:
        assert isinstance(answer, TooFew) and answer.matched == pairs
        return
    assert isinstance(answer, Impact)
    assert [(pair.row, pair.like) for pair in answer.pairs] == pairs
    assert (answer.before, answer.after, answer.like_before, answer.like_after) == pytest.approx(rates)
    assert answer.effect == pytest.approx(rates[1] - rates[0] - rates[3] + rates[2])
    assert answer.low <= answer.effect <= answer.high


def test_with_full_windows_and_likes_used_once_the_interval_is_that_of_paired_differences() -> None:
    """Twelve helped pupils, each with one like pupil of a far year group of its own: the textbook's paired t interval."""
    rng = np.random.default_rng(5)
    helped, like = rng.integers(0, 60, (12, 2)), rng.integers(0, 60, (12, 2))
    like[:, 0] = helped[:, 0]
    weeks = Weeks(np.array([0, 7]), np.array([60, 60]), np.concatenate([helped, like]), np.full((24, 2), 60))
    answer = impact(weeks, dict.fromkeys(range(12), 1), length=1, year_groups=[*range(0, 120, 10)] * 2)
    differences = [(a[1] - a[0] - b[1] + b[0]) / 60 for a, b in zip(helped.tolist(), like.tolist(), strict=True)]
    middle = sum(differences) / 12
    spread = (sum((each - middle) ** 2 for each in differences) / 11) ** 0.5
    assert isinstance(answer, Impact)
    assert answer.effect == pytest.approx(middle)
    assert (answer.high - answer.low) / 2 == pytest.approx(2.201 * spread / 12**0.5, rel=1e-3)


def test_a_like_pupil_who_stands_beside_all_makes_the_interval_wider() -> None:
    """Twelve helped who all fell by the same: with five like pupils in all, what those five did by chance is what is compared."""
    absent = [[20, 10]] * 12 + [[20, missed] for missed in (5, 10, 15, 20, 25)]
    weeks = Weeks(np.array([0, 7]), np.array([100, 100]), np.array(absent), np.full((17, 2), 100))
    answer = impact(weeks, dict.fromkeys(range(12), 1), length=1)
    assert isinstance(answer, Impact) and answer.like == 5
    # all weight of one like pupil: 1/5, once in the twelve pairs 1/60; so 5/25 - 60/3600 of the like pupils' variance
    spread = np.var([-0.15, -0.10, -0.05, 0.0, 0.05] * 12, ddof=1)
    assert (answer.high - answer.low) / 2 == pytest.approx(2.201 * ((5 / 25 - 60 / 3600) * spread) ** 0.5, rel=1e-3)


def test_week_by_week_as_the_windows_sum_to() -> None:
    weeks, begins, year_groups = school(0.0, 3, pupils=300)
    answer = impact(weeks, begins, length=LENGTH, year_groups=year_groups)
    assert isinstance(answer, Impact)
    found = moments(weeks, answer.pairs, length=LENGTH, until=2 * LENGTH)
    assert [each.week for each in found] == list(range(-6, 12))
    before, during = found[:6], found[6:12]
    assert sum(each.missed for each in before) / sum(each.possible for each in before) == pytest.approx(answer.before)
    assert sum(each.missed for each in during) / sum(each.possible for each in during) == pytest.approx(answer.after)
    assert np.mean([each.like for each in before]) == pytest.approx(answer.like_before)
    nobody = moments(weeks, answer.pairs, length=0, until=60)
    assert nobody[-1].possible == 0 and nobody[-1].like is None
