"""The roll of a school, and the search for pupils by name.

A pupil with whom the user has a conflict of interest, and a pupil of a school where the user does not work, are found by none of these
functions: not by list, name, number, count or reference.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from haven.core.people.models import Enrolment, Identifier, Pupil, RegistrationGroup, Status
from haven.core.people.names import fold, fold_words
from haven.core.people.queries.known import listing_of
from haven.core.people.queries.listing import Listed, listed, listed_at, year_title
from haven.platform.dated import in_force, on_roll
from haven.platform.ordering import natural_order
from haven.platform.sql_files import SqlFile

__all__ = [
    "Asked", "Listed", "enrolment_on", "find_pupils", "groups_of", "ids_by_name", "listed", "pupil_at_any", "pupil_by_ref", "pupil_by_upn", "pupil_ids_of",
    "pupils_of_school", "refs_of", "year_order", "year_title",
]  # fmt: skip


QUERIES = SqlFile(__file__)


def year_order(year_group: str) -> tuple[int, str]:
    """The sort key of year groups by age: nursery, reception, 1 to 14, then all others."""
    known = {"N1": -2, "N2": -1, "R": 0}
    return (int(year_group), "") if year_group.isdigit() else (known.get(year_group, 99), year_group)


# ---- one pupil ------------------------------------------------------------------------------------------------------------


def pupil_by_ref(*, school_id: int, ref: UUID) -> Pupil | None:
    """The pupil with that reference and an enrolment at the school, past or present; None for all others, without a reason."""
    return next(iter(QUERIES.objects(Pupil, "pupil", school_id=school_id, ref=ref)), None)


def pupil_at_any(*, school_ids: Sequence[int], ref: UUID) -> Pupil | None:
    """As `pupil_by_ref`, at any of several schools."""
    return Pupil.objects.filter(ref=ref, school_ids__overlap=list(school_ids)).first()


def refs_of(*, pupil_ids: Iterable[int]) -> dict[int, UUID]:
    """The references of these pupils whom the user may see, by id."""
    wanted = list(pupil_ids)
    return {row.id: row.ref for row in QUERIES.rows(_Ref, "refs", ids=wanted)} if wanted else {}


class _Ref(NamedTuple):
    id: int
    ref: UUID


def pupil_ids_of(*, school_id: int, refs: Iterable[UUID]) -> dict[UUID, int]:
    """The ids of the pupils with those references and an enrolment at the school, past or present, by reference; others are left out."""
    rows = Pupil.objects.filter(ref__in=list(refs), school_ids__contains=[school_id])
    return dict(rows.values_list("ref", "id"))


def pupil_by_upn(*, school_id: int, upn: str) -> Pupil | None:
    """The pupil who has or had that UPN at the school, among those whose numbers the user may see; else None."""
    kinds = ("upn", "temporary_upn", "former_upn")
    held = Identifier.objects.filter(school_id=school_id, kind__in=kinds, value=upn).order_by("-kind").first()
    return Pupil.objects.filter(id=held.pupil_id).first() if held else None


def enrolment_on(*, school_id: int, pupil_id: int, on: date) -> Enrolment | None:
    """The pupil's enrolment at the school on a day; after it ended or before it begins the nearest one; None if there is none."""
    rows = list(Enrolment.objects.filter(school_id=school_id, pupil_id=pupil_id).order_by("-begins_on"))
    held = [row for row in rows if row.begins_on <= on and (row.ends_on is None or row.ends_on >= on)]
    return next(iter(held or rows), None)


# ---- search ---------------------------------------------------------------------------------------------------------------


def find_pupils(*, school_ids: Sequence[int], text: str, on: date, limit: int = 20) -> list[Listed]:
    """Pupils whose names begin with the words of `text`, or who have that UPN.

    Each word must begin one of the child's names (legal, preferred, former; "sur, fore" and "fore sur" alike, marks and accents do not
    matter). Pupils on the roll come before those who left, then by surname. No words: no pupils. At most `limit`.
    """
    words = fold_words(text)
    if not words or not school_ids:
        return []
    upn = "".join(text.split()).upper()
    by_number = Identifier.objects.filter(school_id__in=school_ids, value=upn).values_list("pupil_id", flat=True)
    numbers = list(by_number[:limit]) if len(upn) == 13 else []
    ids = _ids_named_so(text, words, school_ids, numbers, limit * 3)
    pupils = listed_at(school_ids=school_ids, pupil_ids=ids, on=on)
    order = {id: place for place, id in enumerate(ids)}
    first = {school_id: place for place, school_id in enumerate(school_ids)}
    return sorted(pupils, key=lambda pupil: (pupil.left_on is not None, order[pupil.id], first[pupil.school_id]))[
        :limit
    ]


def _ids_named_so(text: str, words: list[str], school_ids: Sequence[int], numbers: list[int], limit: int) -> list[int]:
    """Pupils of these schools with names as in `_named_so`, or among `numbers`, in order of name. It uses an index, which a condition under
    a row policy cannot use."""
    before, comma, after = text.partition(",")
    parts = (fold(before), fold(after) or None) if comma else (None, None)
    with connection.cursor() as cursor:
        cursor.execute(
            "select app.pupils_named(%s::int[], %s::text[], %s, %s, %s, %s::int[], %s)",
            [list(school_ids), words, fold(text), *parts, numbers, limit],
        )
        return [row[0] for row in cursor.fetchall()]


def _named_so(text: str, words: list[str]) -> Q:
    """Every word begins a name; or the words together begin one ("van der" for "Vanderberg", "o brien" for "O'Brien")."""
    word_query = Q()
    for word in words:
        word_query &= (
            Q(names_key__contains=f" {word}") | Q(surname_key__startswith=word) | Q(forename_key__startswith=word)
        )
    whole = Q(names_key__contains=f" {fold(text)}") | Q(surname_key__startswith=fold(text))
    if "," not in text:
        return word_query | whole
    before, _, after = text.partition(",")
    parts = Q(surname_key__startswith=fold(before)) | Q(names_key__contains=f" {fold(before)}")
    return parts & Q(forename_key__startswith=fold(after)) if fold(after) else parts


# ---- lists ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """The filters of a list of a school's pupils; "" is all. `on_roll`: "now", "left" or "all"."""

    year_group: str = ""
    group: str = ""
    text: str = ""
    status: str = ""
    is_listed: bool = False
    on_roll: str = "now"


def pupils_of_school(*, school_id: int, on: date, asked: Asked | None = None) -> list[Listed]:
    """The school's pupils on a day that match the filters, by surname. Empty if none match or the user may see none."""
    asked = asked or Asked()
    enrolled = set(_enrolled(asked.on_roll, school_id, on).values_list("pupil_id", flat=True))
    ids = _fitting(enrolled, school_id, on, asked)
    pupils = [
        pupil
        for pupil in listed(school_id=school_id, pupil_ids=ids, on=on).values()
        if asked.year_group in ("", pupil.year_group) and asked.group in ("", pupil.group)
    ]
    return sorted(pupils, key=lambda pupil: _by_name(pupil.surname, pupil.forename, pupil.id))


def ids_by_name(*, school_id: int, on: date, asked: Asked) -> list[int]:
    """The ids of `pupils_of_school`, in its order: for a list of which one page is shown. Raises ValueError for a filter by year group or
    class, which only `pupils_of_school` supports."""
    if asked.year_group or asked.group:
        raise ValueError("A year group or class was not found at this school.")
    rows = QUERIES.rows(_Name, "names", school_id=school_id, on=on, on_roll=asked.on_roll)
    named = {row.pupil_id: _by_name(row.surname, row.forename, row.pupil_id) for row in rows}
    return sorted(_fitting(set(named), school_id, on, asked), key=lambda id: named[id])


def _by_name(surname: str, forename: str, number: int) -> tuple[str, str, int]:
    return fold(surname), fold(forename), number


class _Name(NamedTuple):
    pupil_id: int
    surname: str
    forename: str


def _enrolled(which: str, school_id: int, on: date) -> QuerySet[Enrolment]:
    rows = Enrolment.objects.filter(school_id=school_id)
    return rows.filter({"now": on_roll(on), "left": Q(ends_on__lt=on)}.get(which, Q()))


def _fitting(ids: set[int], school_id: int, on: date, asked: Asked) -> set[int]:
    """Who of them fits by status, vulnerable pupils list and name."""
    if asked.status:
        of_kind = Status.objects.filter(in_force(on), school_id=school_id, kind=asked.status)
        ids &= set(of_kind.values_list("pupil_id", flat=True))
    if asked.is_listed:
        ids &= set(listing_of(school_id=school_id, on=on))
    if asked.text.strip():
        words = fold_words(asked.text)
        ids &= set(Pupil.objects.filter(_named_so(asked.text, words), id__in=ids).values_list("id", flat=True))
    return ids


def groups_of(*, school_id: int, year: str) -> list[RegistrationGroup]:
    """The registration groups of an academic year, by year group and name."""
    rows = RegistrationGroup.objects.filter(school_id=school_id, year=year).select_related("tutor")
    return sorted(rows, key=lambda group: (year_order(group.year_group), natural_order(group.name)))
