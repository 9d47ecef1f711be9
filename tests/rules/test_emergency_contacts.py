"""Parents without an emergency number (SI 2024/208 regulation 8; the July 2026 edition on attendance, pages 20 and 67)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haven.rules.emergency_contacts import ContactNumber, parents_without_number


def contact(name: str, relationship: str = "", responsible: bool | None = None, *, rings: bool = True) -> ContactNumber:
    return ContactNumber(name, relationship, responsible, rings)


@pytest.mark.parametrize(
    ("relationship", "responsible", "is_parent"),
    [
        ("Mother", None, True),
        ("father", None, True),
        ("Step-father", None, True),
        ("Foster carer", None, True),
        ("Mother / guardian", None, True),
        ("Grandmother", None, False),
        ("Grand-father", None, False),
        ("God parent", None, False),
        ("Aunt", None, False),
        ("Aunt", True, True),
        ("Mother", False, False),
        ("", None, False),
        ("", True, True),
    ],
)
def test_who_is_a_parent(relationship: str, responsible: bool | None, is_parent: bool) -> None:
    assert contact("A", relationship, responsible).is_parent is is_parent


@pytest.mark.parametrize(
    ("contacts", "missing"),
    [
        ([], None),
        ([contact("Aunt May", "Aunt")], None),
        ([contact("Nadia", "Mother")], []),
        ([contact("Nadia", "Mother"), contact("Farid", "Father", rings=False)], ["Farid"]),
        ([contact("Nadia", "Mother", rings=False), contact("Farid", "Father", rings=False)], ["Nadia", "Farid"]),
        ([contact("Farid  Rahman", "Father", rings=False), contact("farid rahman", "Father")], []),
        ([contact("Nadia", "Mother"), contact("May", "Aunt", rings=False)], []),
    ],
)
def test_each_parent_needs_a_number(contacts: list[ContactNumber], missing: list[str] | None) -> None:
    assert parents_without_number(contacts) == missing


CONTACTS = st.lists(
    st.builds(
        ContactNumber,
        st.sampled_from(["A", "a", "B", "C"]),
        st.sampled_from(["Mother", "Aunt", ""]),
        st.sampled_from([True, False, None]),
        st.booleans(),
    )
)


@given(CONTACTS)
def test_as_somebody_reads_the_list(contacts: list[ContactNumber]) -> None:
    parents = [each for each in contacts if each.is_parent]
    without = {
        each.name.casefold()
        for each in parents
        if not any(other.can_be_called for other in parents if other.name.casefold() == each.name.casefold())
    }
    found = parents_without_number(contacts)
    assert (found is None) == (not parents)
    assert {name.casefold() for name in found or ()} == without and len(found or ()) == len(without)
