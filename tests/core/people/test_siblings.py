"""Brothers and sisters across schools: each is listed once, however many schools the children attend."""

from datetime import date

import pytest
from django.db import connection

from haven.core.people.models import Enrolment, Household, HouseholdMember, Placement, Pupil
from haven.core.schools.models import School
from haven.platform.accounts.models import Membership, User
from haven.platform.row_security.context import access_context
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
SINCE = date(2024, 9, 1)


def enrol(pupil: Pupil, school: School, author: int) -> None:
    where = {"school": school, "author_id": author, "pupil": pupil, "begins_on": SINCE}
    enrolment = Enrolment.objects.create(**where)
    Placement.objects.create(
        enrolment=enrolment,
        year="2025-26",
        year_group="9",
        **where,
    )


def test_a_brother_at_one_school_of_a_pupil_at_two_is_told_once() -> None:
    with owner():
        high, bridge = School.objects.create(urn=900001, name="High"), School.objects.create(urn=900003, name="Bridge")
        officer = User.objects.create_user("officer@example.test", "Priya Nair")
        Membership.objects.create(user=officer, role="attendance_officer", school=high, begins_on=SINCE)
        sami, aisha = (
            Pupil.objects.create(
                surname="Rahman", forename=name, surname_key="rahman", forename_key=name.lower(), school_ids=[high.id]
            )
            for name in ("Sami", "Aisha")
        )
        household = Household.objects.create(author_id=officer.id)
        for pupil, schools in ((sami, (high, bridge)), (aisha, (high, bridge))):
            for school in schools:
                enrol(pupil, school, officer.id)
                HouseholdMember.objects.create(
                    household=household,
                    pupil=pupil,
                    school=school,
                    author_id=officer.id,
                )
    with access_context(officer.id), connection.cursor() as cursor:
        cursor.execute("select forename, school_name from app.siblings(%s) order by 2", [[sami.id]])
        assert cursor.fetchall() == [("Aisha", "Bridge"), ("Aisha", "High")]
