"""Admission, changes of names and class, and leaving.

The admission register has each pupil's names, date of birth and day of admission (SI 2024/208 regulation 8). A change of class ends one
placement and begins the next, so that every past day keeps its class.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from haven.core.people.errors import AlreadyOnRoll, BadIdentifier
from haven.core.people.models import Enrolment, Identifier, Placement, Pupil, RegistrationGroup
from haven.core.people.rows import (
    NAMES,
    former_names,
    group_named,
    keep_identifier,
    named,
    placed,
    policy_columns,
    upn_kind,
)
from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.platform.dates import in_words
from haven.platform.errors import ActionRejected
from haven.rules.identifiers import why_upn_is_wrong
from haven.rules.visibility import RecordCategory, access_scope_of


@dataclass(frozen=True, kw_only=True)
class Admission:
    """The facts of an admission: the pupil's names and date of birth, the day of admission, and the first class."""

    surname: str
    forename: str
    born_on: date | None
    begins_on: date
    year: str
    year_group: str = ""
    group_name: str = ""
    upn: str | None = None
    kind: str = "single"
    """The kind of enrolment: single, main or subsidiary."""
    middle_names: str = ""
    preferred_surname: str = ""
    preferred_forename: str = ""
    former_names: str = ""
    sex: str = ""


@dataclass(frozen=True)
class Admitted:
    """A pupil who was put on the roll, with the enrolment and its first placement."""

    pupil: Pupil
    enrolment: Enrolment
    placement: Placement


@action
def admit_pupil(*, by: AccessContext, at: datetime, school_id: int, admission: Admission) -> Admitted:
    """Put a pupil on the roll of a school.

    If the UPN belongs to a pupil whom the user sees, at any school, that pupil gets another enrolment and keeps their names; otherwise a
    pupil is created. Raises AlreadyOnRoll if an enrolment at the school would share a day with it, BadIdentifier for an invalid UPN, ActionRejected without a
    surname and forename.
    """
    if admission.upn and (wrong := why_upn_is_wrong(admission.upn)):
        raise BadIdentifier(wrong)
    if not (admission.surname.strip() or admission.forename.strip()):
        raise ActionRejected("Enter the pupil's surname and forename.")
    pupil = _pupil_with(admission.upn) if admission.upn else None
    if pupil is None:
        names = {key: getattr(admission, key) for key in NAMES}
        pupil = Pupil.objects.create(
            **named(names), born_on=admission.born_on, sex=admission.sex, school_ids=[school_id]
        )
    else:
        _reject_shared_days(pupil, school_id, admission.begins_on)
    enrolment = Enrolment.objects.create(
        **policy_columns(by, school_id), pupil=pupil, kind=admission.kind, begins_on=admission.begins_on,
    )  # fmt: skip
    placement = _place(by, enrolment, admission.year, admission.year_group, admission.group_name, admission.begins_on)
    if admission.upn:
        keep_identifier(by, school_id, pupil.id, upn_kind(admission.upn), admission.upn, admission.begins_on)
    append_event(
        by=by, at=at, verb="people.admit_pupil", about=("pupil", pupil.ref), school_id=school_id,
        access_scope=access_scope_of(school_id, RecordCategory.ROLL), pupil_ids=[pupil.id],
    )  # fmt: skip
    return Admitted(pupil, enrolment, placement)


@action
def change_names(
    *, by: AccessContext, at: datetime, pupil: Pupil, school_id: int, reason: str = "",
    born_on: date | None = None, sex: str | None = None, **names: str,
) -> Pupil:  # fmt: skip
    """Change any of a pupil's names (NAMES), the date of birth or the sex; values that are not given stay. A changed surname or forename is
    added to the former names, so that the pupil can still be found by it. Raises ActionRejected for an empty name, TypeError for another
    key.
    """
    unknown = set(names) - set(NAMES)
    if unknown:
        raise TypeError(f"Unknown pupil names: {', '.join(sorted(unknown))}")
    after = {key: names.get(key, getattr(pupil, key)) for key in NAMES}
    if not (after["surname"].strip() and after["forename"].strip()):
        raise ActionRejected("Enter a surname and a forename.")
    if "former_names" not in names:
        after["former_names"] = former_names(pupil, after["surname"], after["forename"])
    values = {**named(after), "born_on": born_on or pupil.born_on, "sex": pupil.sex if sex is None else sex}
    changed = [key for key, value in values.items() if getattr(pupil, key) != value]
    if changed:
        Pupil.objects.filter(id=pupil.id).update(**values)
        pupil.refresh_from_db()
    append_event(
        by=by, at=at, verb="people.change_names", about=("pupil", pupil.ref), school_id=school_id,
        access_scope=access_scope_of(school_id, RecordCategory.ROLL), pupil_ids=[pupil.id], reason=reason, detail={"changed": changed},
    )  # fmt: skip
    return pupil


@action
def keep_group(
    *, by: AccessContext, at: datetime, school_id: int, year: str, name: str, year_group: str = "",
    tutor_id: int | None = None, site_id: int | None = None,
) -> RegistrationGroup:  # fmt: skip
    """Create or change a registration group of an academic year, with its tutor and site; values that are not given stay."""
    group = group_named(school_id, year, name, year_group)
    group.year_group = year_group or group.year_group
    group.tutor_id = tutor_id or group.tutor_id
    group.site_id = site_id or group.site_id
    group.save()
    append_event(by=by, at=at, verb="people.keep_group", about=("group", group.id), school_id=school_id)
    return group


@action
def move_group(
    *,
    by: AccessContext,
    at: datetime,
    enrolment: Enrolment,
    year: str,
    on: date,
    year_group: str = "",
    group_name: str = "",
) -> Placement:
    """Move a pupil to another year group or class from a day on; the previous placement ends the day before."""
    if on < enrolment.begins_on:
        raise ActionRejected("The pupil was not yet on roll on that date.")
    standing = Placement.objects.filter(enrolment=enrolment, ends_on=None).order_by("-begins_on").first()
    if standing and standing.begins_on >= on:
        standing.year, standing.year_group = year, year_group or standing.year_group
        standing.group = group_named(enrolment.school_id, year, group_name, year_group) if group_name else None
        standing.save(update_fields=["year", "year_group", "group"])
        placement = standing
    else:
        Placement.objects.filter(enrolment=enrolment, ends_on=None).update(ends_on=on - timedelta(days=1))
        placement = _place(by, enrolment, year, year_group or (standing.year_group if standing else ""), group_name, on)
    append_event(
        by=by, at=at, verb="people.move_group", about=("enrolment", enrolment.ref), school_id=enrolment.school_id,
        access_scope=enrolment.access_scope, pupil_ids=[enrolment.pupil_id],
    )  # fmt: skip
    return placement


@action
def end_enrolment(
    *, by: AccessContext, at: datetime, enrolment: Enrolment, ends_on: date, destination: str = "", reason: str = ""
) -> Enrolment:
    """Take the pupil off the roll after a day (that day included). Raises ActionRejected for a day before the enrolment began."""
    if ends_on < enrolment.begins_on:
        raise ActionRejected("The leaving date must be on or after the admission date.")
    later = (
        Enrolment.objects.filter(
            pupil_id=enrolment.pupil_id, school_id=enrolment.school_id, begins_on__gt=enrolment.begins_on
        )
        .order_by("begins_on")
        .first()
    )
    if later and later.begins_on <= ends_on:
        raise ActionRejected(
            f"The pupil's next enrolment here begins on {in_words(later.begins_on)}. Choose a day before it."
        )
    Enrolment.objects.filter(id=enrolment.id).update(ends_on=ends_on, destination=destination)
    Placement.objects.filter(enrolment=enrolment, ends_on=None, begins_on__lte=ends_on).update(ends_on=ends_on)
    enrolment.refresh_from_db()
    append_event(
        by=by, at=at, verb="people.end_enrolment", about=("enrolment", enrolment.ref), school_id=enrolment.school_id,
        access_scope=enrolment.access_scope, pupil_ids=[enrolment.pupil_id], reason=reason,
    )  # fmt: skip
    return enrolment


def _reject_shared_days(pupil: Pupil, school_id: int, begins_on: date) -> None:
    """Raise AlreadyOnRoll if an enrolment from this day on would share a day with another one at the school."""
    for other in Enrolment.objects.filter(pupil=pupil, school_id=school_id).order_by("begins_on"):
        if other.ends_on is None:
            raise AlreadyOnRoll(f"{pupil.name} is already on roll at this school.")
        if other.ends_on >= begins_on:
            raise AlreadyOnRoll(
                f"{pupil.name}'s last day on roll at this school was {in_words(other.ends_on)}. "
                "The new date of admission must be after it."
            )


def _pupil_with(upn: str) -> Pupil | None:
    """The pupil with this UPN, at any school, whom the user may see. Raises BadIdentifier if several have it."""
    pupil_ids = set(Identifier.objects.filter(kind=upn_kind(upn), value=upn).values_list("pupil_id", flat=True))
    if len(pupil_ids) > 1:
        raise BadIdentifier("More than one pupil has this UPN. Correct that first.")
    return Pupil.objects.filter(id__in=pupil_ids).first()


def _place(
    by: AccessContext, enrolment: Enrolment, year: str, year_group: str, group_name: str, begins_on: date
) -> Placement:
    group = group_named(enrolment.school_id, year, group_name, year_group) if group_name.strip() else None
    placement = placed(
        by, enrolment.school_id, enrolment.pupil_id, enrolment.id,
        year=year, year_group=year_group, group=group, begins_on=begins_on,
    )  # fmt: skip
    placement.save()
    return placement
