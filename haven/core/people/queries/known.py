"""Reads statuses, the vulnerable pupils list, details and numbers of pupils.

Each is in a record category, and the row policy shows a user only those that they may read: a user with access to attendance alone does not
see a status of the safeguarding record category, and the list shows them an instruction without the cause.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from haven.core.people.models import Identifier, PupilDetail, Status, VulnerableListing
from haven.core.people.statuses import title_of
from haven.platform.sql_files import SqlFile
from haven.rules.visibility import RecordCategory, access_scope_of

QUERIES = SqlFile(__file__)


@dataclass(frozen=True)
class Listing:
    """What staff who make calls see of a pupil on the vulnerable pupils list: priority 1 to 3, what to do (sentences, each with a full stop),
    by when. Never why."""

    priority: int
    instruction: str
    due: time | None
    refs: tuple[UUID, ...] = field(default=())

    @property
    def instruction_before_time(self) -> str:
        """The instruction without its last full stop, for a page that writes the time after it."""
        return self.instruction.removesuffix(".")

    def due_at(self, on: date) -> datetime | None:
        """The moment on a day by which it is due, in the school's time; None where no time is given."""
        return timezone.make_aware(datetime.combine(on, self.due)) if self.due else None


def statuses_of(*, school_id: int, pupil_id: int, on: date) -> list[Status]:
    """The pupil's statuses in force on a day that the user may see, by title; empty if there are none."""
    rows = QUERIES.objects(Status, "statuses", school_id=school_id, pupil_id=pupil_id, on=on)
    return sorted(rows, key=lambda status: title_of(status.kind))


def statuses_past(*, school_id: int, pupil_id: int, on: date) -> list[Status]:
    """The pupil's statuses that have ended by a day, the latest end first."""
    return list(Status.objects.filter(school_id=school_id, pupil_id=pupil_id, ends_on__lte=on).order_by("-ends_on"))


def status_by_ref(*, school_id: int, ref: UUID) -> Status | None:
    """The status with that reference at the school, or None."""
    return Status.objects.filter(school_id=school_id, ref=ref).first()


def status_kinds_seen(*, school_id: int, on: date) -> dict[str, int]:
    """How many pupils have a status of each kind that the user may see; kinds without pupils have no key."""
    counts: dict[str, int] = defaultdict(int)
    for kind in QUERIES.values(str, "kinds", school_id=school_id, on=on):
        counts[kind] += 1
    return dict(sorted(counts.items(), key=lambda pair: title_of(pair[0])))


def statuses_begun(*, school_id: int, kinds: Collection[str], since: date, until: date) -> dict[str, dict[int, date]]:
    """For each of the kinds, the pupils for whom a status of that kind began between two days (both included), and the first such day.

    Only statuses that the user may see; a kind without pupils has no key.
    """
    rows = Status.objects.filter(school_id=school_id, kind__in=kinds, begins_on__range=(since, until))
    begun: dict[str, dict[int, date]] = defaultdict(dict)
    for kind, pupil_id, begins_on in rows.order_by("-begins_on").values_list("kind", "pupil_id", "begins_on"):
        begun[kind][pupil_id] = begins_on
    return dict(begun)


def listing_of(*, school_id: int, on: date) -> dict[int, Listing]:
    """The vulnerable pupils' list of a school on a day, by pupil id; several lines of a pupil become one (`merge_lines`)."""
    access_scope = access_scope_of(school_id, RecordCategory.ATTENDANCE)
    lines: dict[int, list[ListingLine]] = defaultdict(list)
    for row in QUERIES.rows(ListingLine, "listing_rows", access_scope=access_scope, on=on):
        lines[row.pupil_id].append(row)
    return {pupil_id: merge_lines(rows) for pupil_id, rows in lines.items()}


class ListingLine(NamedTuple):
    """What `merge_lines` reads of a line on the vulnerable list."""

    id: int
    pupil_id: int
    priority: int
    instruction: str
    instruction_due: time | None
    ref: UUID


def merge_lines(rows: Sequence[VulnerableListing] | Sequence[ListingLine]) -> Listing:
    """What one or more lines of a pupil say together: the highest priority; every instruction once, the one that is due first before the
    others, then by priority and age; the earliest time of a line with an instruction."""
    lines = sorted(
        (row for row in rows if row.instruction.strip()),
        key=lambda row: (row.instruction_due or time.max, -row.priority, row.id),
    )
    sentences = dict.fromkeys(row.instruction.strip().rstrip(".") + "." for row in lines)
    return Listing(
        priority=max(row.priority for row in rows),
        instruction=" ".join(sentences),
        due=min((row.instruction_due for row in lines if row.instruction_due), default=None),
        refs=tuple(row.ref for row in rows),
    )


def listing_lines(*, school_id: int, pupil_id: int, on: date) -> list[VulnerableListing]:
    """The lines of one pupil on the vulnerable pupils list, the most urgent first."""
    access_scope = access_scope_of(school_id, RecordCategory.ATTENDANCE)
    return QUERIES.objects(VulnerableListing, "listings", access_scope=access_scope, on=on, pupil_id=pupil_id)


def listing_of_pupil(*, school_id: int, pupil_id: int, on: date) -> Listing | None:
    """One pupil's place on the vulnerable pupils list, as in `listing_of`; None: not on it, or not for this viewer to know."""
    lines = listing_lines(school_id=school_id, pupil_id=pupil_id, on=on)
    return merge_lines(lines) if lines else None


def listing_by_ref(*, school_id: int, ref: UUID) -> VulnerableListing | None:
    """The entry with that reference at the school, or None."""
    return VulnerableListing.objects.filter(school_id=school_id, ref=ref).first()


def details_of(*, school_id: int, pupil_id: int) -> PupilDetail | None:
    """The pupil's address, languages and notes for conversations: the newest row, or None."""
    return next(iter(QUERIES.objects(PupilDetail, "details", school_id=school_id, pupil_id=pupil_id)), None)


def identifiers_of(*, school_id: int, pupil_id: int) -> list[Identifier]:
    """The pupil's numbers at the school, current ones first."""
    rows = Identifier.objects.filter(school_id=school_id, pupil_id=pupil_id)
    return sorted(rows, key=lambda row: (row.ends_on is not None, row.kind != "upn", row.id))


def upns_of(*, school_id: int, pupil_ids: Iterable[int]) -> dict[int, str]:
    """The UPN of each pupil at a school, for those whose numbers the viewer may see: the current one, a temporary one where there is no
    other, the one that ended last where none is current. A pupil without any has no key."""
    rows = Identifier.objects.filter(
        school_id=school_id, pupil_id__in=set(pupil_ids), kind__in=("upn", "temporary_upn")
    )
    rows = rows.order_by(
        "ends_on", "kind", "id"
    )  # no end comes last, "upn" after "temporary_upn": the last row of a pupil counts
    return dict(rows.values_list("pupil_id", "value"))
