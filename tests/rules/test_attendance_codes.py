"""The class of every code on either side of each change, and how marks are read and packed."""

from datetime import date, timedelta

import pytest

from haven.rules.attendance_codes import (
    CLASS_NUMBERS,
    CODES,
    MISSING,
    UNKNOWN,
    Class,
    UnknownCode,
    class_spans,
    class_table,
    classify,
    codes_in_force,
    from_byte,
    parse_symbol,
    split_marks,
    to_byte,
    x_counted_as_possible,
)

OLD, NEW = date(2024, 8, 18), date(2024, 8, 19)

# code, class until 18 August 2024, class from 19 August 2024 (SI 2024/208; the Department's columns); - not in force
TABLE = """
/   present            present
\\   present            present
L   present            present
K   -                  approved_activity
V   approved_activity  approved_activity
P   approved_activity  approved_activity
W   approved_activity  approved_activity
B   approved_activity  approved_activity
J   approved_activity  -
J1  -                  authorised
C1  -                  authorised
C2  -                  authorised
C   authorised         authorised
M   authorised         authorised
S   authorised         authorised
T   authorised         authorised
R   authorised         authorised
I   authorised         authorised
E   authorised         authorised
H   authorised         -
F   -                  -
D   not_possible       not_possible
X   not_possible       not_possible
Q   -                  not_possible
Y   not_possible       -
Y1  -                  not_possible
Y2  -                  not_possible
Y3  -                  not_possible
Y4  -                  not_possible
Y5  -                  not_possible
Y6  -                  not_possible
Y7  -                  not_possible
Z   not_possible       not_possible
#   not_possible       not_possible
G   unauthorised       unauthorised
N   unauthorised       unauthorised
O   unauthorised       unauthorised
U   unauthorised       unauthorised
"""
CASES = [tuple(line.split()) for line in TABLE.split("\n") if line]


@pytest.mark.parametrize(("symbol", "before", "since"), CASES)
def test_class_on_either_side_of_the_2024_regulations(symbol: str, before: str, since: str) -> None:
    for on, expected in ((OLD, before), (NEW, since)):
        if expected == "-":
            with pytest.raises(UnknownCode):
                classify(symbol, on)
        else:
            assert classify(symbol, on).value == expected


def test_the_table_of_cases_is_whole() -> None:
    assert {case[0] for case in CASES} == {code.symbol for code in CODES}
    assert len(CODES) == 38


def test_extended_family_holiday_ended_about_2013() -> None:
    assert classify("F", date(2013, 8, 31)).value == "authorised"
    with pytest.raises(UnknownCode, match="withdrawn after 31 August 2013"):
        classify("F", date(2013, 9, 1))


@pytest.mark.parametrize("wrong", ["", "-", ".", "i", "I01", "X01", "Y8", "C3", "//", " I", "A"])
def test_classify_never_guesses(wrong: str) -> None:
    with pytest.raises(UnknownCode):
        classify(wrong, NEW)


def test_the_pandemic_x_stays_outside_and_is_known() -> None:
    assert classify("X", date(2021, 1, 11)).value == "not_possible"
    days = [date(2020, 8, 31), date(2020, 9, 1), date(2022, 3, 31), date(2022, 4, 1)]
    assert [x_counted_as_possible(on) for on in days] == [False, True, True, False]


def test_every_row_of_the_table_is_complete() -> None:
    for code in CODES:
        assert code.name and code.meaning and code.guidance, code.symbol
        assert len(code.symbol) in (1, 2)
        assert code.valid_to is not None or code.questions, f"{code.symbol} has no question for the picker"
        assert code.valid_from is None or code.valid_to is None or code.valid_from <= code.valid_to


def test_codes_in_force_are_in_picker_order_and_know_the_half() -> None:
    now = [code.symbol for code in codes_in_force(NEW)]
    assert now[:3] == ["/", "\\", "L"]
    assert not {"H", "J", "F", "Y"} & set(now)
    assert len(now) == 34
    morning = {code.symbol for code in codes_in_force(NEW, "AM")}
    assert "/" in morning and "\\" not in morning
    assert "\\" in {code.symbol for code in codes_in_force(NEW, "PM")}


def test_bytes_are_distinct_printable_and_reversible() -> None:
    packed = [to_byte(code.symbol) for code in CODES]
    assert len(set(packed)) == len(CODES)
    assert MISSING not in packed
    assert all(32 < byte < 127 for byte in packed)
    assert [from_byte(byte) for byte in packed] == [code.symbol for code in CODES]
    assert all(to_byte(code.symbol) == ord(code.symbol) for code in CODES if len(code.symbol) == 1)
    assert to_byte(None) == MISSING
    assert from_byte(MISSING) is None
    with pytest.raises(UnknownCode):
        from_byte(ord("z"))
    with pytest.raises(UnknownCode):
        to_byte("A")


def test_bytes_of_two_character_codes_never_change() -> None:
    """Sheets are stored in these bytes: a change here makes every stored year say something else."""
    stored = {"C1": "a", "C2": "c", "J1": "j"} | {f"Y{n}": str(n) for n in range(1, 8)}
    assert {symbol: chr(to_byte(symbol)) for symbol in stored} == stored


@pytest.mark.parametrize("on", [date(2012, 10, 1), OLD, NEW, date(2025, 9, 8)])
def test_class_table_agrees_with_classify(on: date) -> None:
    table = class_table(on)
    assert len(table) == 256
    assert table[MISSING] == 0
    known = {to_byte(code.symbol) for code in CODES if code.is_in_force(on)} | {MISSING}
    assert all(table[byte] == UNKNOWN for byte in range(256) if byte not in known)
    for code in codes_in_force(on):
        assert table[to_byte(code.symbol)] == CLASS_NUMBERS[classify(code.symbol, on)]


def test_class_spans_cut_where_the_table_changes_and_only_there() -> None:
    start, end = date(2012, 9, 1), date(2026, 8, 31)
    spans = class_spans(start, end)
    assert spans[0][0] == start and spans[-1][1] == end
    for (_, last), (first, _) in zip(spans, spans[1:], strict=False):
        assert first - last == timedelta(days=1)
        assert class_table(first) != class_table(last)
    for first, last in spans:
        assert class_table(first) == class_table(last)
    assert class_spans(date(2025, 9, 1), date(2026, 8, 31)) == ((date(2025, 9, 1), date(2026, 8, 31)),)
    assert class_spans(end, start) == ()


READ = [("/", "/"), (" C2 ", "C2"), ("\\", "\\"), ("", None), ("  ", None), ("-", None), (None, None), ("#", "#")]


@pytest.mark.parametrize(("text", "symbol"), READ)
def test_a_cell_is_read(text: str | None, symbol: str | None) -> None:
    assert parse_symbol(text) == symbol


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("i", "did you mean I"),
        ("c2", "did you mean C2"),
        ("I01", "Enter the national code"),
        ("X01", "Enter the national code"),
        ("Y8", "not an attendance code"),
        ("0", "not an attendance code"),
        ("present", "not an attendance code"),
    ],
)
def test_a_wrong_cell_is_refused_in_words(text: str, sentence: str) -> None:
    with pytest.raises(UnknownCode, match=sentence):
        parse_symbol(text)


def test_a_suppliers_own_codes_are_mapped_by_the_school() -> None:
    assert parse_symbol("I01", {"I01": "I"}) == "I"
    assert parse_symbol("!", {"!": "-"}) is None
    with pytest.raises(UnknownCode):
        parse_symbol("I02", {"I01": "I"})


def test_marks_in_a_row_are_read_by_longest_match() -> None:
    assert split_marks("/\\C2CI-Y1J1#") == ["/", "\\", "C2", "C", "I", None, "Y1", "J1", "#"]
    assert split_marks("") == []
    with pytest.raises(UnknownCode):
        split_marks("/A")


def test_the_numbers_of_classes_are_those_of_the_compiled_programs() -> None:
    assert CLASS_NUMBERS == {
        None: 0, Class.PRESENT: 1, Class.APPROVED_ACTIVITY: 2, Class.AUTHORISED: 3, Class.UNAUTHORISED: 4, Class.NOT_POSSIBLE: 5,
    }  # fmt: skip


def test_a_long_cell_is_shown_by_its_first_twenty_characters() -> None:
    with pytest.raises(UnknownCode) as refused:
        parse_symbol("abcdefghijklmnopqrstuvwxyz")
    assert str(refused.value) == "“abcdefghijklmnopqrst” is not an attendance code."


def test_a_span_that_begins_with_a_change_or_has_one_day_is_one_span() -> None:
    change = date(2024, 8, 19)
    assert class_spans(change, date(2024, 9, 30)) == ((change, date(2024, 9, 30)),)
    assert class_spans(change, change) == ((change, change),)
    assert class_spans(date(2024, 8, 18), change) == ((date(2024, 8, 18),) * 2, (change, change))


@pytest.mark.parametrize(
    ("text", "is_own"), [("/12", True), ("I0a", False), ("Ia1", False), ("I1", False), ("a12", False)]
)
def test_a_code_of_the_schools_own_system_is_a_code_and_digits(text: str, is_own: bool) -> None:
    with pytest.raises(UnknownCode) as refused:
        parse_symbol(text)
    assert ("own system" in str(refused.value)) is is_own
