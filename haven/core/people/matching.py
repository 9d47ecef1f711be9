"""Matches each row of a file to a pupil.

By UPN first; a row without a known UPN by folded surname, forename and date of birth among the pupils of the school. Two matching pupils,
one pupil matched by two rows, and a UPN of a pupil with another name and another birthday are problems for a person to decide, and never
guessed. Nothing is written here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from haven.core.people.models import Contact, Enrolment, Identifier, Placement, Pupil, PupilDetail, Status
from haven.core.people.names import fold
from haven.rules.identifiers import why_upn_is_wrong

MANY = 5000
"""From this number of rows on, all rows of a school are read instead of those of a list of numbers."""


class ContactRow(Protocol):
    """A contact of a row; None (or "") if the file does not give the value."""

    @property
    def name(self) -> str: ...


class PupilRow(Protocol):
    """A row of a file of pupils. Optional attributes (see `said`): upn, former_upn, middle_names, preferred_surname, preferred_forename,
    sex, year_group, registration_group, start_date, leave_date, enrolment, sen, fsm, ethnicity, first_language, address, postcode,
    contacts; and `row`, the number of the row. None or "" means that the file does not give the value."""

    @property
    def surname(self) -> str: ...
    @property
    def forename(self) -> str: ...
    @property
    def dob(self) -> date | None: ...


@dataclass(frozen=True)
class RowProblem:
    """What is wrong with one row, in words. `row` is the number that the reader gave it, else its position from 1."""

    row: int
    text: str


@dataclass(frozen=True)
class Standing:
    """The current data of a pupil at the school."""

    pupil: Pupil
    enrolment: Enrolment | None = None
    placement: Placement | None = None
    detail: PupilDetail | None = None
    statuses: Mapping[str, Status] = field(default_factory=dict)
    contacts: Sequence[Contact] = ()
    newest_year: str = ""
    upns: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Match:
    """A row and its pupil; `standing` is None for a new pupil."""

    number: int
    row: Any
    standing: Standing | None


@dataclass(frozen=True)
class Matched:
    """The rows that match a pupil, and the rows that do not."""

    matches: list[Match]
    problems: list[RowProblem]


def said(row: Any, name: str) -> Any:
    """The row's value of a field: None if it has no such field or no value."""
    value = getattr(row, name, None)
    if isinstance(value, str):
        value = " ".join(value.split())
    return None if value == "" else value


def match_rows(*, school_id: int, rows: Iterable[PupilRow], year: str) -> Matched:
    """Match each row of a file to a pupil (see above). The number of queries does not depend on the number of rows. No rows: no match and
    no problem."""
    numbered = [(getattr(row, "row", None) or place, row) for place, row in enumerate(rows, start=1)]
    here = set(Enrolment.objects.filter(school_id=school_id).values_list("pupil_id", flat=True))
    upns = {upn for _, row in numbered for upn in (said(row, "upn"), said(row, "former_upn")) if upn}
    holders, held = _identifiers(upns, here, school_id)
    pupils = _pupils(school_id, here | {id for ids in holders.values() for id in ids})
    named: dict[tuple[str, str, date | None], list[int]] = defaultdict(list)
    for id in here & set(pupils):
        pupil = pupils[id]
        named[pupil.surname_key, pupil.forename_key, pupil.born_on].append(id)
    problems: list[RowProblem] = []
    candidates: list[tuple[int, Any, int | None]] = []
    for number, row in numbered:
        try:
            candidates.append((number, row, _who(row, holders, held, named, pupils)))
        except _NobodyCertain as doubt:
            problems.append(RowProblem(number, str(doubt)))
    problems += _twice(candidates)
    wrong = {problem.row for problem in problems}
    standing = _standing(school_id, year, {id: pupils[id] for _, _, id in candidates if id}, held)
    matches = [
        Match(number, row, standing.get(id) if id else None) for number, row, id in candidates if number not in wrong
    ]
    return Matched(matches, sorted(problems, key=lambda problem: problem.row))


def _pupils(school_id: int, ids: set[int]) -> dict[int, Pupil]:
    """The pupils with these numbers whom the user may see."""
    rows = list(Pupil.objects.filter(school_ids__contains=[school_id])) if len(ids) >= MANY else []
    pupils = {pupil.id: pupil for pupil in rows if pupil.id in ids}
    return pupils | {pupil.id: pupil for pupil in Pupil.objects.filter(id__in=ids - set(pupils))}


class _NobodyCertain(Exception):
    pass


def _identifiers(upns: set[str], here: set[int], school_id: int) -> tuple[dict[str, set[int]], dict[int, set[str]]]:
    """The pupils with each number of the file, at any school where the user sees them; and the current numbers of the school's own
    pupils."""
    holders: dict[str, set[int]] = defaultdict(set)
    held: dict[int, set[str]] = defaultdict(set)
    kinds = ("upn", "temporary_upn", "former_upn")
    rows = Identifier.objects.filter(kind__in=kinds)
    for value, pupil_id in rows.filter(value__in=upns).values_list("value", "pupil_id"):
        holders[value].add(pupil_id)
    current = rows.filter(school_id=school_id, ends_on=None).exclude(kind="former_upn")
    for value, pupil_id in current.values_list("value", "pupil_id"):
        held[pupil_id].add(value)
    return holders, held


def _who(
    row: Any,
    holders: Mapping[str, set[int]],
    held: Mapping[int, set[str]],
    named: Mapping[tuple[str, str, date | None], list[int]],
    pupils: Mapping[int, Pupil],
) -> int | None:
    surname, forename, born_on, upn = fold(row.surname or ""), fold(row.forename or ""), row.dob, said(row, "upn")
    if not (surname and forename):
        raise _NobodyCertain("The pupil must have a surname and a forename.")
    if upn and (wrong := why_upn_is_wrong(upn)):
        raise _NobodyCertain(wrong)
    for number in filter(None, (upn, said(row, "former_upn"))):
        ids = holders.get(number, set())
        if len(ids) > 1:
            raise _NobodyCertain("More than one pupil has this UPN. Correct that first.")
        for id in ids:
            pupil = pupils.get(id)
            if pupil is None:  # not visible to the user
                continue
            same_name = pupil.surname_key == surname or pupil.forename_key == forename
            if not same_name and born_on and pupil.born_on != born_on:
                raise _NobodyCertain("This UPN belongs to a pupil with a different name and date of birth.")
            return id
    fitting = named.get((surname, forename, born_on), []) if born_on else []
    if len(fitting) > 1:
        raise _NobodyCertain("Two pupils at the school have this name and date of birth. Enter the UPN.")
    if fitting and upn and any(not number[-1].isalpha() for number in held.get(fitting[0], ())):
        raise _NobodyCertain("A pupil with this name and date of birth has a different UPN.")
    return fitting[0] if fitting else None


def _twice(candidates: Sequence[tuple[int, Any, int | None]]) -> list[RowProblem]:
    """Rows that match the same pupil as an earlier row, known or new: by the pupil, by the number, or, if not both rows have a number, by
    the name and the date of birth."""
    first: dict[Any, int] = {}
    problems = []
    for number, row, id in candidates:
        upn, name = said(row, "upn"), (fold(row.surname), fold(row.forename), row.dob)
        keys: list[Any] = [("id", id)] if id else []
        keys += [("upn", upn)] if upn else []
        asked = [*keys, (False, name)] if upn else [*keys, (False, name), (True, name)]
        above = next((first[key] for key in asked if key in first), None)
        if above is not None:
            problems.append(RowProblem(number, f"This is the same pupil as in row {above}."))
        for key in (*keys, (bool(upn), name)):
            first.setdefault(key, number)
    return problems


def _standing(
    school_id: int, year: str, pupils: Mapping[int, Pupil], held: Mapping[int, set[str]]
) -> dict[int, Standing]:
    where: dict[str, Any] = {"school_id": school_id}
    if len(pupils) < MANY:
        where["pupil_id__in"] = list(pupils)
    enrolments = {row.pupil_id: row for row in Enrolment.objects.filter(**where).order_by("begins_on")}
    placements: dict[int, Placement] = {}
    newest: dict[int, str] = {}
    for row in Placement.objects.filter(**where).select_related("group").order_by("year", "begins_on", "id"):
        newest[row.pupil_id] = row.year
        if row.year == year:
            placements[row.pupil_id] = row
    details = {row.pupil_id: row for row in PupilDetail.objects.filter(**where).order_by("id")}
    statuses: dict[int, dict[str, Status]] = defaultdict(dict)
    for status in Status.objects.filter(**where, ends_on=None):
        statuses[status.pupil_id][status.kind] = status
    contacts: dict[int, list[Contact]] = defaultdict(list)
    for contact in Contact.objects.filter(**where, ends_on=None):
        contacts[contact.pupil_id].append(contact)
    return {
        id: Standing(
            pupil=pupil,
            enrolment=enrolments.get(id),
            placement=placements.get(id),
            detail=details.get(id),
            statuses=statuses[id],
            contacts=contacts[id],
            newest_year=newest.get(id, ""),
            upns=frozenset(held.get(id, ())),
        )
        for id, pupil in pupils.items()
    }
