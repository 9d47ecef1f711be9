"""Reads pupils' files. Row policies limit the rows; every query still filters by its own scope.

Entries of the safeguarding category are read by users with access to that category, and not by their author: a person who raises a concern
sees only its receipt (haven.safeguarding).
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from haven.core.people.models import Pupil
from haven.core.records.models import Addendum, Draft, Entry, EntryPupil
from haven.core.records.permissions import reads_all
from haven.platform.accounts.context import AccessContext
from haven.platform.sql_files import SqlFile
from haven.rules.visibility import RecordCategory

QUERIES = SqlFile(__file__)
CONFIDENTIAL = (RecordCategory.SAFEGUARDING, RecordCategory.STAFF)


def readable_entries(viewer: AccessContext | None) -> Q:
    """Entries that pages may show: all of the open record categories, and the confidential ones that the user may read."""
    shown = ~Q(record_category__in=CONFIDENTIAL)
    for record_category, schools in _open_at(viewer).items():
        shown |= Q(school_id__in=schools, record_category=record_category)
    return shown


def _open_at(viewer: AccessContext | None) -> dict[RecordCategory, list[int]]:
    """The schools at which the user may read each confidential record category; a category without schools has no key."""
    places = viewer.places if viewer else ()
    schools = {
        category: [place.school_id for place in places if reads_all(viewer, place.school_id, category)]
        for category in CONFIDENTIAL
        if viewer
    }
    return {category: ids for category, ids in schools.items() if ids}


def entries_of(
    *,
    pupil_ids: Sequence[int],
    forms: Sequence[str] | None = None,
    since: datetime | None = None,
    limit: int = 200,
    viewer: AccessContext | None = None,
) -> list[Entry]:
    """Entries about any of the pupils, newest event first, at most `limit`; empty if there are none that the user may see.

    `forms` limits them to some forms; `since` to events at or after it. Without `viewer` nothing of the safeguarding or the staff category
    is included, whatever the access context. Retracted entries are included: `addenda_of` shows the retraction.
    """
    if not pupil_ids:
        return []
    open_at = _open_at(viewer)
    return QUERIES.objects(
        Entry, "entries", pupil_ids=pupil_ids, forms=forms, since=since, limit=limit,
        confidential=[category.value for category in CONFIDENTIAL],
        safeguarding=RecordCategory.SAFEGUARDING.value, safeguarding_at=open_at.get(RecordCategory.SAFEGUARDING, ()),
        staff=RecordCategory.STAFF.value, staff_at=open_at.get(RecordCategory.STAFF, ()),
    )  # fmt: skip


def first_entries(
    *, school_id: int, forms: Collection[str], since: datetime, until: datetime
) -> dict[str, dict[int, datetime]]:
    """For each of the forms, the pupils with an entry of that form, and the time of the first within a period.

    Only entries that the user may see, none of the safeguarding or the staff category, and no retracted ones; a form without entries has no
    key.
    """
    entries = Entry.objects.filter(
        readable_entries(None), school_id=school_id, form__in=forms, happened_at__gte=since, happened_at__lt=until
    )
    retracted = Addendum.objects.filter(kind="retraction", entry__in=entries).values("entry_id")
    parts = EntryPupil.objects.filter(entry__in=entries.exclude(id__in=retracted), role="subject")
    rows = parts.order_by("-entry__happened_at").values_list("entry__form", "pupil_id", "entry__happened_at")
    newest: dict[str, dict[int, datetime]] = {}
    for form, pupil_id, happened_at in rows:
        newest.setdefault(form, {})[pupil_id] = happened_at
    return newest


def entry_by_ref(*, ref: uuid.UUID, viewer: AccessContext) -> Entry | None:
    """The entry with that reference, or None if it does not exist or the user may not see it."""
    return Entry.objects.filter(readable_entries(viewer), ref=ref).select_related("school").first()


def addenda_of(*, entry_ids: Iterable[int]) -> dict[int, list[Addendum]]:
    """The addenda of each entry, oldest first; an entry without addenda has no key."""
    by_entry: dict[int, list[Addendum]] = {}
    wanted = list(entry_ids)
    for addendum in QUERIES.objects(Addendum, "addenda", entry_ids=wanted) if wanted else ():
        by_entry.setdefault(addendum.entry_id, []).append(addendum)
    return by_entry


def pupils_by_id(*, pupil_ids: Iterable[int]) -> Mapping[int, Pupil]:
    """The pupils with those ids that this user may see, by id."""
    wanted = list(set(pupil_ids))
    return {pupil.id: pupil for pupil in QUERIES.objects(Pupil, "pupils", ids=wanted)} if wanted else {}


def draft_of(*, key: str) -> dict[str, object]:
    """The draft of the current user under a key; empty if there is none."""
    draft = Draft.objects.filter(key=key).order_by("-saved_at").first()
    return dict(draft.words) if draft else {}


def drafts_under(*, prefix: str) -> dict[str, dict[str, object]]:
    """Every draft of the current user whose key begins with the prefix, by key."""
    return {draft.key: dict(draft.words) for draft in Draft.objects.filter(key__startswith=prefix)}


def parts_of(*, entry_ids: Iterable[int]) -> dict[int, dict[int, str]]:
    """For each entry, the role of each pupil in it: "subject", "sibling", ..."""
    roles: dict[int, dict[int, str]] = {}
    wanted = list(entry_ids)
    for part in QUERIES.rows(_Part, "parts", entry_ids=wanted) if wanted else ():
        roles.setdefault(part.entry_id, {})[part.pupil_id] = part.role
    return roles


class _Part(NamedTuple):
    entry_id: int
    pupil_id: int
    role: str
