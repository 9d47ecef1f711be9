"""Details of a pupil: address, languages, notes for conversations, and numbers. The newest row is current; older ones stay."""

from datetime import date, datetime

from django.forms.models import model_to_dict

from haven.core.people.errors import BadIdentifier
from haven.core.people.models import Identifier, PupilDetail
from haven.core.people.rows import keep_identifier, policy_columns, upn_kind
from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.rules.identifiers import why_upn_is_wrong
from haven.rules.visibility import RecordCategory, access_scope_of

DETAILS = (
    "address", "postcode", "ethnicity", "first_language", "needs_interpreter", "nationality", "trusted_adult",
    "good_to_know",
)  # fmt: skip
KINDS = tuple(choice for choice, _ in Identifier._meta.get_field("kind").choices or ())


@action
def keep_detail(
    *, by: AccessContext, at: datetime, school_id: int, pupil_id: int, **details: str | bool
) -> PupilDetail:
    """Change any of DETAILS; values that are not given stay. Without a new value, returns the current row. Raises TypeError for another
    key."""
    unknown = set(details) - set(DETAILS)
    if unknown:
        raise TypeError(f"Unknown pupil details: {', '.join(sorted(unknown))}")
    standing = PupilDetail.objects.filter(school_id=school_id, pupil_id=pupil_id).order_by("-id").first()
    before = model_to_dict(standing, fields=DETAILS) if standing else {}
    changed = [key for key, value in details.items() if before.get(key, "") != value]
    if changed or standing is None:
        standing = PupilDetail.objects.create(
            **policy_columns(by, school_id), pupil_id=pupil_id, author_name=by.name,
            **{**before, **details},
        )  # fmt: skip
    append_event(
        by=by, at=at, verb="people.keep_detail", school_id=school_id, access_scope=access_scope_of(school_id, RecordCategory.ATTENDANCE),
        pupil_ids=[pupil_id], detail={"changed": changed},
    )  # fmt: skip
    return standing


@action
def record_identifier(
    *, by: AccessContext, at: datetime, school_id: int, pupil_id: int, kind: str, value: str, begins_on: date | None = None,
    scheme: str = "",
) -> bool:  # fmt: skip
    """Record a number of a pupil (kinds of Identifier; "upn" accepts a temporary one too); False if it exists already.

    Raises BadIdentifier for an invalid UPN, for a number of another pupil of the school, and for an unknown kind.
    """
    clean = "".join(value.split())
    if kind in ("upn", "temporary_upn"):
        if wrong := why_upn_is_wrong(clean):
            raise BadIdentifier(wrong)
        kind = upn_kind(clean)
    if kind not in KINDS or not clean:
        raise BadIdentifier("Choose the type of number, and enter the number.")
    new = keep_identifier(by, school_id, pupil_id, kind, clean, begins_on, scheme)
    append_event(
        by=by, at=at, verb="people.record_identifier", about=("identifier", kind), school_id=school_id,
        access_scope=access_scope_of(school_id, RecordCategory.ATTENDANCE), pupil_ids=[pupil_id], detail={"new": new},
    )  # fmt: skip
    return new
