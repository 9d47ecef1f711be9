"""An estimate in words: counts and frequencies, never a score."""

from haven.analytics.warning import BackTest, Band
from haven.attendance.reports.estimate.query import Count, Named, TermEstimate
from haven.platform.ui.words import count_of

HARDLY = 0.05
"""A figure with a smaller effect in log odds hardly matters: less than one part in twenty of the odds."""


def registers_like_this(band: Band, tested_on: str) -> str:
    """ "of 37 pupils with registers like this in 2024-25, 19 became persistently absent: about 5 in 10"."""
    return f"Of {count_of(band.pupils, 'pupil')} with registers like this in {tested_on}, {band.became} became persistently absent: {in_ten(band)}."


def in_ten(band: Band) -> str:
    """The outcome of a band as a frequency in ten, half up: "about 4 in 10", "fewer than 1 in 10"."""
    tenths = (20 * band.became + band.pupils) // (2 * band.pupils)
    return "fewer than 1 in 10" if tenths == 0 else f"about {tenths} in 10"


def phrases(count: Count) -> tuple[str, ...]:
    """The figures of the marks as text, one phrase for each figure of the estimate (haven.analytics.warning.FIGURES), in their order."""
    return (
        f"missed {count.missed} of {count_of(count.possible, 'session')} since September",
        f"missed {count.missed_lately} of the last {count.possible_lately}",
        f"absence began {_times(count.began)} in the last 40" if count.began else "no new absence in the last 40",
        f"{count_of(count.unauthorised, 'session')} of unauthorised absence",
        f"late {_times(count.late)}" if count.late else "never late",
        "last year not known" if count.last_year is None else f"missed {100 * count.last_year:.1f}\N{NO-BREAK SPACE}% last year",
    )  # fmt: skip


def working(named: Named) -> str:
    """The figures that raise and lower the estimate, the strongest first, and those that hardly matter."""
    weighed = sorted(zip(named.pull, phrases(named.count), strict=True), key=lambda pair: -abs(pair[0]))
    groups = (
        ("Raises the estimate", [words for pull, words in weighed if pull >= HARDLY]),
        ("Lowers the estimate", [words for pull, words in weighed if pull <= -HARDLY]),
        ("Little effect", [words for pull, words in weighed if abs(pull) < HARDLY]),
    )
    return " ".join(f"{title}: {'; '.join(words)}." for title, words in groups if words)


def what_it_takes(named: Named, left: int) -> str:
    """The sentence about how many missed sessions would make ten per cent at the end of the term."""
    if named.takes == 0:
        return "Will reach ten per cent even with no more absence."
    if named.takes > left:
        return f"Cannot reach ten per cent this term: it would take {named.takes} sessions, and {left} are left."
    return f"Missing {named.takes} of the {count_of(left, 'session')} left."


def how_it_did(estimated: TermEstimate) -> list[str]:
    """The accuracy of the estimate in the test year, in sentences, with the simple rules for comparison."""
    test, year = estimated.test, estimated.tested_on
    missed = test.cases - test.true_positives
    return [
        f"The estimate was made from {' and '.join(estimated.fitted_on)} and tested on {year}, which it had not used.",
        f"At the same point of the term in {year}, {count_of(test.already, 'pupil')} already had persistent absence (attendance of 90\N{NO-BREAK SPACE}% or "
        f"less). At the end of the term {test.stayed} of them still had it. That simple rule needs no estimate.",
        f"Of the other {count_of(test.pupils, 'pupil')}, {test.cases} became persistently absent by the end of the term. The estimate named "
        f"{test.named}: {test.true_positives} became persistently absent and {test.false_alarms} did not (false alarms). It did not name {missed} who became "
        "persistently absent.",
        _beside_plain(test),
    ]  # fmt: skip


def _beside_plain(test: BackTest) -> str:
    if not test.named:
        return "It named no pupils, so it was of no use that year."
    plain = (
        f"Naming the {test.named} pupils nearest to 90\N{NO-BREAK SPACE}% would have found {test.plain_true_positives}."
    )
    if not test.is_better:
        return f"{plain} So the estimate was no better than that simple rule. Look at pupils near 90\N{NO-BREAK SPACE}% attendance instead."
    if not test.is_more_than_chance:
        return f"{plain} The estimate found more, but the difference may be chance."
    return f"{plain} The estimate found more, and the difference is more than chance."


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")
