"""Reads one row of a pupil file into a `PupilRow`, and notes every problem of its cells."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from haven.exchange.imports import sentences
from haven.exchange.imports.formats.pupils import values as pupil_values
from haven.exchange.imports.formats.pupils.rows import ContactRow, PupilRow
from haven.exchange.imports.mapping.columns import Resolved
from haven.exchange.imports.problems import Problem
from haven.exchange.imports.reading.tabular import Table
from haven.exchange.imports.sentences import Place
from haven.exchange.imports.values import (
    is_email,
    is_formula,
    postcode_of,
    read_date,
    read_whole_number,
    read_yes_no,
    with_leading_zero,
)
from haven.platform.text import is_phone, read_cell
from haven.rules.identifiers import why_upn_is_wrong

T = TypeVar("T")

SCHOOL_NOT_KNOWN, EDUCATED_AT_HOME = "888888", "999999"
OLDEST_PERSON = 100
"""A birth longer ago is a wrong century."""
OLDEST, YOUNGEST = 26, 2
"""The ages that a pupil of a school in England may have (from nursery to sixth form with an education, health and care plan)."""


class PupilCells:
    """Reads one row. `problems` are its problems afterwards; with an error among them the row gives no pupil."""

    def __init__(self, table: Table, columns: Resolved, number: int, cells: list[str]) -> None:
        self.table, self.number, self.cells = table, number, cells
        self.positions, self.contact_columns = columns.positions, columns.numbered.get("contact", {})
        self.problems: list[Problem] = []

    def pupil(self, *, school_urn: str | None, as_of: date | None) -> PupilRow | None:
        surname, forename = self.needed("surname"), self.needed("forename")
        dob, upn = self.birth(as_of), self.upn()
        start, leave = self.day("start_date"), self.day("leave_date")
        if start and leave and leave < start:
            self.note(sentences.dates_reversed(self.at("leave_date"), first="start date", last="leaving date"))
        urn = self.school(school_urn)
        contacts = tuple(contact for number in sorted(self.contact_columns) if (contact := self.contact(number)))
        pupil = PupilRow(
            row=self.number,
            upn=upn,
            surname=surname,
            forename=forename,
            dob=dob or date.min,  # without one there is an error, and the row gives no pupil
            former_upn=self.text("former_upn"),
            middle_names=self.name("middle_names"),
            preferred_surname=self.name("preferred_surname"),
            preferred_forename=self.name("preferred_forename"),
            sex=self.choice("sex", pupil_values.sex_of, what="sex", choices="M or F"),
            year_group=self.choice(
                "year_group", pupil_values.year_group_of, what="year group", choices="R, or 1 to 14"
            ),
            registration_group=self.text("registration_group"),
            start_date=start,
            leave_date=leave,
            enrolment=self.choice(
                "enrolment", pupil_values.enrolment_of, what="kind of enrolment", choices="C, M, S or G"
            ),
            sen=self.choice("sen", pupil_values.sen_of, what="SEN status", choices="N, K or E"),
            fsm=self.yes_no("fsm", "answer about free school meals"),
            ethnicity=self.text("ethnicity"),
            first_language=self.text("first_language"),
            school_urn=urn,
            address=tuple(filter(None, (self.text(f"address_line_{line}") for line in (1, 2, 3)))),
            town=self.text("town"),
            county=self.text("county"),
            postcode=self.postcode(),
            contacts=contacts,
        )
        return None if any(problem.is_error for problem in self.problems) else pupil

    # Cells

    def note(self, problem: Problem) -> None:
        self.problems.append(problem)

    def at(self, field: str) -> Place:
        index = self.positions.get(field)
        return Place(self.table.file, self.number, None if index is None else self.table.column(index))

    def text(self, field: str) -> str:
        index = self.positions.get(field)
        return "" if index is None else read_cell(self.cells[index]).strip()

    def name(self, field: str) -> str:
        text = self.text(field)
        if is_formula(text):
            self.note(sentences.formula_in_text(self.at(field)))
        return text

    def needed(self, field: str) -> str:
        text = self.name(field)
        if not text:
            self.note(sentences.value_missing(self.at(field), what=field))
        return text

    def day(self, field: str) -> date | None:
        value = read_date(text, at=self.at(field)) if (text := self.text(field)) else None
        if isinstance(value, Problem):
            self.note(value)
            return None
        return value

    def yes_no(self, field: str, what: str) -> bool | None:
        return self.accepted(read_yes_no(self.text(field), what=what, at=self.at(field)))

    def choice(self, field: str, read: Callable[[str], str | None], *, what: str, choices: str) -> str:
        text = self.text(field)
        value = read(text) if text else ""
        if value is None:
            self.note(sentences.value_unknown(self.at(field), text=text, what=what, choices=choices))
        return value or ""

    def accepted(self, value: T | Problem) -> T | None:
        """The value; None for a problem, which is noted."""
        if isinstance(value, Problem):
            self.note(value)
            return None
        return value

    # Fields with rules of their own

    def upn(self) -> str | None:
        if "upn" not in self.positions:
            return None
        text = self.text("upn")
        if not text:
            self.note(sentences.no_upn(self.at("upn")))
            return None
        if why := why_upn_is_wrong(text):
            self.note(sentences.bad_upn(self.at("upn"), why=why))
        return text

    def birth(self, as_of: date | None) -> date | None:
        if not self.text("dob"):
            self.note(sentences.value_missing(self.at("dob"), what="date of birth"))
            return None
        dob = self.day("dob")
        if dob and as_of:
            if dob > as_of:
                self.note(sentences.born_later(self.at("dob"), dob=dob))
            elif as_of.year - dob.year > OLDEST_PERSON:
                self.note(sentences.impossible_birth(self.at("dob"), dob=dob))
            elif not YOUNGEST <= as_of.year - dob.year <= OLDEST:
                self.note(sentences.unlikely_birth(self.at("dob"), dob=dob, as_of=as_of))
        return dob

    def school(self, school_urn: str | None) -> str:
        urn = self.text("school_urn")
        if urn in (SCHOOL_NOT_KNOWN, EDUCATED_AT_HOME):
            self.note(sentences.school_not_known(self.at("school_urn"), urn=urn))
        elif urn and school_urn and urn != school_urn:
            self.note(sentences.other_school(self.at("school_urn"), urn=urn, school_urn=school_urn))
        return urn

    def postcode(self) -> str:
        text = self.text("postcode")
        postcode = postcode_of(text)
        if text and postcode is None:
            self.note(sentences.unlikely_postcode(self.at("postcode")))
        return postcode or text

    # Contacts

    def contact(self, number: int) -> ContactRow | None:
        """The contact in one set of columns; None if name, telephone and email are all empty."""
        columns = self.contact_columns[number]

        def at(field: str) -> Place:
            return Place(self.table.file, self.number, self.table.column(columns[field]) if field in columns else None)

        def text(field: str) -> str:
            return read_cell(self.cells[columns[field]]).strip() if field in columns else ""

        def yes_no(field: str, what: str) -> bool | None:
            return self.accepted(read_yes_no(text(field), what=what, at=at(field)))

        name, email = text("name"), text("email")
        if not (name or email or text("phone")):
            return None
        phone = self.phone(text("phone"), at("phone"))
        self.note_contact(number, name, phone, email, at)
        return ContactRow(
            number=number,
            name=name,
            relationship=text("relationship"),
            phone=phone,
            email=email,
            priority=self.accepted(read_whole_number(text("priority"), what="priority", at=at("priority"))),
            parental_responsibility=yes_no("parental_responsibility", "answer about parental responsibility"),
            safe_to_contact=yes_no("safe_to_contact", "answer about safe contact"),
            lives_with_pupil=yes_no("lives_with_pupil", "answer about where the contact lives"),
            language=text("language"),
            interpreter=yes_no("interpreter", "answer about an interpreter"),
        )

    def note_contact(self, number: int, name: str, phone: str, email: str, at: Callable[[str], Place]) -> None:
        if is_formula(name):
            self.note(sentences.formula_in_text(at("name")))
        if not name:
            self.note(sentences.contact_without_name(at("name"), number=number))
        elif not phone and not email:
            self.note(sentences.contact_unreachable(at("name"), number=number))
        if email and not is_email(email):
            self.note(sentences.unlikely_email(at("email")))

    def phone(self, text: str, at: Place) -> str:
        if text and (restored := with_leading_zero(text)):
            self.note(sentences.leading_zero_restored(at))
            return restored
        if text and not is_phone(text):
            self.note(sentences.unlikely_phone(at))
        return text
