"""Many UPNs looked at at once, and one by one: the same answer for any text."""

from hypothesis import example, given
from hypothesis import strategies as st

from haven.exchange.imports.formats.marks.upns import good_upns
from haven.rules.identifiers import CHECK_LETTERS, check_letter, is_valid_upn

BODIES = st.from_regex(f"[0-9]{{11}}[0-9{CHECK_LETTERS}]", fullmatch=True)
GOOD = BODIES.map(lambda body: check_letter(body) + body)
NEARLY = st.tuples(GOOD, st.integers(0, 12), st.sampled_from("0I1OS9AZa é\0")).map(
    lambda found: found[0][: found[1]] + found[2] + found[0][found[1] + 1 :]
)


@given(st.lists(st.one_of(GOOD, NEARLY, st.text(max_size=14)), max_size=12))
@example([])
@example(["", "A"])
def test_all_at_once_are_what_each_is(texts: list[str]) -> None:
    expected = [is_valid_upn(text) for text in texts]
    assert good_upns([text.encode() for text in texts], "utf-8") == expected


@given(
    st.lists(st.one_of(GOOD, NEARLY).filter(lambda text: len(text.encode("latin-1")) == 13), min_size=1, max_size=50)
)
def test_thirteen_characters_each(texts: list[str]) -> None:
    assert good_upns([text.encode("latin-1") for text in texts], "latin-1") == [is_valid_upn(text) for text in texts]
