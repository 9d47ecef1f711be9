"""Which concerns wait, what does one say, and was mine received? The wall decides; each query says its scope besides."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef

from haven.access.queries import colleagues
from haven.access.viewer import Viewer
from haven.chronology.form_definitions import library
from haven.chronology.models import Entry
from haven.chronology.queries import pupils_by_id
from haven.people.models import Pupil
from haven.people.names import fold
from haven.people.queries import find_pupils, listed, pupil_by_ref
from haven.people.queries.roll import Listed
from haven.rules.visibility import SAFEGUARDING, zone_of
from haven.safeguarding.models import Acknowledgement, Receipt
from haven.safeguarding.permissions import may_acknowledge_concern
from haven.schools.models import School

FORM = "concern"
FEWEST_LETTERS = 2


@dataclass(frozen=True)
class ChildFound:
    """A child as the first question shows it: enough to tell two of one name apart."""

    id: int
    ref: uuid.UUID
    name: str
    group: str
    born_on: date | None

    @property
    def described(self) -> str:
        """Name, class and date of birth: "Aisha Rahman, 8 Kestrel, born 3 March 2013"."""
        born = f"born {self.born_on.day} {self.born_on:%B %Y}" if self.born_on else ""
        return ", ".join(part for part in (self.name, self.group, born) if part)


def find_children(*, school_id: int, letters: str, on: date, limit: int = 12) -> list[ChildFound]:
    """Children of the school whose names begin with the letters, by name; empty for fewer than two letters.

    A child who is shut to the viewer is not found, and nothing says so.
    """
    if len(fold(letters)) < FEWEST_LETTERS:
        return []
    return [_child(one) for one in find_pupils(school_ids=[school_id], text=letters, on=on, limit=limit)]


def child_at(*, school_id: int, ref: uuid.UUID, on: date) -> ChildFound | None:
    """One child of the school, or None where there is none or the child is not for this viewer."""
    pupil = pupil_by_ref(school_id=school_id, ref=ref)
    found = listed(school_id=school_id, pupil_ids=[pupil.id], on=on) if pupil else {}
    return next((_child(one) for one in found.values()), None)


def _child(one: Listed) -> ChildFound:
    return ChildFound(one.id, one.ref, one.name, one.group or one.year_title, one.born_on)


@dataclass(frozen=True)
class ConcernLine:
    """A concern in the queue. `due_at`: by when somebody must receive it; `received_*` None and "" while it waits."""

    ref: uuid.UUID
    children: tuple[str, ...]
    raised_by: str
    raised_at: datetime
    happened_at: datetime
    due_at: datetime | None
    safe_now: str
    received_at: datetime | None
    received_by: str


def concerns_at(*, viewer: Viewer, school_id: int, limit: int = 500) -> list[ConcernLine]:
    """Concerns of a school: first those that wait (a child who is not safe before all others, then soonest due first), then those received, newest first.

    Empty where there are none and for everyone who does not receive concerns.
    """
    if not may_acknowledge_concern(viewer, school_id):
        return []
    entries = list(
        Entry.objects.filter(zone=zone_of(school_id, SAFEGUARDING), form=FORM).order_by("-recorded_at", "-id")[:limit]
    )
    received = {one.entry_id: one for one in Acknowledgement.objects.filter(entry__in=entries)}
    pupils = pupils_by_id(pupil_ids=[number for entry in entries for number in entry.pupil_ids])
    lines = [_line(entry, received.get(entry.id), pupils) for entry in entries]
    # Nobody waits longer than a child who is not safe.
    waiting = sorted(
        (line for line in lines if line.received_at is None),
        key=lambda line: (line.safe_now != "no", line.due_at or line.raised_at),
    )
    return waiting + [line for line in lines if line.received_at is not None]


def waiting_count(*, viewer: Viewer, school_id: int) -> int | None:
    """How many concerns of the school nobody has received; None for whoever does not receive concerns: show nothing, not 0."""
    if not may_acknowledge_concern(viewer, school_id):
        return None
    entries = Entry.objects.filter(zone=zone_of(school_id, SAFEGUARDING), form=FORM)
    return entries.exclude(Exists(Acknowledgement.objects.filter(entry_id=OuterRef("id"), school_id=school_id))).count()


def _line(entry: Entry, received: Acknowledgement | None, pupils: Mapping[int, Pupil]) -> ConcernLine:
    definition = library().form(entry.form, entry.form_version)
    named = tuple(pupils[number].name for number in entry.pupil_ids if number in pupils)
    safe = str(entry.fields.get("safe_now", ""))
    return ConcernLine(
        ref=entry.ref,
        children=named or (str(entry.fields.get("child_name", "A child who is not named")),),
        raised_by=entry.author_name,
        raised_at=entry.recorded_at,
        happened_at=entry.happened_at,
        due_at=definition.due_at(entry.fields, entry.recorded_at) if safe else None,
        safe_now=safe,
        received_at=received.recorded_at if received else None,
        received_by=received.author_name if received else "",
    )


def concern_by_ref(*, viewer: Viewer, school_id: int, ref: uuid.UUID) -> Entry | None:
    """The concern, or None where there is none or this viewer does not receive it."""
    if not may_acknowledge_concern(viewer, school_id):
        return None
    return Entry.objects.filter(zone=zone_of(school_id, SAFEGUARDING), form=FORM, ref=ref).first()


def acknowledgement_of(*, entry: Entry) -> Acknowledgement | None:
    """Who received a concern and when, or None while it waits."""
    return Acknowledgement.objects.filter(entry=entry).first()


def own_receipts(*, viewer: Viewer, school_id: int, limit: int = 200) -> list[Receipt]:
    """What the viewer raised at a school, newest first: when it was sent and whether it was received."""
    return list(
        Receipt.objects.filter(for_user_id=viewer.user_id, school_id=school_id).order_by("-raised_at", "-id")[:limit]
    )


@dataclass(frozen=True)
class WhomToRing:
    """The safeguarding leads of a school by name, and the school's telephone."""

    leads: tuple[str, ...]
    telephone: str


def whom_to_ring(*, school_id: int) -> WhomToRing:
    """Whom to turn to at a school when a child is not safe."""
    people = colleagues(school_id=school_id, roles=("dsl", "deputy_dsl"))
    telephone = School.objects.filter(id=school_id).values_list("telephone", flat=True).first()
    return WhomToRing(tuple(user.name for user in people), telephone or "")
