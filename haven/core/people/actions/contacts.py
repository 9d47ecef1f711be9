"""Contacts of a pupil, in order of priority. A change ends a row and begins another, so that the contacts known on a past day can be read
later (Keeping children safe in education: at least two emergency contacts; Education Act 1996, section 576, for who counts as a parent)."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime

from haven.core.people.errors import BadContact
from haven.core.people.models import Contact
from haven.core.people.rows import policy_columns
from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.rules.visibility import RecordCategory, access_scope_of


@dataclass(frozen=True)
class ContactFacts:
    """The facts of a contact. `parental_responsibility` and `lives_with_pupil` are None if unknown; `prefers` is "", "call", "text" or
    "email"; priority 1 is called first."""

    name: str
    relationship: str = ""
    priority: int = 9
    telephone: str = ""
    other_telephone: str = ""
    email: str = ""
    address: str = ""
    parental_responsibility: bool | None = None
    lives_with_pupil: bool | None = None
    safe_to_contact: bool = True
    safe_contact_note: str = ""
    prefers: str = ""
    language: str = ""
    needs_interpreter: bool = False

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise BadContact("Enter the contact's name.")


@action
def keep_contacts(
    *, by: AccessContext, at: datetime, on: date, school_id: int, pupil_id: int, contacts: Iterable[ContactFacts]
) -> tuple[int, int]:
    """Set the pupil's list of contacts at a school from a day on: unchanged contacts stay, contacts that are no longer given end, new and
    changed ones begin. Returns how many began and how many ended; the same list again returns (0, 0)."""
    wanted = [asdict(contact) for contact in contacts]
    standing = list(Contact.objects.filter(school_id=school_id, pupil_id=pupil_id, ends_on=None))
    left = []
    for row in standing:
        facts = {key: getattr(row, key) for key in ContactFacts.__dataclass_fields__}
        if facts in wanted:
            wanted.remove(facts)
        else:
            left.append(row.id)
    Contact.objects.filter(id__in=left).update(ends_on=on)
    row_of = {
        **policy_columns(by, school_id),
        "pupil_id": pupil_id,
        "begins_on": on,
        "checked_on": on,
    }
    Contact.objects.bulk_create(Contact(**row_of, **facts) for facts in wanted)
    append_event(
        by=by, at=at, verb="people.keep_contacts", school_id=school_id, access_scope=access_scope_of(school_id, RecordCategory.ATTENDANCE),
        pupil_ids=[pupil_id], detail={"began": len(wanted), "ended": len(left)},
    )  # fmt: skip
    return len(wanted), len(left)


@action
def check_contacts(*, by: AccessContext, at: datetime, on: date, school_id: int, pupil_id: int) -> int:
    """Record that the family has confirmed the current contacts; returns how many there are."""
    checked = Contact.objects.filter(school_id=school_id, pupil_id=pupil_id, ends_on=None).update(checked_on=on)
    append_event(
        by=by, at=at, verb="people.check_contacts", school_id=school_id, access_scope=access_scope_of(school_id, RecordCategory.ATTENDANCE),
        pupil_ids=[pupil_id], detail={"contacts": checked},
    )  # fmt: skip
    return checked
