"""Every measure, worked out a second time by counting in the plainest way, must come out the same."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from haven.rules.absence import tally
from haven.rules.attendance_codes import codes_in_force, parse_symbol, split_marks
from haven.rules.clocks import add_school_days, add_working_days, school_days_between, working_days_between
from haven.rules.measures import Measures, Place, measure, sessions_until_persistent
from haven.rules.sessions import Half, academic_year_of, session_key, session_of, year_bounds

FIRST = date(2025, 9, 1)
CODES = [code.symbol for code in codes_in_force(FIRST)]
LIKELY = ["/", "O", "N", "U", "G", "I", "#", "D", "V", None]
PRESENT, AUTHORISED, UNAUTHORISED = set("/\\LKVPWB"), set("CMSTRIE") | {"C1", "C2", "J1"}, set("GNOU")
ABSENT = AUTHORISED | UNAUTHORISED


@st.composite
def sheets(draw: st.DrawFn, first: date = FIRST, most_weeks: int = 14) -> list[Place]:
    """Whole school weeks, some left out; marks in stretches, so that runs and thresholds do occur."""
    weeks = draw(st.lists(st.booleans(), min_size=1, max_size=most_weeks))
    places: list[Place] = []
    for number, is_open in enumerate(weeks):
        for day in range(5 if is_open else 0):
            on = first + timedelta(weeks=number, days=day)
            places += [(on, Half.AM, None), (on, Half.PM, None)]
    marks: list[str | None] = []
    while len(marks) < len(places):
        code = draw(st.one_of(st.sampled_from(LIKELY), st.sampled_from(CODES)))
        marks += [code] * draw(st.integers(1, 32))
    return [(on, half, mark) for (on, half, _), mark in zip(places, marks, strict=False)]


def monday_of(on: date) -> date:
    return on - timedelta(days=on.weekday())


def threshold(marks: list[Place], start: date, end: date) -> date | None:
    """Walk back from each day through ten Mondays that had school."""
    mondays = sorted({monday_of(on) for on, _, _ in marks}, reverse=True)
    for offset in range((end - start).days + 1):
        today = start + timedelta(days=offset)
        if not any(on == today for on, _, _ in marks):
            continue
        window = [monday for monday in mondays if monday <= today][:10]
        if sum(c in UNAUTHORISED for on, _, c in marks if on <= today and monday_of(on) in window) >= 10:
            return today
    return None


def runs_of_days(marks: list[Place]) -> list[tuple[date, int]]:
    """For each school day of the pupil: how long the run of wholly unauthorised days is by then."""
    by_day: dict[date, list[str]] = {}
    for on, _, code in marks:
        if code in PRESENT | ABSENT:
            by_day.setdefault(on, []).append(code)
    lengths: list[tuple[date, int]] = []
    for on, codes in by_day.items():
        last = lengths[-1][1] if lengths else 0
        lengths.append((on, last + 1 if set(codes) <= UNAUTHORISED else 0))
    return lengths


def check(found: Measures, sheet: list[Place], before: list[Place], start: date, end: date) -> None:
    shown = [(on, half, code) for on, half, code in sheet if start <= on <= end]
    codes = [code for _, _, code in shown]
    attended = sum(code in PRESENT for code in codes)
    authorised, unauthorised = sum(c in AUTHORISED for c in codes), sum(c in UNAUTHORISED for c in codes)
    absent = authorised + unauthorised
    assert (found.attended, found.authorised, found.unauthorised) == (attended, authorised, unauthorised)
    assert (found.absent, found.possible, found.missing) == (absent, attended + absent, codes.count(None))
    assert (found.late_before, found.late_after) == (codes.count("L"), codes.count("U"))
    assert found.attendance_rate == (attended / (attended + absent) if attended + absent else None)
    assert found.persistent == (absent > 0 and absent / (attended + absent) * 10 >= 1 - 1e-12)
    assert found.severe == (absent > 0 and absent >= attended)
    assert found.threshold_met_on == threshold(before + sheet, start, end)
    lengths = runs_of_days(shown)
    assert found.unauthorised_run_days == max((n for _, n in lengths), default=0)
    assert found.unauthorised_run_met_on == next((on for on, n in lengths if n >= 10), None)
    possible = "".join("i" if code == "I" else "x" for code in codes if code in PRESENT | ABSENT)
    assert found.illness_run_sessions == max(map(len, possible.split("x")))
    ill = [on for on, _, code in sheet if code == "I"]
    assert found.illness_met_on == next((on for n, on in enumerate(ill) if n == 29 and start <= on <= end), None)
    weeks = {monday_of(on) for on, _, code in shown if code in ABSENT}
    assert found.broken_weeks == len(weeks & {monday_of(on) for on, _, code in shown if code in PRESENT})
    assert sum(slot.possible for slot in found.pattern) == found.possible
    for slot in found.pattern:
        here = [code for on, half, code in shown if (on.weekday(), half) == (slot.weekday, slot.half)]
        assert slot.absent == sum(code in ABSENT for code in here)


@given(
    sheet=sheets(),
    before=sheets(first=date(2025, 5, 5), most_weeks=11),
    offset=st.integers(-3, 40),
    days=st.integers(0, 110),
)
@settings(max_examples=120, deadline=None)
def test_measures_agree_with_plain_counting(sheet: list[Place], before: list[Place], offset: int, days: int) -> None:
    start = FIRST + timedelta(days=offset)
    end = start + timedelta(days=days)
    check(measure(sheet, start, end, before), sheet, before, start, end)


@given(sheet=sheets())
@settings(max_examples=60, deadline=None)
def test_measures_agree_with_the_tally(sheet: list[Place]) -> None:
    counts = Counter(code or "" for _, _, code in sheet)
    found = measure(sheet, FIRST, date(2026, 8, 31))
    summed = tally(counts, FIRST)
    assert found.tally == summed
    assert (found.persistent, found.severe) == (summed.is_persistent, summed.is_severe)
    assert found.attendance_rate == summed.attendance_rate


@given(absent=st.integers(0, 60), present=st.integers(0, 200), remaining=st.integers(0, 120))
def test_the_outlook_agrees_with_trying_every_number(absent: int, present: int, remaining: int) -> None:
    possible = absent + present
    total = possible + remaining
    persistent = [total > 0 and 10 * (absent + more) >= total for more in range(remaining + 1)]
    found = sessions_until_persistent(absent, possible, remaining)
    assert found.is_unavoidable == persistent[0]
    assert found.is_out_of_reach == (not any(persistent))
    assert found.may_still_miss == max((more for more, flag in enumerate(persistent) if not flag), default=0)
    if any(persistent):
        assert found.until_persistent == persistent.index(True)


@given(st.lists(st.sampled_from([*CODES, None]).map(lambda code: code or "-"), max_size=40))
def test_marks_in_a_row_read_back(cells: list[str]) -> None:
    # No code is a digit, so the longest match never joins two codes.
    assert split_marks("".join(cells)) == [parse_symbol(cell) for cell in cells]


@given(st.dates(date(1950, 1, 1), date(2090, 1, 1)), st.sampled_from(Half))
def test_session_keys_go_there_and_back_in_order(on: date, half: Half) -> None:
    session = session_of(session_key(on, half))
    assert (session.on, session.half) == (on, half)
    assert session_key(on, Half.AM) + 1 == session_key(on, Half.PM) == session_key(on + timedelta(days=1), Half.AM) - 1
    first, last = year_bounds(academic_year_of(on))
    assert first <= on <= last


@given(
    st.dates(date(2020, 1, 1), date(2027, 1, 1)),
    st.integers(0, 40),
    st.sets(st.dates(date(2020, 1, 1), date(2027, 6, 1)), max_size=40),
)
def test_clocks_agree_with_counting(start: date, n: int, holidays: set[date]) -> None:
    end = add_working_days(start, n, holidays)
    assert working_days_between(start, end, holidays) == n
    if n:
        assert end.weekday() < 5 and end not in holidays
        open_days = [start + timedelta(days=d) for d in range(-10, 80)]
        assert add_school_days(start, n, open_days) == start + timedelta(days=n)
        assert school_days_between(start, add_school_days(start, n, open_days), open_days) == n
