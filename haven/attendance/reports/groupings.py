"""A registry of groupings of a school's pupils. Each kind of group is a definition, and the engine knows none of them.

Free school meals: "fsm" is the targeted kind, the only one before September 2026, so that years can be compared; "fsm_kind" distinguishes
the two kinds.

The setting HAVEN_GROUPINGS names tuples of definitions, in display order; an app above attendance can add its own (a stage of casework, for
example). Year group and class are those of the newest placement begun by the last day of the range; a status counts if it is in force on
that day.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.module_loading import import_string

from haven.attendance.registers.definition_keys import SEN, SOCIAL_WORKER
from haven.attendance.registers.queries.register_reader import Rolled
from haven.core.people.definition_keys import FSM, FSM_EXPANDED
from haven.core.people.models import Pupil, PupilDetail, Status
from haven.core.people.permissions import reads_record_category
from haven.core.people.queries import year_title
from haven.core.people.queries.roll import year_order
from haven.core.people.statuses import every_kind, title_of
from haven.platform.accounts.context import AccessContext
from haven.platform.dated import in_force
from haven.platform.ordering import natural_order
from haven.platform.sql_files import SqlFile
from haven.rules.visibility import RecordCategory

QUERIES = SqlFile(__file__)


@dataclass(frozen=True)
class Enrolled:
    """The enrolments of a school to be grouped, as they are on a day. `record_categories`: those that the user reads in full, and the
    registers' own."""

    school_id: int
    urn: int
    on: date
    enrolments: Sequence[Rolled]
    record_categories: Collection[RecordCategory]


@dataclass(frozen=True)
class Grouping:
    """One kind of group. `labels` gives the labels of each enrolment, for machines; `words` the text for one; `order` sorts.

    `overlaps`: an enrolment may be in several groups or in none. `record_category`: offered to users who read it in full. `goes_outside`:
    may be shown, with small numbers hidden, to users who see no pupil.
    """

    name: str
    title: str
    labels: Callable[[Enrolled], Sequence[Collection[Hashable]]]
    words: Callable[[Any], str]
    order: Callable[[Any], Any] = lambda label: (label is None, str(label))
    overlaps: bool = False
    record_category: RecordCategory = RecordCategory.ATTENDANCE
    goes_outside: bool = False


@cache
def groupings() -> Mapping[str, Grouping]:
    """Every kind of group by its name."""
    installed = [grouping for name in settings.HAVEN_GROUPINGS for grouping in import_string(name)]
    return {grouping.name: grouping for grouping in installed}


def record_categories_read(viewer: AccessContext, school_id: int) -> frozenset[RecordCategory]:
    """The record categories by which the user may group the pupils whose register they see: attendance, and those that they read in full,
    so that no group is incomplete without notice."""
    full = {
        record_category
        for record_category in RecordCategory
        if reads_record_category(viewer, school_id, record_category)
    }
    return frozenset(full | {RecordCategory.ATTENDANCE})


def groupings_for(record_categories: Collection[RecordCategory]) -> list[Grouping]:
    """The kinds of group for a user who reads these record categories, in order."""
    return [grouping for grouping in groupings().values() if grouping.record_category in record_categories]


def _one_each(labels: Iterable[Hashable]) -> list[Collection[Hashable]]:
    return [(label,) for label in labels]


class _Placed(NamedTuple):
    enrolment_id: int
    label: str | None


def _placements(enrolled: Enrolled, column: str) -> list[Collection[Hashable]]:
    placed = QUERIES.rows(_Placed, column, school_id=enrolled.school_id, on=enrolled.on)
    named = {placement.enrolment_id: placement.label or None for placement in placed}
    return _one_each(named.get(enrolment.enrolment_id) for enrolment in enrolled.enrolments)


def _pupils(enrolled: Enrolled) -> set[int]:
    return {enrolment.pupil_id for enrolment in enrolled.enrolments}


def _sexes(enrolled: Enrolled) -> list[Collection[Hashable]]:
    sexes = dict(Pupil.objects.filter(id__in=_pupils(enrolled)).values_list("id", "sex"))
    return _one_each(sexes.get(enrolment.pupil_id) or None for enrolment in enrolled.enrolments)


def _ethnicities(enrolled: Enrolled) -> list[Collection[Hashable]]:
    """The newest detail of each pupil is used. Texts that differ only in capitals are one group, with the most frequent spelling."""
    rows = PupilDetail.objects.filter(school_id=enrolled.school_id, pupil_id__in=_pupils(enrolled)).order_by("id")
    said = {pupil_id: " ".join(text.split()) for pupil_id, text in rows.values_list("pupil_id", "ethnicity")}
    spelt: dict[str, dict[str, int]] = {}
    for text in said.values():
        spellings = spelt.setdefault(text.casefold(), {})
        spellings[text] = spellings.get(text, 0) + 1
    usual = {key: max(sorted(spellings), key=spellings.__getitem__) for key, spellings in spelt.items()}
    return _one_each(
        usual.get(said.get(enrolment.pupil_id, "").casefold()) or None for enrolment in enrolled.enrolments
    )


def _held(enrolled: Enrolled, kinds: Collection[str]) -> dict[int, set[str]]:
    """The statuses of these kinds that each pupil has on the day."""
    held: dict[int, set[str]] = {}
    rows = Status.objects.filter(in_force(enrolled.on), school_id=enrolled.school_id, kind__in=list(kinds))
    for pupil_id, kind in rows.values_list("pupil_id", "kind"):
        held.setdefault(pupil_id, set()).add(kind)
    return held


def _first_of(kinds: Mapping[str, str], otherwise: str) -> Callable[[Enrolled], list[Collection[Hashable]]]:
    """One label each: that of the first of `kinds` that the pupil has."""

    def labels(enrolled: Enrolled) -> list[Collection[Hashable]]:
        held = _held(enrolled, list(kinds))
        return _one_each(
            next((kinds[kind] for kind in kinds if kind in held.get(enrolment.pupil_id, ())), otherwise)
            for enrolment in enrolled.enrolments
        )

    return labels


def _statuses(enrolled: Enrolled) -> list[Collection[Hashable]]:
    held = _held(
        enrolled,
        [kind for kind, definition in every_kind().items() if definition.record_category in enrolled.record_categories],
    )
    return [sorted(held.get(enrolment.pupil_id, ())) or (None,) for enrolment in enrolled.enrolments]


def _of(words: Mapping[Any, str], otherwise: str = "Not recorded") -> Callable[[Any], str]:
    return lambda label: words.get(label, otherwise if label is None else str(label))


OWN = (
    Grouping(
        "year", "Year group", lambda enrolled: _placements(enrolled, "year_group"),
        lambda label: year_title(label) if label else "No year group",
        order=lambda label: (label is None, *year_order(label or "")), goes_outside=True,
    ),
    Grouping(
        "group", "Class", lambda enrolled: _placements(enrolled, "class_name"), lambda label: label or "No class",
        order=lambda label: (label is None, natural_order(label or "")),
    ),
    Grouping("sex", "Sex", _sexes, _of({"F": "Girls", "M": "Boys"}), goes_outside=True),
    Grouping(
        "sen", "Special educational needs", _first_of(SEN, "N"),
        _of({"E": "Education, health and care plan", "K": "SEN support", "N": "Neither"}), goes_outside=True,
    ),
    Grouping(
        "fsm", "Free school meals", _first_of({FSM: "1"}, "0"), _of({"1": "Free school meals (targeted)", "0": "Not"}),
        order=lambda label: label != "1", goes_outside=True,
    ),
    # Not to be published: together with the previous group, it would reveal how many have the expanded kind even if the number is hidden.
    Grouping(
        "fsm_kind", "Free school meals, targeted and expanded", _first_of({FSM: "targeted", FSM_EXPANDED: "expanded"}, "none"),
        _of({"targeted": "Targeted", "expanded": "Expanded", "none": "None"}),
        order=("targeted", "expanded", "none").index,
    ),
    Grouping("ethnicity", "Ethnicity", _ethnicities, _of({}), goes_outside=True),
    Grouping(
        "status", "Status", _statuses, lambda label: title_of(label) if label else "None of these", overlaps=True,
        order=lambda label: (label is None, title_of(label) if label else ""),
    ),
    Grouping(
        "social_worker", "Children with a social worker", _first_of(dict.fromkeys(SOCIAL_WORKER, "1"), "0"),
        _of({"1": "With a social worker", "0": "Without"}), order=lambda label: label != "1",
        record_category=RecordCategory.SAFEGUARDING,
    ),
    Grouping(
        "school", "Whole school", lambda enrolled: [(str(enrolled.urn),)] * len(enrolled.enrolments), lambda _: "Whole school",
        goes_outside=True,
    ),
)  # fmt: skip
