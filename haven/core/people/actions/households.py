"""Brothers and sisters: pupils of one household, across the schools at which the user may edit pupils."""

from collections.abc import Sequence
from datetime import datetime

from haven.core.people.models import Household, HouseholdMember, Pupil
from haven.core.people.rows import policy_columns
from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.platform.errors import ActionRejected


@action
def keep_household(*, by: AccessContext, at: datetime, pupil_ids: Sequence[int]) -> int:
    """Put these pupils into one household, together with those already in the household of any of them; returns the household's number.

    A row is written for each school of each pupil at which the user may edit pupils. Raises ActionRejected if a pupil is at none of them.
    """
    wanted = list(dict.fromkeys(pupil_ids))
    places = _places(by, wanted)
    rows = list(HouseholdMember.objects.filter(pupil_id__in=wanted).order_by("household_id"))
    households = sorted({row.household_id for row in rows})
    home = households[0] if households else Household.objects.create(author_id=by.user_id).id
    HouseholdMember.objects.filter(household_id__in=households[1:]).update(household_id=home)
    there = set(HouseholdMember.objects.filter(household_id=home).values_list("pupil_id", "school_id"))
    HouseholdMember.objects.bulk_create(
        HouseholdMember(**policy_columns(by, school_id), pupil_id=pupil_id, household_id=home)
        for pupil_id, school_id in places
        if (pupil_id, school_id) not in there
    )
    append_event(by=by, at=at, verb="people.keep_household", about=("household", home), pupil_ids=wanted)
    return home


@action
def leave_household(*, by: AccessContext, at: datetime, pupil_id: int) -> None:
    """Take the pupil out of the household, into a new household of one."""
    alone = Household.objects.create(author_id=by.user_id)
    HouseholdMember.objects.filter(pupil_id=pupil_id).update(household=alone)
    append_event(by=by, at=at, verb="people.leave_household", about=("household", alone.id), pupil_ids=[pupil_id])


def _places(by: AccessContext, pupil_ids: list[int]) -> list[tuple[int, int]]:
    schools = [place.school_id for place in by.places if by.may("manage_people", place.school_id)]
    pupils = Pupil.objects.filter(id__in=pupil_ids).values_list("id", "school_ids")
    places = [(pupil, school) for pupil, at in pupils for school in at if school in schools]
    if {pupil for pupil, _ in places} != set(pupil_ids):
        raise ActionRejected(
            "You cannot change the records of one of these pupils. Ask the attendance staff of that pupil's school."
        )
    return places
