"""The common columns of rows about pupils: school and author for the row policy, and names with their folded keys."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from haven.core.people.errors import BadIdentifier
from haven.core.people.models import Identifier, Placement, Pupil, RegistrationGroup
from haven.core.people.names import fold, names_key
from haven.platform.accounts.context import AccessContext
from haven.rules.identifiers import is_temporary_upn

NAMES = ("surname", "forename", "middle_names", "preferred_surname", "preferred_forename", "former_names")


def policy_columns(by: AccessContext, school_id: int) -> dict[str, Any]:
    """School and author of a row that the user writes."""
    return {"school_id": school_id, "author_id": by.user_id}


def named(names: Mapping[str, str]) -> dict[str, str]:
    """The name columns of a pupil, trimmed, with their search keys."""
    cleaned = {key: " ".join(names.get(key, "").split()) for key in NAMES}
    return {
        **cleaned,
        "surname_key": fold(cleaned["surname"]),
        "forename_key": fold(cleaned["forename"]),
        "names_key": names_key(*cleaned.values()),
    }


def former_names(pupil: Pupil, surname: str, forename: str) -> str:
    """The pupil's former names and those that change now, which remain searchable."""
    if (fold(surname), fold(forename)) == (pupil.surname_key, pupil.forename_key):
        return pupil.former_names
    before = f"{pupil.forename} {pupil.surname}"
    return ", ".join(filter(None, [pupil.former_names, before]))


def group_named(school_id: int, year: str, name: str, year_group: str = "") -> RegistrationGroup:
    """The registration group with that name, created if it does not exist."""
    group, _ = RegistrationGroup.objects.get_or_create(
        school_id=school_id, year=year, name=name.strip(), defaults={"year_group": year_group}
    )
    return group


def placed(
    by: AccessContext,
    school_id: int,
    pupil_id: int | None,
    enrolment_id: int | None,
    *,
    year: str,
    year_group: str,
    group: RegistrationGroup | None,
    begins_on: date,
) -> Placement:
    """An unsaved placement; without ids of pupil and enrolment if those are unsaved too."""
    owners: dict[str, Any] = {"pupil_id": pupil_id, "enrolment_id": enrolment_id}
    return Placement(
        **policy_columns(by, school_id), **owners, year=year,
        year_group=year_group or (group.year_group if group else ""), group=group, begins_on=begins_on,
    )  # fmt: skip


def upn_kind(upn: str) -> str:
    return "temporary_upn" if is_temporary_upn(upn) else "upn"


def keep_identifier(
    by: AccessContext, school_id: int, pupil_id: int, kind: str, value: str, begins_on: date | None, scheme: str = ""
) -> bool:
    """Write an identifier of a pupil at the school; False if it exists already. A new UPN ends the previous one, which becomes a former
    UPN. Raises BadIdentifier if it belongs to another pupil."""
    there = Identifier.objects.filter(school_id=school_id, kind=kind, value=value).first()
    if there is not None:
        if there.pupil_id == pupil_id:
            return False
        raise BadIdentifier("Another pupil at the school has this number. Find out whose it is.")
    if kind == "upn":
        mine = Identifier.objects.filter(school_id=school_id, pupil_id=pupil_id, ends_on=None)
        mine.filter(kind="upn").update(kind="former_upn", ends_on=begins_on)
        mine.filter(kind="temporary_upn").update(ends_on=begins_on)
    row = policy_columns(by, school_id)
    Identifier.objects.create(**row, pupil_id=pupil_id, kind=kind, value=value, scheme=scheme, begins_on=begins_on)
    return True
