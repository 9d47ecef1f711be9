"""Two schools of one trust with their staff, for the tests of pupils and families; pupils are added by the actions."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.test import Client

from haven.core.people import actions
from haven.core.people.actions.roll import Admitted
from haven.core.people.models import Pupil, Status
from haven.core.schools.models import School, Trust
from haven.platform.accounts.context import AccessContext, access_context_for
from haven.platform.accounts.models import Membership, User
from haven.platform.row_security.context import access_context
from haven.rules.identifiers import make_upn
from tests.support.database_owner import owner

YEAR = "2025-26"
AT = datetime(2026, 1, 14, 9, 0, tzinfo=UTC)
TODAY = AT.date()
SCARY = "O'Brien-Ñandú <script>alert(1)</script>"
PEOPLE = (
    "head", "attendance_officer", "attendance_coordinator", "family_support_worker", "pastoral_coordinator", "dsl",
    "form_tutor", "teacher", "governor", "system_administrator",
)  # fmt: skip


@dataclass
class Families:
    """The schools and their staff; names are roles, with "oakhurst_" before those of the second school."""

    larkfield: School
    oakhurst: School
    users: dict[str, User] = field(default_factory=dict)

    def viewer(self, name: str) -> AccessContext:
        return access_context_for(user=self.users[name], on=TODAY)

    def add_user(self, name: str, role: str, school: School) -> User:
        user = User.objects.create_user(f"{name}@example.test", name.replace("_", " ").title())
        Membership.objects.create(user=user, role=role, school=school, begins_on=date(2020, 1, 1))
        self.users[name] = user
        return user

    def admit(self, forename: str, surname: str, **more: Any) -> Admitted:
        """Admit a pupil to Larkfield, by its head unless `who` says otherwise."""
        who = more.pop("who", "head")
        school = self.oakhurst if who.startswith("oakhurst") else self.larkfield
        values: dict[str, Any] = {
            "born_on": date(2013, 3, 4),
            "begins_on": date(2025, 9, 1),
            "year": YEAR,
            "year_group": "8",
        } | more
        with access_context(self.users[who].id):
            return actions.admit_pupil(
                by=self.viewer(who),
                at=AT,
                school_id=school.id,
                admission=actions.Admission(forename=forename, surname=surname, **values),
            )


def build_school() -> Families:
    """Larkfield Academy and Oakhurst Primary, with one person of each role at the first and a head at the second."""
    with owner():
        trust = Trust.objects.create(ref="TR1", name="Three Rivers")
        school_data = Families(
            School.objects.create(urn=900101, name="Larkfield Academy", trust=trust),
            School.objects.create(urn=900102, name="Oakhurst Primary", trust=trust),
        )
        for role in PEOPLE:
            school_data.add_user(role, role, school_data.larkfield)
        school_data.add_user("oakhurst_head", "head", school_data.oakhurst)
    return school_data


def upn(serial: int) -> str:
    return make_upn(801, 2001, 2020, serial)


def login(school_data: Families, who: str) -> Client:
    """A test client in which a user is signed in."""
    client = Client()
    client.force_login(school_data.users[who])
    return client


def record(school_data: Families, pupil: Pupil, kind: str, who: str = "dsl") -> Status:
    """A status of a pupil of Larkfield since 5 January 2026."""
    with access_context(school_data.users[who].id):
        return actions.record_status(
            by=school_data.viewer(who), at=AT, school_id=school_data.larkfield.id, pupil_id=pupil.id,
            record=actions.StatusRecord(kind=kind, begins_on=date(2026, 1, 5), source="Social worker, by telephone"),
        )  # fmt: skip
