"""A school on a morning: two classes, half of whose registers are in, families, contacts, a vulnerable pupil, a second school."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from haven.attendance.follow_up.day import FollowUpDay
from haven.attendance.follow_up.items import FollowUpItem
from haven.attendance.follow_up.queries.day import day_of
from haven.attendance.registers.models import Sheet
from haven.core.people.models import Contact, Enrolment, Household, HouseholdMember, Pupil, VulnerableListing
from haven.core.schools.models import SessionTimes
from haven.platform.accounts.context import AccessContext, access_context_for
from haven.platform.accounts.models import Allocation, Conflict, Membership, User
from haven.platform.row_security.context import access_context
from haven.rules.attendance_codes import to_byte
from haven.rules.sessions import Half, session_key
from tests.factories import registers
from tests.support.database_owner import owner

ON = date(2026, 1, 14)
AT = datetime(2026, 1, 14, 9, 12, tzinfo=UTC)
LATER = datetime(2026, 1, 14, 9, 40, tzinfo=UTC)


@dataclass
class Morning:
    """`school` with pupils 0 to 11 (even in 8 Kestrel, odd in 9 Osprey); `other` with pupil 0's sister."""

    school_data: registers.SchoolData
    other: registers.SchoolData
    pupils: list[Pupil] = field(default_factory=list)
    sister: Pupil | None = None
    users: dict[str, User] = field(default_factory=dict)

    @property
    def school_id(self) -> int:
        return int(self.school_data.school.id)

    @property
    def urn(self) -> int:
        return int(self.school_data.school.urn)

    def viewer(self, name: str) -> AccessContext:
        return access_context_for(user=self.users[name], on=ON)

    def url(self, rest: str = "today/") -> str:
        return f"/s/{self.urn}/{rest}"


EXTRA = (
    ("second", "attendance_officer"),
    ("pastoral", "pastoral_coordinator"),
    ("worker", "pupil_support_worker"),
    ("lead", "dsl"),
    ("teacher", "teacher"),
    ("governor", "governor"),
)


def build_school(pupils: int = 12) -> Morning:
    """Wednesday 14 January 2026. 8 Kestrel's register is in: pupil 0 is N for the second day and on the vulnerable pupils list, pupil 2 N,
    pupil 4 ill, pupil 6 without a mark, pupil 8 at a provider and on the list, the others here. 9 Osprey's register is not in."""
    school_data = registers.build_school(pupils=pupils, first=date(2025, 9, 1))
    other = registers.build_school(pupils=1, first=date(2025, 9, 1), urn=900002)
    morning = Morning(school_data, other)
    with owner():
        morning.pupils = list(Pupil.objects.filter(school_ids__contains=[school_data.school.id]).order_by("id"))
        morning.sister = Pupil.objects.get(school_ids__contains=[other.school.id])
        morning.users = dict(school_data.users)
        for name, role in EXTRA:
            user = User.objects.create_user(f"{name}@example.test", f"{name.title()} Person")
            Membership.objects.create(user=user, role=role, school=school_data.school, begins_on=date(2020, 1, 1))
            morning.users[name] = user
        SessionTimes.objects.create(
            school=school_data.school, begins_on=date(2020, 1, 1), am_starts=time(8, 45), am_register_closes=time(9, 15),
            am_ends=time(12, 0), pm_starts=time(13, 0), pm_register_closes=time(13, 15), pm_ends=time(15, 15),
        )  # fmt: skip
        for number, enrolment in enumerate(school_data.enrolments):
            _sheet(school_data, enrolment, {} if number % 2 else _marks(number))
        _sheet(other, other.enrolments[0], {ON: ("N", None)})
        _families(morning)
    return morning


def _marks(number: int) -> dict[date, tuple[str | None, str | None]]:
    today = {0: "N", 2: "N", 4: "I", 6: None, 8: "B"}.get(number, "/")
    marks: dict[date, tuple[str | None, str | None]] = {ON: (today, None)}
    if number == 0:
        marks[date(2026, 1, 13)] = ("N", "N")
    return marks


def _sheet(
    school_data: registers.SchoolData, enrolment: Enrolment, marks: dict[date, tuple[str | None, str | None]]
) -> Sheet:
    """Present until the day before, then what is given."""
    keys = school_data.calendar.sessions
    codes = []
    for key in keys:
        on, half = date.fromordinal(date(1970, 1, 1).toordinal() + key // 2), key % 2
        code = marks[on][half] if on in marks else (("/", "\\")[half] if on < ON else None)
        codes.append(to_byte(code))
    return Sheet.objects.create(
        school=school_data.school, author_id=school_data.users["head"].id,
        pupil_id=enrolment.pupil_id, enrolment=enrolment, year=registers.YEAR, calendar=school_data.calendar, marks=bytes(codes),
    )  # fmt: skip


def _families(morning: Morning) -> None:
    school, head = morning.school_data.school, morning.school_data.users["head"].id
    row = {"school": school, "author_id": head}
    for pupil in morning.pupils:
        for priority, relationship in enumerate(("mother", "father"), start=1):
            Contact.objects.create(
                **row, pupil=pupil, name=f"{relationship.title()} of {pupil.forename}", relationship=relationship,
                priority=priority, telephone=f"020 7946 {pupil.id:03d}{priority}", parental_responsibility=True,
                begins_on=date(2025, 9, 1),
            )  # fmt: skip
    for number, priority in ((0, 3), (8, 1)):
        VulnerableListing.objects.create(
            **row, pupil=morning.pupils[number], priority=priority, begins_on=date(2025, 9, 1), author_name="Lead",
            instruction="Ring the social worker" if priority == 3 else "",
            instruction_due=time(10, 0) if priority == 3 else None,
        )  # fmt: skip
    household = Household.objects.create(author_id=head)
    assert morning.sister is not None
    HouseholdMember.objects.create(**row, pupil=morning.pupils[0], household=household)
    HouseholdMember.objects.create(
        school=morning.other.school, author_id=head,
        pupil=morning.sister, household=household,
    )  # fmt: skip


def allocate(morning: Morning, name: str, number: int) -> None:
    """Put a pupil on a user's caseload."""
    with owner():
        Allocation.objects.create(
            user_id=morning.users[name].id, school=morning.school_data.school, 
            author_id=morning.users["head"].id, pupil_id=morning.pupils[number].id, begins_on=date(2020, 1, 1),
        )  # fmt: skip


def conflicted(morning: Morning, name: str, number: int) -> None:
    """Create a conflict of interest between a user and a pupil."""
    with owner():
        Conflict.objects.create(
            user_id=morning.users[name].id, school=morning.school_data.school, 
            author_id=morning.users["head"].id, pupil_id=morning.pupils[number].id, kind="parent", begins_on=date(2020, 1, 1),
        )  # fmt: skip


def set_mark(morning: Morning, number: int, half: Half, code: str | None) -> None:
    """Write a mark of today directly into a register row, as the owner."""
    with owner():
        sheet = Sheet.objects.get(enrolment=morning.school_data.enrolments[number])
        marks = bytearray(sheet.marks)
        marks[morning.school_data.calendar.sessions.index(session_key(ON, half))] = to_byte(code)
        Sheet.objects.filter(id=sheet.id).update(marks=bytes(marks), version=sheet.version + 1)


def look(morning: Morning, name: str = "officer", at: datetime = AT, half: Half | None = None) -> FollowUpDay:
    viewer = morning.viewer(name)
    with access_context(viewer.user_id):
        return day_of(viewer=viewer, school_id=morning.school_id, on=ON, at=at, half=half)


def line(morning: Morning, number: int, name: str = "officer", at: datetime = AT) -> FollowUpItem:
    found = look(morning, name, at).line_of(morning.pupils[number].ref)
    assert found is not None
    return found


def names(day: FollowUpDay) -> list[str]:
    return [each.pupil.name.split()[0] for each in day.lines]
