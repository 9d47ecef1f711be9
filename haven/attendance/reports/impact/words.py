"""An impact in sentences: the change, the change of similar pupils, the difference, and whether it may be chance.

Rates are per hundred sessions with one decimal. The difference of two rates is computed from the displayed values, so that readers who
subtract get the same; the interval is rounded by itself.
"""

from dataclasses import dataclass
from math import floor

from haven.analytics.impact import FEWEST, Impact, TooFew
from haven.platform.ui.words import count_of

WEEKS = (3, 4, 6, 8, 12)
"""The permitted lengths of a window in school weeks. Fewer than three may be one illness; more than twelve exceed a term."""
DURING, AFTER = "during", "after"


@dataclass(frozen=True)
class ImpactWords:
    """The text of one comparison; `figure` and `beside` are its one-line summary. `refusal` replaces all other text."""

    figure: str = ""
    beside: str = ""
    own: str = ""
    like: str = ""
    left: str = ""
    refusal: str = ""


def said(result: Impact | TooFew, *, length: int, window: str) -> ImpactWords:
    """The sentences of one comparison: the window before with `during`, the first weeks of support, or with `after`, the weeks that
    follow."""
    if isinstance(result, TooFew):
        return ImpactWords(refusal=_refusal(result, length, window))
    before, after, like_before, like_after = (
        tenths(rate) for rate in (result.before, result.after, result.like_before, result.like_after)
    )
    when = (
        f"in the {length} weeks from then on" if window == DURING else f"in the {length} weeks after the first {length}"
    )
    change, beside = after - before, like_after - like_before
    return ImpactWords(
        figure=more_or_fewer(change - beside), beside="missed per hundred sessions, compared with similar pupils",
        own=f"In the {length} school weeks before support began, these {result.matched} pupils missed {one(before)} of every hundred sessions. "
        f"They missed {one(after)} {when}: {more_or_fewer(change)}.",
        like=f"{count_of(result.like, 'similar pupil')} with no such support on record missed {one(like_before)} and then {one(like_after)}: "
        f"{more_or_fewer(beside)}.",
        left=_left(change - beside, tenths(result.low), tenths(result.high), result.is_more_than_chance),
    )  # fmt: skip


def tenths(rate: float) -> int:
    """A rate (0 to 1) in tenths of a session in a hundred, half up: 0.0825 is 83."""
    return floor(rate * 1000 + 0.5 + 1e-9)


def one(value: int) -> str:
    """Tenths as text, without a sign: 83 is "8.3"."""
    return f"{abs(value) / 10:.1f}"


def more_or_fewer(change: int) -> str:
    """Tenths as a change: "1.2 fewer", "0.8 more", "as many"."""
    return "as many" if change == 0 else f"{one(change)} {'more' if change > 0 else 'fewer'}"


def _left(effect: int, low: int, high: int, is_more_than_chance: bool) -> str:
    likely = f"With 95 % confidence, the true difference is between {more_or_fewer(low)} and {more_or_fewer(high)} per hundred sessions."
    lead = f"The difference is {more_or_fewer(effect)}." if effect else "There is no difference."
    if is_more_than_chance:
        return f"{lead} It is more than chance. {likely}"
    return f"{lead} It may be chance. {likely}"


def _refusal(too_few: TooFew, length: int, window: str) -> str:
    need = f"A comparison needs {FEWEST} pupils or more"
    weeks = (
        f"{length} school weeks before and {length} from then on"
        if window == DURING
        else f"{length} school weeks before, {length} from then on and {length} after those"
    )
    if too_few.measured < FEWEST:
        return f"{need} with registers for {weeks}, all of them over. Here {_are(too_few.measured)} of {too_few.helped}, so nothing is compared."
    return f"{need} with similar pupils. Here {_are(too_few.matched)} of {too_few.measured}, so nothing is compared."


def _are(number: int) -> str:
    return "there is 1" if number == 1 else "there are none" if number == 0 else f"there are {number}"
