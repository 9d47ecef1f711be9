"""Explains each attendance measure in one sentence that can be checked by hand.

These sentences accompany the numbers of `measures` and of the analytics engine, on the reference page and as
explanations of single figures. The definitions are those of the Department for Education (see `absence`), the National
Framework for Penalty Notices, and the attendance and sickness returns (see `measures`).
"""

from dataclasses import dataclass

from haven.rules.measures import ILLNESS_SESSIONS, PENALTY_CODES, RUN_DAYS, THRESHOLD_SESSIONS, THRESHOLD_WEEKS

_CODES = ", ".join(sorted(PENALTY_CODES)[:-1]) + " or " + max(PENALTY_CODES)


@dataclass(frozen=True, slots=True)
class MeasureWords:
    """One column of the measures: its name, what it is counted in, and its definition over the sessions from..to."""

    column: str
    unit: str
    definition: str


OF_ONE = (
    MeasureWords("upn", "text", "The pupil's unique pupil number."),
    MeasureWords("school_urn", "text", "The school's number in the public register of schools."),
    MeasureWords("from", "date", "First day that is counted."),
    MeasureWords("to", "date", "Last day that is counted."),
    MeasureWords("possible", "sessions", "Attended plus absent. Codes that are not possible sessions and empty places are not counted."),
    MeasureWords("attended", "sessions", "Present, or at an approved educational activity."),
    MeasureWords("absent", "sessions", "Authorised plus unauthorised absence."),
    MeasureWords("authorised", "sessions", "Marks whose code counts as authorised absence on their day."),
    MeasureWords("unauthorised", "sessions", "Marks whose code counts as unauthorised absence on their day."),
    MeasureWords("late_before", "sessions", "Late, before the register closed: marks coded L. They count as attended."),
    MeasureWords("late_after", "sessions", "Late, after the register closed: marks coded U. They count as unauthorised."),
    MeasureWords("missing", "sessions", "Empty places: sessions on roll without a mark."),
    MeasureWords("attendance_rate", "rate", "Attended divided by possible; empty where nothing was possible."),
    MeasureWords("persistent", "flag", "10 × absent is at least possible, and possible is above 0."),
    MeasureWords("severe", "flag", "2 × absent is at least possible, and possible is above 0."),
    MeasureWords(
        "threshold_met_on", "date",
        f"First day on which the sessions coded {_CODES} in the {THRESHOLD_WEEKS} school weeks ending with that day's week"
        f" number {THRESHOLD_SESSIONS} or more. The weeks may begin before the first day counted, and in the previous year"
        " at the same school. Weeks without a session at the school are skipped.",
    ),
    MeasureWords(
        "unauthorised_run_days", "school days",
        f"Longest run of the pupil's school days on which every possible session is coded {_CODES}. Days without a possible"
        " session neither end nor extend the run.",
    ),
    MeasureWords("unauthorised_run_met_on", "date", f"First day on which such a run reaches {RUN_DAYS} school days."),
    MeasureWords("illness_sessions", "sessions", "Marks coded I."),
    MeasureWords("illness_run_sessions", "sessions", "Longest run of possible sessions in a row that are coded I."),
    MeasureWords(
        "illness_met_on", "date",
        f"Day on which the marks coded I since the start of the academic year reach {ILLNESS_SESSIONS}, where that day lies"
        " within from and to.",
    ),
    MeasureWords("broken_weeks", "weeks", "School weeks with at least one absent and at least one attended session."),
)  # fmt: skip
"""The columns of one enrolment, in the order of the export."""

OF_GROUPS = (
    MeasureWords("group", "text", "The label of the group; empty for pupils without one."),
    MeasureWords("enrolments", "enrolments", "Enrolments in the group."),
    MeasureWords("enrolments_with_possible", "enrolments", "Those with at least one possible session."),
    MeasureWords("persistent", "enrolments", "Those flagged persistent."),
    MeasureWords("severe", "enrolments", "Those flagged severe."),
    MeasureWords("persistent_rate", "rate", "Enrolments flagged persistent, divided by those with a possible session."),
    MeasureWords("severe_rate", "rate", "Enrolments flagged severe, divided by those with a possible session."),
    MeasureWords("threshold_met", "enrolments", "Those with a day in threshold_met_on."),
    MeasureWords("suspension_sessions", "sessions", "Marks coded E (suspended or excluded, and no provision made) outside a safeguarding separation."),
    MeasureWords("suspended", "enrolments", "Those with such a mark coded E."),
    MeasureWords(
        "suspended_again", "enrolments",
        "Those with more than one suspension. Marks coded E one after another are one; days without a possible session do not part them.",
    ),
)  # fmt: skip
"""The columns that only a group has, or whose meaning differs there. The others are sums over the group's
enrolments."""
