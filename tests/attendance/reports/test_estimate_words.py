"""The text of an estimate: counts and frequencies, and a plain statement if a simple rule is as accurate."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haven.analytics.warning import BackTest, Band
from haven.attendance.reports.estimate.query import Count, Named, TermEstimate, sessions_it_takes
from haven.attendance.reports.estimate.words import how_it_did, in_ten, registers_like_this, what_it_takes, working

TEST = BackTest(
    pupils=1155, cases=123, error=0.08, plain_error=0.1, named=66, true_positives=32, plain_true_positives=23, only_named=16, only_plain=7, already=395,
    stayed=296, bands=(),
)  # fmt: skip
FOUND = TermEstimate(date(2026, 3, 27), 50, ("2023-24",), "2024-25", TEST, [], 1100, 400)
NAMED = Named(
    UUID(int=1), "Rahman, Aisha", "8", "8 Kestrel", Count(8, 90, 5, 20, 4, 1, 0, 0.112), (0.9, 0.4, -0.3, 0.01, -0.6, 0.5),
    Band(0.3, 1.0, 37, 0.45, 19), 6,
)  # fmt: skip


def test_which_counts_speak_for_it_and_which_against_the_weightiest_first() -> None:
    assert working(NAMED) == (
        "Raises the estimate: missed 8 of 90 sessions since September; missed 11.2\N{NO-BREAK SPACE}% last year; missed 5 of the last 20. "
        "Lowers the estimate: never late; absence began 4 times in the last 40. "
        "Little effect: 1 session of unauthorised absence."
    )
    unknown = replace(NAMED, count=NAMED.count._replace(last_year=None, began=0, late=1), pull=(1.0, 0, 0, 0, 0, 0))
    assert "last year not known" in working(unknown) and "no new absence in the last 40; " in working(unknown)
    assert "late once" in working(unknown) and "Lowers" not in working(unknown)


def test_a_frequency_in_words_and_never_a_bare_score() -> None:
    assert registers_like_this(NAMED.band, "2024-25") == (
        "Of 37 pupils with registers like this in 2024-25, 19 became persistently absent: about 5 in 10."
    )


@pytest.mark.parametrize(
    ("pupils", "became", "expected"),
    [(20, 0, "fewer than 1 in 10"), (20, 1, "about 1 in 10"), (21, 1, "fewer than 1 in 10"), (20, 7, "about 4 in 10"), (30, 30, "about 10 in 10")],
)  # fmt: skip
def test_in_ten_half_up(pupils: int, became: int, expected: str) -> None:
    assert in_ten(Band(0.0, 1.0, pupils, 0.5, became)) == expected


@pytest.mark.parametrize(
    ("takes", "left", "expected"),
    [(0, 10, "Will reach ten per cent even with no more absence."), (6, 44, "Missing 6 of the 44 sessions left."), (1, 1, "Missing 1 of the 1 session left."),
     (9, 8, "Cannot reach ten per cent this term: it would take 9 sessions, and 8 are left.")],
)  # fmt: skip
def test_what_it_would_take(takes: int, left: int, expected: str) -> None:
    assert what_it_takes(replace(NAMED, takes=takes), left) == expected


@given(possible=st.integers(20, 400), share=st.floats(0, 0.0999), left=st.integers(0, 150))
def test_the_sessions_it_takes_are_the_fewest(possible: int, share: float, left: int) -> None:
    missed = int(possible * share)
    fewest = next(more for more in range(1000) if 10 * (missed + more) >= possible + left)
    assert sessions_it_takes(missed, possible, left) == fewest


def test_how_it_did_with_the_plain_rules_beside_it() -> None:
    said = how_it_did(FOUND)
    assert said[0] == "The estimate was made from 2023-24 and tested on 2024-25, which it had not used."
    assert (
        "395 pupils already had persistent absence (attendance of 90\N{NO-BREAK SPACE}% or less). At the end of the term 296 of them"
        in said[1]
    )
    assert said[2] == (
        "Of the other 1,155 pupils, 123 became persistently absent by the end of the term. The estimate named 66: 32 became persistently"
        " absent and 34 did not (false alarms). It did not name 91 who became persistently absent."
    )
    assert said[3].endswith("would have found 23. The estimate found more, but the difference may be chance.")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"true_positives": 23}, "no better than that simple rule. Look at pupils near 90"),
        ({"true_positives": 20}, "no better than that simple rule"),
        ({"only_named": 20, "only_plain": 5}, "The estimate found more, and the difference is more than chance."),
        (
            {"named": 0, "true_positives": 0, "plain_true_positives": 0},
            "It named no pupils, so it was of no use that year.",
        ),
    ],
)
def test_where_it_is_no_better_it_says_so(change: dict[str, int], expected: str) -> None:
    assert expected in how_it_did(replace(FOUND, test=replace(TEST, **change)))[3]  # type: ignore[arg-type]
