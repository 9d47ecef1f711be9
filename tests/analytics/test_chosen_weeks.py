"""Weeks side by side, against asking each mark of each day."""

from hypothesis import given
from hypothesis import strategies as st

from haven.analytics.chosen_weeks import side_by_side
from haven.analytics.sheets import OnRoll, pack
from haven.rules.attendance_codes import Class, classify
from haven.rules.sessions import session_of
from tests.analytics.sheets_of_a_week import calendar_of, open_days, sheet

CALENDAR = calendar_of(open_days([0, 1, 3]))  # a holiday between
ABSENT = (Class.AUTHORISED, Class.UNAUTHORISED)


@given(
    st.lists(st.sampled_from(["/", "I", "O", "#", "-", "V", "L"]), min_size=30, max_size=30),
    st.sets(st.integers(0, 9)), st.permutations([0, 1, 2]), st.tuples(st.integers(0, 30), st.integers(-1, 29)),
)  # fmt: skip
def test_each_week_counts_the_marks_of_its_half_days(
    marks: list[str], half_days: set[int], weeks: list[int], roll: tuple[int, int]
) -> None:
    matrix = pack([sheet("".join(marks))], CALENDAR)
    found = side_by_side(matrix, CALENDAR, weeks, sorted(half_days), roll=OnRoll([roll[0]], [roll[1]]))
    mondays = [session_of(int(CALENDAR.keys[start])).on for start in (0, 10, 20)]
    possible, absent = [0] * 3, [0] * 3
    for place, (key, mark) in enumerate(zip(CALENDAR.keys.tolist(), marks, strict=True)):
        session = session_of(key)
        if session.on.weekday() * 2 + session.half.number not in half_days or not roll[0] <= place <= roll[1]:
            continue
        week = weeks.index(max(number for number, monday in enumerate(mondays) if monday <= session.on))
        classed = None if mark == "-" else classify(mark, session.on)
        possible[week] += classed not in (None, Class.NOT_POSSIBLE)
        absent[week] += classed in ABSENT
    assert found.per_week(found.possible, 3).tolist() == [possible]
    assert found.per_week(found.absent, 3).tolist() == [absent]


def test_no_sheets_and_no_half_days() -> None:
    none = side_by_side(pack([], CALENDAR), CALENDAR, [0, 1], [0, 1])
    assert none.per_week(none.possible, 2).shape == (0, 2)
    empty = side_by_side(pack([sheet("/" * 30)], CALENDAR), CALENDAR, [0], [])
    assert empty.per_week(empty.absent, 1).tolist() == [[0]]
