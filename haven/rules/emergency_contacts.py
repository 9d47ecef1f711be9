"""Finds the parents of a pupil who have no emergency telephone number.

The admission register has at least one telephone number by which each parent can be contacted in an emergency (SI
2024/208 regulation 8; Working together to improve school attendance). A parent is a person with parental
responsibility, or a mother, father or carer in the family's own words: Education Act 1996, section 576, includes those
who have care of the child.
"""

from collections.abc import Iterable
from dataclasses import dataclass

PARENTS = frozenset(
    {"mother", "father", "mum", "mam", "mom", "dad", "parent", "stepmother", "stepfather", "stepmum", "stepdad",
     "adoptive", "foster", "carer", "guardian"}
)  # fmt: skip
"""Words of a relationship that indicate a parent."""
NOT_PARENTS = frozenset({"grand", "grandmother", "grandfather", "grandparent", "great", "god"})
"""Words that cancel those: a "grand mother" or "god parent" is not a parent."""


@dataclass(frozen=True, slots=True)
class ContactNumber:
    """A contact of a pupil: name, relationship to the pupil, and whether one of the telephone numbers can be called."""

    name: str
    relationship: str
    parental_responsibility: bool | None
    can_be_called: bool

    @property
    def is_parent(self) -> bool:
        """Whether the contact is a parent: by parental responsibility, or by the words of the relationship unless a
        record says that the contact has no parental responsibility."""
        if self.parental_responsibility is not None:
            return self.parental_responsibility
        words = {*self.relationship.casefold().replace("-", "").replace("/", " ").replace(",", " ").split()}
        return bool(words & PARENTS) and not words & NOT_PARENTS


def parents_without_number(contacts: Iterable[ContactNumber]) -> list[str] | None:
    """The names of parents without a usable telephone number among a pupil's contacts, in the order given; each name
    once.

    A parent entered twice has a number if one of the entries has one. Returns nothing when no contact is a parent.
    """
    parents: dict[str, tuple[str, bool]] = {}
    for contact in contacts:
        if contact.is_parent:
            key = " ".join(contact.name.casefold().split())
            name, has_number = parents.get(key, (contact.name, False))
            parents[key] = (name, has_number or contact.can_be_called)
    return [name for name, has_number in parents.values() if not has_number] if parents else None
