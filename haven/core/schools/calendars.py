"""The sessions on which a school is open, from its terms and the days taken out of them.

A school meets for at least 380 sessions in an academic year (Education (School Day and School Year) (England) Regulations 1999, regulation
3); INSET days, holidays, bank holidays and closures are taken out of the terms. Standard library and rules only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from haven.platform.dates import in_words
from haven.rules.sessions import Half, session_key, session_of, year_bounds

KINDS = {
    "term": "Term",
    "holiday": "Holiday",
    "inset": "INSET day",
    "closure": "Closure",
    "bank_holiday": "Bank holiday",
}


class BadCalendar(ValueError):
    """The calendar is not valid; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Span:
    """A named period of an academic year, first and last day included. `kind` is a key of KINDS; `half` is "AM" or "PM" for half of a
    single day that is not a term, "" for whole days."""

    kind: str
    name: str
    begins_on: date
    ends_on: date
    half: str = ""

    def days(self) -> Iterable[date]:
        return (self.begins_on + timedelta(days=step) for step in range((self.ends_on - self.begins_on).days + 1))

    def session_keys(self) -> set[int]:
        """The keys of the sessions that it covers, weekends too."""
        return {session_key(day, half) for day in self.days() for half in Half if self.half in ("", half.value)}


def sessions_within(spans: Iterable[Span]) -> list[int]:
    """Session keys of every weekday in a term and in no other period, morning and afternoon, in order. No term: an empty list."""
    periods = list(spans)
    is_open = {key for span in periods if span.kind == "term" for key in span.session_keys()}
    is_open -= {key for span in periods if span.kind != "term" for key in span.session_keys()}
    return sorted(key for key in is_open if session_of(key).on.weekday() < 5)


def sessions_after(sessions: Iterable[int], before: Iterable[Span], after: Iterable[Span]) -> list[int]:
    """The session keys of a year whose periods change from `before` to `after`, in order.

    Only sessions in an added or removed period are recomputed: open on a weekday in a term and in no other period. Every other session
    stays as it is, so that single sessions from a file are kept. A year without named terms counts as one term.
    """
    old, new = set(before), set(after)
    touched = {key for span in old ^ new for key in span.session_keys()}
    if any(span.kind == "term" for span in new):
        is_open = set(sessions_within(new))
    else:
        shut = {key for span in new for key in span.session_keys()}
        is_open = {key for key in touched - shut if session_of(key).on.weekday() < 5}
    return sorted((set(sessions) - touched) | (touched & is_open))


def checked(*, year: str, sessions: Iterable[int], spans: Iterable[Span]) -> tuple[list[int], list[Span]]:
    """The sessions in order and the periods by date. Raises BadCalendar for an empty list, duplicates, a reversed period or one outside the
    year."""
    first, last = year_bounds(year)
    keys = list(sessions)
    ordered = sorted(set(keys))
    if not ordered:
        raise BadCalendar(f"The calendar of {year} has no sessions. Enter at least one term.")
    if len(ordered) != len(keys):
        raise BadCalendar(f"The calendar of {year} has a session twice.")
    if ordered[0] < session_key(first, Half.AM) or ordered[-1] > session_key(last, Half.PM):
        raise BadCalendar(f"The academic year {year} runs from {in_words(first)} to {in_words(last)}.")
    stretches = sorted(spans, key=lambda span: (span.begins_on, span.ends_on))
    for span in stretches:
        if span.kind not in KINDS:
            raise BadCalendar(f"“{span.kind}” is not a type of day. The types are: {', '.join(KINDS)}.")
        if span.ends_on < span.begins_on:
            raise BadCalendar(f"“{span.name}” ends on {in_words(span.ends_on)}, before it begins.")
        if span.half and (span.kind == "term" or span.begins_on != span.ends_on or span.half not in ("AM", "PM")):
            raise BadCalendar(f"“{span.name}” can be a half day only if it is a single day and not a term.")
        if span.begins_on < first or span.ends_on > last:
            raise BadCalendar(
                f"“{span.name}” is outside {year}, which runs from {in_words(first)} to {in_words(last)}."
            )
    return ordered, stretches
