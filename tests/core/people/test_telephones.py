"""Valid telephone numbers; those reserved for drama are valid, because demonstrations need them."""

import pytest

from haven.core.people.telephones import dial, is_number


@pytest.mark.parametrize(
    "text",
    [
        "07700 900123",
        "07700900999",
        "01632 960123",
        "020 7946 0123",
        "07412 345678",
        "+48 22 123 45 67",
        "+447700900001",
    ],
)
def test_a_number_that_can_be_called(text: str) -> None:
    assert is_number(text)
    assert dial(text).startswith("+")


@pytest.mark.parametrize("text", ["", "07700 9001", "0123", "ring the aunt", "01234", "07700 9001234", "<script>"])
def test_a_number_that_cannot(text: str) -> None:
    assert not is_number(text)
    assert dial(text) == ""


def test_it_is_dialled_as_the_network_wants_it() -> None:
    assert dial("07700 900123") == "+447700900123"
