"""The UPN that lists and exports show."""

from datetime import date

import pytest

from haven.core.people.models import Identifier
from haven.core.people.queries import upns_of
from haven.platform.row_security.context import access_context
from tests.factories.registers import SchoolData, build_school
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db


def number(school_data: SchoolData, pupil_id: int, kind: str, value: str, ends_on: date | None = None) -> None:
    Identifier.objects.create(
        school=school_data.school, author_id=school_data.users["head"].id,
        pupil_id=pupil_id, kind=kind, value=value, ends_on=ends_on,
    )  # fmt: skip


def test_the_current_number_counts_then_a_temporary_one_then_the_one_that_ended_last() -> None:
    school_data = build_school(pupils=4)
    ids = [each.pupil_id for each in school_data.enrolments]
    with owner():
        Identifier.objects.all().delete()
        number(school_data, ids[0], "upn", "CURRENT")
        number(school_data, ids[0], "upn", "ENDED", date(2025, 9, 1))
        number(school_data, ids[0], "temporary_upn", "TEMPORARY")
        number(school_data, ids[1], "upn", "OLD", date(2025, 9, 1))
        number(school_data, ids[1], "temporary_upn", "FOR NOW")
        number(school_data, ids[2], "upn", "LAST", date(2025, 10, 1))
        number(school_data, ids[2], "upn", "FIRST", date(2025, 9, 1))
        number(school_data, ids[2], "former_upn", "FORMER")
    with access_context(school_data.users["head"].id):
        assert upns_of(school_id=school_data.school.id, pupil_ids=ids) == {
            ids[0]: "CURRENT", ids[1]: "FOR NOW", ids[2]: "LAST"
        }  # fmt: skip
    assert upns_of(school_id=school_data.school.id, pupil_ids=ids) == {}
