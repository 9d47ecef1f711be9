"""A small school with registers, created by the owner: two classes, an officer, a head, two tutors."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from haven.attendance.registers.actions.registers import amend_mark, take_marks
from haven.attendance.registers.editor import Counts
from haven.attendance.registers.models import Sheet
from haven.attendance.registers.rebuild import rebuild_sheet
from haven.core.people.models import Enrolment, Identifier, Placement, Pupil, RegistrationGroup
from haven.core.schools.models import Calendar, School
from haven.platform.accounts.context import AccessContext, access_context_for
from haven.platform.accounts.models import Membership, User
from haven.platform.row_security.context import access_context
from haven.rules.identifiers import make_upn
from haven.rules.sessions import Half, session_key
from tests.support.database_owner import owner

YEAR = "2025-26"
MONDAY = date(2026, 1, 5)
AT = datetime(2026, 1, 14, 9, 0, tzinfo=UTC)
PEOPLE = (
    ("head", "head"),
    ("officer", "attendance_officer"),
    ("kestrel", "form_tutor"),
    ("osprey", "form_tutor"),
    ("admin", "system_administrator"),
)


@dataclass
class SchoolData:
    """The people and objects of the school, by short names."""

    school: School
    calendar: Calendar
    users: dict[str, User] = field(default_factory=dict)
    groups: dict[str, RegistrationGroup] = field(default_factory=dict)
    enrolments: list[Enrolment] = field(default_factory=list)
    other: School | None = None

    def viewer(self, name: str) -> AccessContext:
        return access_context_for(user=self.users[name], on=AT.date())

    def url(self, rest: str = "") -> str:
        return f"/s/{self.school.urn}/{rest}"


def weekdays(first: date, last: date) -> list[int]:
    """Session keys of Monday to Friday from one day to another."""
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    return [session_key(day, half) for day in days if day.weekday() < 5 for half in Half]


def build_school(
    *, pupils: int = 6, first: date = date(2026, 1, 5), last: date = date(2026, 2, 13), urn: int = 900001
) -> SchoolData:
    """The school with its calendar (weekdays from `first` to `last`), its people and pupils, half of them in each class."""
    with owner():
        school = School.objects.create(urn=urn, name="Larkfield Academy")
        calendar = Calendar.objects.create(
            school=school, year=YEAR, sessions=weekdays(first, last), made_at=AT, reason="First"
        )
        school_data = SchoolData(school, calendar)
        for name, role in PEOPLE:
            user = User.objects.create_user(f"{name}{urn}@example.test", name.title())
            Membership.objects.create(user=user, role=role, school=school, begins_on=date(2020, 1, 1))
            school_data.users[name] = user
        for name, tutor in (("8 Kestrel", "kestrel"), ("9 Osprey", "osprey")):
            school_data.groups[name] = RegistrationGroup.objects.create(
                school=school, year=YEAR, name=name, year_group=name[0], tutor=school_data.users[tutor]
            )
        for number in range(pupils):
            school_data.enrolments.append(enrol(school_data, number, list(school_data.groups.values())[number % 2]))
    return school_data


def enrol(
    school_data: SchoolData, number: int, group: RegistrationGroup, begins_on: date = date(2025, 9, 1)
) -> Enrolment:
    """Add one more pupil, as the owner."""
    school, author = school_data.school, school_data.users["head"].id
    row = {"school": school, "author_id": author}
    pupil = Pupil.objects.create(
        forename=f"Pupil{number:03d}", surname="O'Brien-Ñandú <script>" if number == 0 else f"Surname{number:03d}",
        forename_key=f"pupil{number:03d}", surname_key=f"surname{number:03d}", school_ids=[school.id],
        born_on=date(2012, 1, 1), sex="F" if number % 2 else "M",
    )  # fmt: skip
    enrolment = Enrolment.objects.create(**row, pupil=pupil, begins_on=begins_on)
    Placement.objects.create(
        **row, pupil=pupil, enrolment=enrolment, year=YEAR, year_group=group.year_group, group=group,
        begins_on=begins_on,
    )  # fmt: skip
    Identifier.objects.create(**row, pupil=pupil, kind="upn", value=make_upn(801, 2000, 20, number))
    return enrolment


def key(day: int, half: str = "AM") -> int:
    """The session of day number `day` of the calendar (0 is Monday 5 January 2026)."""
    return session_key(MONDAY + timedelta(days=day), Half(half))


def take(school_data: SchoolData, marks: list[tuple[int, int, str]], who: str = "officer", **more: Any) -> Counts:
    """`marks` by the pupil's number in the school_data."""
    listed = [(school_data.enrolments[number].id, place, symbol) for number, place, symbol in marks]
    with access_context(school_data.users[who].id):
        return take_marks(
            by=school_data.viewer(who),
            at=AT,
            school_id=school_data.school.id,
            year=YEAR,
            marks=listed,
            **{"source": "page", **more},
        )


def amend(
    school_data: SchoolData, number: int, place: tuple[int, str], symbol: str, who: str = "officer", **more: Any
) -> Any:
    day, half = place
    with access_context(school_data.users[who].id):
        return amend_mark(
            by=school_data.viewer(who), at=AT, enrolment_id=school_data.enrolments[number].id, on=MONDAY + timedelta(days=day),
            half=half, symbol=symbol, **{"reason": "mother rang", **more},
        )  # fmt: skip


def marks_of(school_data: SchoolData, number: int) -> str:
    with owner():
        sheet = Sheet.objects.get(enrolment=school_data.enrolments[number])
        assert rebuild_sheet(sheet) == bytes(sheet.marks)
        return bytes(sheet.marks).decode()
