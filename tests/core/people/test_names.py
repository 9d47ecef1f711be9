"""Names are found by their folded form, compared with a simple second implementation, letter by letter."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haven.core.people.names import fold, fold_words, names_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("O'Brien-Ñandú", "obriennandu"),
        ("O’Brien", "obrien"),
        ("van der Berg", "vanderberg"),
        ("Łukasz", "lukasz"),
        ("Straße", "strasse"),
        ("Æthelred", "aethelred"),
        ("SØRENSEN", "sorensen"),
        ("İpek", "ipek"),
        ("Nguyễn", "nguyen"),
        ("<script>", "script"),
        (" ' - ", ""),
        ("李雷", "李雷"),
    ],
)
def test_a_name_is_folded(name: str, key: str) -> None:
    assert fold(name) == key


@given(st.text(max_size=30))
def test_a_key_has_letters_and_digits_alone_and_folds_to_itself(name: str) -> None:
    key = fold(name)
    assert all(letter.isalnum() for letter in key)
    assert fold(key) == key


@given(st.text(alphabet="abcdefghij éÉñÑ'-", max_size=20))
def test_folding_is_what_a_person_would_do_letter_by_letter(name: str) -> None:
    slowly = ""
    for letter in name.lower():
        plain = unicodedata.normalize("NFD", letter)[0]
        if plain not in " '-":
            slowly += plain
    assert fold(name) == slowly


def test_words_are_cut_at_blanks_hyphens_and_commas() -> None:
    assert fold_words("Rahman-Begum, Aïsha  Rose '") == ["rahman", "begum", "aisha", "rose"]


def test_every_name_stands_in_the_key_whole_and_word_by_word_once() -> None:
    assert names_key("O'Brien-Ñandú", "Siân", "", "Siân") == " obriennandu obrien nandu sian"
    assert names_key("", "'") == ""
