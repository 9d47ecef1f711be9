"""The days on which a school of the demonstration is open, and the day of its morning.

England's usual year: 195 weekdays in three terms, each with a half-term week. Five of them are INSET days, which leaves
190 days for pupils (SI 1999/3181 and the School Teachers' Pay and Conditions Document). Bank holidays follow the
Banking and Financial Dealings Act 1971, with the days that were proclaimed for a single year.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from haven.rules.sessions import Half, academic_year_of, session_key, year_before, year_bounds

DAY = timedelta(days=1)
WEEKDAYS_IN_A_YEAR, INSET_DAYS = 195, 5
PROCLAIMED = {
    date(2020, 5, 8): "Early May bank holiday (VE day)",
    date(2022, 6, 2): "Spring bank holiday",
    date(2022, 6, 3): "Platinum Jubilee bank holiday",
    date(2022, 9, 19): "Bank Holiday for the State Funeral of Queen Elizabeth II",
    date(2023, 5, 8): "Bank holiday for the coronation of King Charles III",
}
"""Moved or added for a single year."""
MOVED_AWAY = frozenset({date(2020, 5, 4), date(2022, 5, 30)})


@dataclass(frozen=True, slots=True)
class Span:
    """A named stretch of the year; `kind` as in the school's calendar."""

    kind: str
    name: str
    begins_on: date
    ends_on: date


@dataclass(frozen=True)
class SchoolYear:
    """One school's academic year: its spans, and the days on which pupils attend, in order."""

    label: str
    spans: tuple[Span, ...]
    days: tuple[date, ...]

    @cached_property
    def keys(self) -> list[int]:
        """The session keys of the year: morning and afternoon of each day."""
        return [session_key(day, half) for day in self.days for half in Half]


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    j = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * j) // 451
    month, day = divmod(h + j - 7 * m + 114, 31)
    return date(year, month, day + 1)


def bank_holidays(year: int) -> dict[date, str]:
    """The bank holidays of England in a calendar year, with their names; a substitute day where one falls on a weekend."""
    holidays: dict[date, str] = {}
    for day, name in (
        (date(year, 1, 1), "New Year’s Day"), (date(year, 12, 25), "Christmas Day"), (date(year, 12, 26), "Boxing Day"),
    ):  # fmt: skip
        while day.weekday() > 4 or day in holidays:
            day += DAY
        holidays[day] = name
    sunday = easter(year)
    holidays[sunday - 2 * DAY], holidays[sunday + DAY] = "Good Friday", "Easter Monday"
    holidays[_monday_from(date(year, 5, 1))] = "Early May bank holiday"
    holidays[_monday_from(date(year, 5, 25))] = "Spring bank holiday"
    holidays[_monday_from(date(year, 8, 25))] = "Summer bank holiday"
    holidays.update({day: name for day, name in PROCLAIMED.items() if day.year == year})
    return {day: name for day, name in sorted(holidays.items()) if day not in MOVED_AWAY}


def _monday_from(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)


def school_year(label: str, *, inset_pattern: int = 0) -> SchoolYear:
    """The year of a school: 190 days for pupils. The pattern (0, 1, 2 ...) varies the INSET days between schools."""
    first = year_bounds(label)[0].year
    shut = {**bank_holidays(first), **bank_holidays(first + 1)}
    terms = _terms(first)
    halves = [span for span in terms if span.kind == "term"]
    open_days = [day for span in halves for day in _weekdays(span.begins_on, span.ends_on) if day not in shut]
    open_days = open_days[:WEEKDAYS_IN_A_YEAR]
    last = open_days[-1]
    starts = [next(day for day in open_days if day >= span.begins_on) for span in halves]
    inset = _inset_days(open_days, starts, inset_pattern)
    spans = [*_ended(terms, last, first)]
    spans += [Span("inset", "INSET day", day, day) for day in sorted(inset)]
    spans += [
        Span("bank_holiday", name, day, day)
        for day, name in sorted(shut.items())
        if date(first, 9, 1) <= day <= date(first + 1, 8, 31)
    ]
    spans.sort(key=lambda span: (span.begins_on, span.kind))
    return SchoolYear(label, tuple(spans), tuple(day for day in open_days if day not in inset))


def _inset_days(days: list[date], starts: list[date], pattern: int) -> set[date]:
    """Five days: two as the year opens, then by pattern at the start of other half-terms and at the end of the year."""
    choices = [starts[2], days[-1], starts[1], starts[4], days[-2], starts[5], starts[3]]
    turn = pattern % 4
    return {days[0], days[1], *choices[turn : turn + 3]}


def _terms(first: int) -> list[Span]:
    """Six half-terms and the holidays between them. The last half-term is long enough to end the year at its 195th
    weekday."""
    begins = date(first, 9, 1)
    while begins.weekday() > 3:
        begins += DAY
    autumn_break = _monday_from(date(first, 10, 24))
    christmas = _monday_from(date(first, 12, 19)) - 3 * DAY
    spring = _monday_from(date(first + 1, 1, 2))
    winter_break = _monday_from(date(first + 1, 2, 12))
    spring_ends = _last_friday_of_spring(easter(first + 1) - 2 * DAY)
    summer = _monday_from(spring_ends + 15 * DAY)
    may_break = _monday_from(date(first + 1, 5, 25))
    return [
        Span("term", "Autumn term, first half", begins, autumn_break - 3 * DAY),
        Span("holiday", "Autumn half-term", autumn_break, autumn_break + 4 * DAY),
        Span("term", "Autumn term, second half", autumn_break + 7 * DAY, christmas),
        Span("holiday", "Christmas holiday", christmas + DAY, spring - DAY),
        Span("term", "Spring term, first half", spring, winter_break - 3 * DAY),
        Span("holiday", "Spring half-term", winter_break, winter_break + 4 * DAY),
        Span("term", "Spring term, second half", winter_break + 7 * DAY, spring_ends),
        Span("holiday", "Easter holiday", spring_ends + DAY, summer - DAY),
        Span("term", "Summer term, first half", summer, may_break - 3 * DAY),
        Span("holiday", "Summer half-term", may_break, may_break + 4 * DAY),
        Span("term", "Summer term, second half", may_break + 7 * DAY, date(first + 1, 8, 14)),
    ]


def _last_friday_of_spring(good_friday: date) -> date:
    """The last Friday before a holiday of two weeks around Easter: an early Easter begins the holiday, a late one ends
    it."""
    if (good_friday.month, good_friday.day) <= (4, 8):
        return good_friday
    return good_friday - (14 if good_friday.day > 11 else 7) * DAY


def _ended(spans: list[Span], last: date, first: int) -> list[Span]:
    """The spans with the last half-term ending on the year's last day, and the summer holiday after it."""
    final = spans[-1]
    cut = Span(final.kind, final.name, final.begins_on, last)
    return [*spans[:-1], cut, Span("holiday", "Summer holiday", last + DAY, date(first + 1, 8, 31))]


def _weekdays(begins: date, ends: date) -> list[date]:
    return [begins + n * DAY for n in range((ends - begins).days + 1) if (begins + n * DAY).weekday() < 5]


def morning_on_or_before(on: date, *, patterns: int = 4) -> date:
    """The last day, not after `on`, on which every school of the demonstration is open."""
    label = academic_year_of(on)
    while True:
        common = set(school_year(label).days)
        for pattern in range(1, patterns):
            common &= set(school_year(label, inset_pattern=pattern).days)
        before = [day for day in common if day <= on]
        if before:
            return max(before)
        label = year_before(label)


def years_back(morning: date, earlier: int) -> list[str]:
    """The academic year of the morning and the given number of years before it, oldest first."""
    labels = [academic_year_of(morning)]
    for _ in range(earlier):
        labels.insert(0, year_before(labels[0]))
    return labels
