"""Unique pupil numbers: the guide's own examples, and every way of getting one wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.gb import upn as second_opinion

from haven.rules.identifiers import check_letter, is_temporary_upn, is_valid_upn, make_upn, why_upn_is_wrong

CASES = [
    # text, valid, temporary, source
    ("H801200001001", True, False, "UPN guide annex A: sum 53, remainder 7, H"),
    ("X00180001701A", True, True, "UPN guide 6.1: a temporary UPN"),
    ("A801200001001", False, False, "wrong check letter"),
    ("H810200001001", False, False, "two digits swapped"),
    ("h801200001001", False, False, "small letter"),
    ("H80120000100", False, False, "12 characters"),
    ("H8012000010011", False, False, "14 characters"),
    (" H801200001001", False, False, "a blank before it"),
    ("I801200001001", False, False, "I is no check letter"),
    ("H8O1200001001", False, False, "letter O for a nought"),
    ("H80120000100I", False, False, "I is no last letter"),
    ("H80120000100\u0661", False, False, "a digit of another script"),
    ("", False, False, "nothing"),
]


@pytest.mark.parametrize(("text", "valid", "temporary", "source"), CASES)
def test_upn(text: str, valid: bool, temporary: bool, source: str) -> None:
    assert is_valid_upn(text) is valid, source
    assert is_temporary_upn(text) is temporary, source
    assert (why_upn_is_wrong(text) is None) is valid


SENTENCES = [
    ("", "The UPN is missing"),
    ("H80120000100", "13 characters; this has 12"),
    ("h801200001001", "capital letters"),
    ("S801200001001", "begins with a letter other than I, O and S; this begins with “S”"),
    ("H8O1200001001", "Character 3 of a UPN is a digit; this has “O”. Perhaps 0"),
    ("H80120000100?", "last character"),
    ("J801200001001", "does not match the rest"),
]


@pytest.mark.parametrize(("text", "part"), SENTENCES)
def test_what_is_wrong_is_said_in_words(text: str, part: str) -> None:
    assert part in (why_upn_is_wrong(text) or "")


def test_made_numbers_are_valid_for_two_implementations() -> None:
    for serial in range(1000):
        number = make_upn(801, 2000, 2001, serial)
        assert is_valid_upn(number)
        assert second_opinion.is_valid(number)
    assert make_upn(801, 2000, 2001, 1) == "H801200001001"
    with pytest.raises(ValueError, match="three-digit"):
        make_upn(8011, 2000, 2001, 1)


def test_one_wrong_digit_is_always_found() -> None:
    """Each weight is 2 to 13 and 23 is prime, so no single slip of a digit gives the same remainder."""
    right = "H801200001001"
    for place in range(1, 13):
        for digit in "0123456789":
            if digit != right[place]:
                assert not is_valid_upn(right[:place] + digit + right[place + 1 :])


@pytest.mark.parametrize("numbers", [(0, 0, 0, 0), (999, 9999, 2025, 999)])
def test_a_number_is_made_up_to_the_last_value_of_each_part(numbers: tuple[int, int, int, int]) -> None:
    assert is_valid_upn(make_upn(*numbers)) or numbers[0] == 0, "no authority has the number 000"
    assert len(make_upn(*numbers)) == 13


@pytest.mark.parametrize(
    "numbers",
    [
        (-1, 2000, 2001, 1), (1000, 2000, 2001, 1), (801, -1, 2001, 1), (801, 10_000, 2001, 1), (801, 2000, -1, 1),
        (801, 2000, 2001, -1), (801, 2000, 2001, 1000),
    ],
)  # fmt: skip
def test_no_number_is_made_beyond_the_last_value_of_a_part(numbers: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="three-digit"):
        make_upn(*numbers)


@given(st.text("0123456789", min_size=12, max_size=12))
def test_the_check_letter_is_the_weighted_sum(body: str) -> None:
    """UPN guide, annex A: each digit times its position from 2 to 13, the sum's remainder by 23 as a letter."""
    total = sum(int(digit) * position for position, digit in enumerate(body, start=2))
    assert check_letter(body) == "ABCDEFGHJKLMNPQRTUVWXYZ"[total % 23]
