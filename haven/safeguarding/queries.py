"""Queries waiting and received concerns, single concerns and the user's own receipts.

The row policy decides what is visible; each query also states its scope.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from haven.core.people.models import Pupil
from haven.core.people.names import fold
from haven.core.people.queries import find_pupils, listed, pupil_by_ref
from haven.core.people.queries.roll import Listed
from haven.core.records.definition_keys import CONCERN
from haven.core.records.form_definitions import form_in_version
from haven.core.records.models import Acknowledgement, Entry
from haven.core.records.queries import pupils_by_id
from haven.core.schools.models import School
from haven.platform.accounts.context import AccessContext
from haven.platform.accounts.queries import colleagues
from haven.platform.dates import in_words
from haven.rules.sessions import academic_year_of, year_before, year_bounds
from haven.rules.visibility import SAFEGUARDING, access_scope_of
from haven.safeguarding.definition_keys import CHILD_NAME, NOT_SAFE, SAFE_NOW
from haven.safeguarding.models import Receipt
from haven.safeguarding.permissions import may_acknowledge_concern

FEWEST_LETTERS = 2


@dataclass(frozen=True)
class ChildFound:
    """A child as the first question shows them: enough to distinguish two children of the same name."""

    id: int
    ref: uuid.UUID
    name: str
    group: str
    born_on: date | None

    @property
    def described(self) -> str:
        """Name, class and date of birth: "Aisha Rahman, 8 Kestrel, born 3 March 2013"."""
        born = f"born {in_words(self.born_on)}" if self.born_on else ""
        return ", ".join(part for part in (self.name, self.group, born) if part)


def find_children(*, school_id: int, letters: str, on: date, limit: int = 12) -> list[ChildFound]:
    """Children of the school whose names begin with the letters, by name; empty for fewer than two letters.

    A child closed to the viewer by a conflict of interest is not found, and the result does not reveal that.
    """
    if len(fold(letters)) < FEWEST_LETTERS:
        return []
    return [_child(one) for one in find_pupils(school_ids=[school_id], text=letters, on=on, limit=limit)]


def child_at(*, school_id: int, ref: uuid.UUID, on: date) -> ChildFound | None:
    """One child of the school, or None where the child does not exist or is not visible to the viewer."""
    pupil = pupil_by_ref(school_id=school_id, ref=ref)
    rows = listed(school_id=school_id, pupil_ids=[pupil.id], on=on) if pupil else {}
    return next((_child(one) for one in rows.values()), None)


def _child(one: Listed) -> ChildFound:
    return ChildFound(one.id, one.ref, one.name, one.group or one.year_title, one.born_on)


@dataclass(frozen=True)
class ConcernLine:
    """A concern in the list. `due_at`: when it must be acknowledged by; `received_*` None and "" while it waits."""

    ref: uuid.UUID
    children: tuple[str, ...]
    raised_by: str
    raised_at: datetime
    happened_at: datetime
    due_at: datetime | None
    safe_now: str
    received_at: datetime | None
    received_by: str


def waiting_concerns(*, viewer: AccessContext, school_id: int) -> list[ConcernLine]:
    """Every concern of a school that is not yet acknowledged: children who are not safe first, then the earliest due
    first.

    Empty when none waits, and for users who may not acknowledge concerns.
    """
    if not may_acknowledge_concern(viewer, school_id):
        return []
    # In two steps: the index alone finds the rows, whatever number of rows PostgreSQL estimates.
    numbers = list(_waiting(school_id).values_list("id", flat=True))
    # Children who are not safe come first.
    waiting = _lines(list(Entry.objects.filter(id__in=numbers)), {})
    return sorted(waiting, key=lambda line: (line.safe_now != NOT_SAFE, line.due_at or line.raised_at))


def waiting_count(*, viewer: AccessContext, school_id: int) -> int | None:
    """How many concerns of the school wait; None for users who may not acknowledge concerns (then show nothing, not
    0)."""
    return _waiting(school_id).count() if may_acknowledge_concern(viewer, school_id) else None


def _concerns(school_id: int) -> QuerySet[Entry]:
    return Entry.objects.filter(
        access_scope=access_scope_of(school_id, SAFEGUARDING), form=CONCERN, needs_acknowledgement=True
    )


def _waiting(school_id: int) -> QuerySet[Entry]:
    return _concerns(school_id).filter(acknowledged_at=None)


def _received(school_id: int) -> QuerySet[Entry]:
    return _concerns(school_id).filter(acknowledged_at__isnull=False)


@dataclass(frozen=True)
class Received:
    """The received concerns of a school that were raised in an academic year, newest first. It supports counting and
    slicing for pagination, and reads only the rows of one page."""

    school_id: int
    year: str

    def __len__(self) -> int:
        return self._rows().count()

    def __getitem__(self, part: slice) -> list[ConcernLine]:
        # In two steps: the index alone finds the rows, however many there are.
        numbers = list(self._rows().order_by("-recorded_at", "-id").values_list("id", flat=True)[part])
        entries = list(Entry.objects.filter(id__in=numbers).order_by("-recorded_at", "-id"))
        return _lines(entries, {one.entry_id: one for one in Acknowledgement.objects.filter(entry__in=numbers)})

    def _rows(self) -> QuerySet[Entry]:
        first, last = (timezone.make_aware(datetime.combine(day, time())) for day in year_bounds(self.year))
        return _received(self.school_id).filter(recorded_at__gte=first, recorded_at__lt=last + timedelta(days=1))


def received_concerns(*, viewer: AccessContext, school_id: int, year: str) -> Received | list[ConcernLine]:
    """The received concerns of a school that were raised in an academic year ("2025-26"), newest first, for pagination.

    Empty for users who may not acknowledge concerns. Raises ValueError for text that is not an academic year.
    """
    year_bounds(year)
    return Received(school_id, year) if may_acknowledge_concern(viewer, school_id) else []


def years_of_concerns(*, viewer: AccessContext, school_id: int, on: date) -> list[str]:
    """The academic years from the first concern of a school to the day, newest first; only the day's own where there
    are no concerns."""
    years = [academic_year_of(on)]
    kinds = (_waiting(school_id), _received(school_id))
    firsts = [rows.order_by("recorded_at").values_list("recorded_at", flat=True).first() for rows in kinds]
    dates = [first for first in firsts if first is not None]
    if not dates or not may_acknowledge_concern(viewer, school_id):
        return years
    begun = academic_year_of(timezone.localtime(min(dates)).date())
    while years[-1] > begun:
        years.append(year_before(years[-1]))
    return years


def _lines(entries: Sequence[Entry], received: Mapping[int, Acknowledgement]) -> list[ConcernLine]:
    pupils = pupils_by_id(pupil_ids=[number for entry in entries for number in entry.pupil_ids])
    return [_line(entry, received.get(entry.id), pupils) for entry in entries]


def _line(entry: Entry, received: Acknowledgement | None, pupils: Mapping[int, Pupil]) -> ConcernLine:
    definition = form_in_version(entry.form, entry.form_version)
    named = tuple(pupils[number].name for number in entry.pupil_ids if number in pupils)
    safe = str(entry.fields.get(SAFE_NOW, ""))
    return ConcernLine(
        ref=entry.ref,
        children=named or (str(entry.fields.get(CHILD_NAME, "Unnamed child")),),
        raised_by=entry.author_name,
        raised_at=entry.recorded_at,
        happened_at=entry.happened_at,
        due_at=definition.due_at(entry.fields, entry.recorded_at) if safe else None,
        safe_now=safe,
        received_at=received.recorded_at if received else None,
        received_by=received.author_name if received else "",
    )


def concern_by_ref(*, viewer: AccessContext, school_id: int, ref: uuid.UUID) -> Entry | None:
    """The concern, or None where it does not exist or the viewer may not acknowledge it."""
    if not may_acknowledge_concern(viewer, school_id):
        return None
    return Entry.objects.filter(access_scope=access_scope_of(school_id, SAFEGUARDING), form=CONCERN, ref=ref).first()


def acknowledgement_of(*, entry: Entry) -> Acknowledgement | None:
    """Who received a concern and when, or None while it waits."""
    return Acknowledgement.objects.filter(entry=entry).first()


def own_receipts(*, viewer: AccessContext, school_id: int, limit: int = 200) -> list[Receipt]:
    """What the viewer raised at a school, newest first: when it was sent and whether it was received."""
    return list(
        Receipt.objects.filter(for_user_id=viewer.user_id, school_id=school_id).order_by("-raised_at", "-id")[:limit]
    )


@dataclass(frozen=True)
class SafeguardingContacts:
    """The safeguarding leads of a school by name, and the school's telephone."""

    leads: tuple[str, ...]
    telephone: str


def safeguarding_contacts(*, school_id: int, on: date) -> SafeguardingContacts:
    """The people to contact at a school on a day when a child is not safe."""
    people = colleagues(school_id=school_id, on=on, roles=("dsl", "deputy_dsl"))
    telephone = School.objects.filter(id=school_id).values_list("telephone", flat=True).first()
    return SafeguardingContacts(tuple(user.name for user in people), telephone or "")
