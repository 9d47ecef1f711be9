"""Matches each row of a file to a pupil.

By UPN first; a row without a known UPN by folded surname, forename and date of birth among the pupils of the school. Two matching pupils,
one pupil matched by two rows, a UPN of a pupil with another forename and another birthday or sex, and a pupil of nearly the same name are
problems for a person to decide, and never guessed. Nothing is written here.
"""

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol

from django.db import connection

from haven.core.people.models import Contact, Enrolment, Identifier, Placement, Pupil, PupilDetail, Status
from haven.core.people.names import fold
from haven.platform.dates import in_words
from haven.rules.identifiers import why_upn_is_wrong

NEAR = 0.75
"""From this ratio on two names are nearly the same (2 x letters in common / letters of both)."""
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
    """What is wrong with one row, in words. `row` is the number that the reader gave it, else its position from 1; `column` the field that it
    is about. `is_question`: a person should look; for a problem of matching, the row is left out all the same."""

    row: int
    text: str
    code: str = "pupil_uncertain"
    column: str = "surname"
    is_question: bool = False


@dataclass(frozen=True)
class Standing:
    """The current data of a pupil at the school."""

    pupil: Pupil
    enrolment: Enrolment | None = None
    """The last enrolment at the school."""
    earlier: Sequence[Enrolment] = ()
    """The enrolments at the school before that one."""
    is_elsewhere: bool = False
    """On roll today at another school too, which decides about name and date of birth."""
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


def match_rows(*, school_id: int, rows: Iterable[PupilRow], year: str, on: date) -> Matched:
    """Match each row of a file to a pupil (see above), and refuse what it says about being on roll where that contradicts Haven on the day
    of the import. The number of queries does not depend on the number of rows. No rows: no match and no problem."""
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
            problems.append(replace(doubt.problem, row=number))
    problems += _twice(candidates)
    standing = _standing(school_id, year, {id: pupils[id] for _, _, id in candidates if id}, held)
    for number, row, pupil_id in candidates:
        if pupil_id and (problem := _roll_problem(row, standing[pupil_id], on)):
            problems.append(replace(problem, row=number))
    wrong = {problem.row for problem in problems}
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
    """The pupil of a row is not certain; `problem` says why, without the row's number."""

    def __init__(self, text: str, **more: Any) -> None:
        super().__init__(text)
        self.problem = RowProblem(0, text, column="upn" if "UPN" in text else "surname", **more)


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
            if _is_another_child(pupil, forename, born_on, said(row, "sex")):
                raise _NobodyCertain("This UPN belongs to a pupil with a different forename and date of birth or sex.")
            return id
    fitting = named.get((surname, forename, born_on), []) if born_on else []
    if len(fitting) > 1:
        raise _NobodyCertain("Two pupils at the school have this name and date of birth. Enter the UPN.")
    if fitting and upn and any(not number[-1].isalpha() for number in held.get(fitting[0], ())):
        raise _NobodyCertain("A pupil with this name and date of birth has a different UPN.")
    if not fitting and born_on:
        _ask_about_likely(surname, forename, born_on, upn, named, held)
    return fitting[0] if fitting else None


def _is_another_child(pupil: Pupil, forename: str, born_on: date | None, sex: str | None) -> bool:
    """Whether a row with the pupil's UPN is about another child: a brother or sister, or a number copied into a wrong line. A new surname
    alone, or a corrected birthday alone, is the same child."""
    if any(_is_near(forename, key) for key in (pupil.forename_key, fold(pupil.preferred_forename))):
        return False
    other_birthday = bool(born_on and pupil.born_on and pupil.born_on != born_on)
    return other_birthday or bool(sex and pupil.sex and sex != pupil.sex)


def _ask_about_likely(
    surname: str, forename: str, born_on: date, upn: str | None,
    named: Mapping[tuple[str, str, date | None], list[int]], held: Mapping[int, set[str]],
) -> None:  # fmt: skip
    """Raise for a row that is likely a pupil of the school under another spelling. With a UPN in the row, only pupils without one of their
    own are likely."""
    likely = {
        id
        for (surname_key, forename_key, day), ids in named.items()
        if day in (born_on, _swapped(born_on)) and _is_near(surname, surname_key) and _is_near(forename, forename_key)
        for id in ids
        if not (upn and any(not number[-1].isalpha() for number in held.get(id, ())))
    }
    if likely:
        pupils, match = ("1 pupil", "matches") if len(likely) == 1 else (f"{len(likely)} pupils", "match")
        raise _NobodyCertain(
            f"{pupils} already at the school nearly {match} this row, by name and date of birth. It was left out. "
            "Enter the pupil's UPN, or admit a new pupil by hand.",
            code="likely_same_pupil",
            is_question=True,
        )


def _is_near(key: str, other: str) -> bool:
    """Whether two folded names are nearly the same: one or two letters more, less or different."""
    return key == other or difflib.SequenceMatcher(None, key, other, autojunk=False).ratio() >= NEAR


def _swapped(day: date) -> date | None:
    """The day with day and month exchanged, as from a file with the month first; None if there is none."""
    return date(day.year, day.day, day.month) if day.day <= 12 else None


def _roll_problem(row: Any, standing: Standing, on: date) -> RowProblem | None:
    """What a row says about being on roll that contradicts the pupil's enrolments; None if it fits.

    A row without a last day does not undo one that is past, and no enrolment begins before the one before has ended: two enrolments at
    one school never share a day.
    """
    begins_on, ends_on, last = said(row, "start_date"), said(row, "leave_date"), standing.enrolment
    if last is None:
        return None
    if begins_on and standing.earlier and begins_on <= max(each.ends_on or date.max for each in standing.earlier):
        return RowProblem(
            0,
            "The pupil had another enrolment here on this start date. Correct the date.",
            "on_roll_twice",
            "start_date",
        )
    if last.ends_on is None or (begins_on and begins_on > last.ends_on):
        return None
    if begins_on and begins_on > last.begins_on and ends_on is None:
        return RowProblem(
            0, f"The pupil's last day on roll here was {in_words(last.ends_on)}. A new enrolment can begin on the next day at the "
            "earliest. Correct the start date, or add the last day.", "on_roll_twice", "start_date",
        )  # fmt: skip
    if ends_on is None and last.ends_on < on:
        left = f"Haven has {in_words(last.ends_on)} as the pupil's last day on roll, and this row has no last day."
        if begins_on:
            return RowProblem(
                0, f"{left} If the pupil is back, give the first day of the new enrolment. If not, add the last day.", "left_already",
                "leave_date",
            )  # fmt: skip
        return RowProblem(0, f"{left} The row was left out.", "left_already", "leave_date", is_question=True)
    return None


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


def _on_roll_elsewhere(school_id: int, pupils: Mapping[int, Pupil]) -> set[int]:
    """Those on roll today at another school whose register decides about their name: all but pupils whose main school is this one."""
    shared = [id for id, pupil in pupils.items() if set(pupil.school_ids) - {school_id}]
    if not shared:
        return set()
    with connection.cursor() as cursor:
        cursor.execute("select app.on_roll_elsewhere(%s, %s)", [school_id, shared])
        return {id for (id,) in cursor.fetchall()}


def _standing(
    school_id: int, year: str, pupils: Mapping[int, Pupil], held: Mapping[int, set[str]]
) -> dict[int, Standing]:
    where: dict[str, Any] = {"school_id": school_id}
    if len(pupils) < MANY:
        where["pupil_id__in"] = list(pupils)
    enrolments: dict[int, list[Enrolment]] = defaultdict(list)
    for enrolment in Enrolment.objects.filter(**where).order_by("begins_on"):
        enrolments[enrolment.pupil_id].append(enrolment)
    elsewhere = _on_roll_elsewhere(school_id, pupils)
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
            enrolment=enrolments[id][-1] if enrolments[id] else None,
            earlier=enrolments[id][:-1],
            is_elsewhere=id in elsewhere,
            placement=placements.get(id),
            detail=details.get(id),
            statuses=statuses[id],
            contacts=contacts[id],
            newest_year=newest.get(id, ""),
            upns=frozenset(held.get(id, ())),
        )
        for id, pupil in pupils.items()
    }
