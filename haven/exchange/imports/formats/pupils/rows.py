"""Pupils and their contacts as typed rows, the same for every layout."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One contact. `number` is that of its columns; a yes-or-no field is None if the file does not contain it."""

    number: int
    name: str
    relationship: str = ""
    phone: str = ""
    email: str = ""
    priority: int | None = None
    parental_responsibility: bool | None = None
    safe_to_contact: bool | None = None
    lives_with_pupil: bool | None = None
    language: str = ""
    interpreter: bool | None = None


@dataclass(frozen=True, slots=True)
class PupilRow:
    """One pupil of a file. Names are exactly as written, without surrounding spaces; `upn` is valid or None.

    `year_group` is R, 1 to 14, N1 or N2; `sex` M or F; `sen` N, K or E; `fsm` is None if the file does not contain it.
    """

    row: int
    upn: str | None
    surname: str
    forename: str
    dob: date
    former_upn: str = ""
    middle_names: str = ""
    preferred_surname: str = ""
    preferred_forename: str = ""
    sex: str = ""
    year_group: str = ""
    registration_group: str = ""
    start_date: date | None = None
    leave_date: date | None = None
    enrolment: str = ""
    sen: str = ""
    fsm: bool | None = None
    ethnicity: str = ""
    first_language: str = ""
    school_urn: str = ""
    address: tuple[str, ...] = ()
    town: str = ""
    county: str = ""
    postcode: str = ""
    contacts: tuple[ContactRow, ...] = ()

    def is_same_as(self, other: PupilRow) -> bool:
        """Whether two rows have the same values, apart from their row numbers."""
        return replace(self, row=0) == replace(other, row=0)
