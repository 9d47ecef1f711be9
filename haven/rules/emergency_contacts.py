"""For which parents of a pupil is an emergency telephone number missing?

The admission register has at least one telephone number by which each parent can be contacted in an emergency (SI 2024/208 regulation 8;
Working together to improve school attendance). A parent is whoever has parental responsibility, and a mother, father or carer as the
family says it: Education Act 1996, section 576, counts those who have care of the child.
"""

from collections.abc import Iterable
from dataclasses import dataclass

PARENTS = frozenset(
    {"mother", "father", "mum", "mam", "mom", "dad", "parent", "stepmother", "stepfather", "stepmum", "stepdad",
     "adoptive", "foster", "carer", "guardian"}
)  # fmt: skip
"""Words of a relationship that make somebody a parent."""
NOT_PARENTS = frozenset({"grand", "grandmother", "grandfather", "grandparent", "great", "god"})
"""Words beside which those do not: a "grand mother" or "god parent" is no parent."""


@dataclass(frozen=True, slots=True)
class ContactNumber:
    """A contact of a pupil: who, what to the pupil, and whether one of the telephone numbers can be rung."""

    name: str
    relationship: str
    parental_responsibility: bool | None
    can_be_rung: bool

    @property
    def is_parent(self) -> bool:
        """Whether the contact is a parent: with parental responsibility, or by the words of the relationship where nobody has said
        that there is none."""
        if self.parental_responsibility is not None:
            return self.parental_responsibility
        words = {*self.relationship.casefold().replace("-", "").replace("/", " ").replace(",", " ").split()}
        return bool(words & PARENTS) and not words & NOT_PARENTS


def parents_without_number(contacts: Iterable[ContactNumber]) -> list[str] | None:
    """The names of the parents among a pupil's contacts none of whose numbers can be rung, in the order given; each name once.

    A parent entered twice has a number where one of the entries has. None where no parent is among the contacts.
    """
    parents: dict[str, tuple[str, bool]] = {}
    for contact in contacts:
        if contact.is_parent:
            key = " ".join(contact.name.casefold().split())
            name, has_number = parents.get(key, (contact.name, False))
            parents[key] = (name, has_number or contact.can_be_rung)
    return [name for name, has_number in parents.values() if not has_number] if parents else None
