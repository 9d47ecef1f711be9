"""Decides which codes may be entered ahead of time, over which dates, and which sessions a plan fills.

Working together to improve school attendance and SI 2024/208 regulation 11 (leave). Leave, activities elsewhere and
other absence that is known beforehand may be planned. Presence, lateness, N and O say what happened and may not be
planned. A part-time timetable (C2) is temporary and needs an end date. The limits here, in school days, are the field's
usual limits. They are not law, and a longer plan needs confirmation.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from haven.rules.attendance_codes import UnknownCode, classify, code_for
from haven.rules.clocks import school_days_between, working_days_between
from haven.rules.decision import Decision, allow, refuse
from haven.rules.sessions import Half, SessionDate

HAPPENS_ON_THE_DAY = frozenset({"/", "\\", "L", "N", "O", "U"})
FOR_THE_WHOLE_SCHOOL = frozenset({"#", "Z"})


@dataclass(frozen=True, slots=True)
class PlanLimit:
    """How many school days an entry may cover, and the sentence for a longer one."""

    days: int
    sentence: str


LIMITS: dict[str, PlanLimit] = {
    "M": PlanLimit(1, "An appointment is entered for its own day. For a longer stay use I."),
    "J1": PlanLimit(5, "An interview lasts a week at most. Enter the days of the interview."),
    "E": PlanLimit(5, "From the sixth school day, alternative provision is required, so code E no longer applies."),
    "C2": PlanLimit(60, "A part-time timetable is temporary. Enter up to 12 weeks, then review it."),
    "S": PlanLimit(60, "Study leave covers one examination season."),
}
LONGEST = PlanLimit(200, "An entry cannot last more than a year.")


def is_plannable(symbol: str) -> bool:
    """Whether a code may ever be entered beforehand for a pupil. Raises UnknownCode."""
    return code_for(symbol).symbol not in HAPPENS_ON_THE_DAY | FOR_THE_WHOLE_SCHOOL


def may_plan(symbol: str, first: date, last: date, open_days: Collection[date] = ()) -> Decision:
    """Whether a code may be entered for first..last (inclusive), with the sentence to show if not.

    `open_days`: the days on which the school is open; without them Monday to Friday are counted.
    """
    try:
        if symbol in HAPPENS_ON_THE_DAY:
            return refuse(f"{symbol} records what happened on the day, so it cannot be entered in advance.")
        if not is_plannable(symbol):
            return refuse(f"{symbol} comes from the school calendar and roll, not from an entry for one pupil.")
        if last < first:
            return refuse("The last day must be on or after the first day.")
        classify(symbol, first)
        classify(symbol, last)
    except UnknownCode as wrong:
        return refuse(str(wrong))
    limit = LIMITS.get(symbol, LONGEST)
    eve = first - timedelta(days=1)
    days = school_days_between(eve, last, open_days) if open_days else working_days_between(eve, last, ())
    if days > limit.days:
        return refuse(limit.sentence)
    return allow()


def sessions_to_fill(
    open_sessions: Iterable[SessionDate], first: date, last: date, halves: frozenset[Half] = frozenset(Half)
) -> list[SessionDate]:
    """The school's open sessions in first..last (inclusive) that a plan fills, in order of time; may be none."""
    return sorted(session for session in open_sessions if first <= session.on <= last and session.half in halves)
