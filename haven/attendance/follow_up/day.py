"""A school's day: counts, registers, the vulnerable pupils list and what is open at its end. No query is made here."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from haven.attendance.follow_up.items import FollowUpItem, SeenVersion
from haven.attendance.follow_up.models import DaySignOff, DayStep
from haven.attendance.follow_up.roll_snapshot import RollRow
from haven.core.people.queries import Listing
from haven.rules.sessions import Half
from haven.rules.whereabouts import Whereabouts


@dataclass(frozen=True)
class Counts:
    """The pupils on roll whose attendance the user may see. Each is counted in one field: `on_roll` is the sum of the others."""

    on_roll: int = 0
    here: int = 0
    elsewhere: int = 0
    reason: int = 0
    missing: int = 0
    waiting: int = 0
    not_expected: int = 0

    def as_dict(self) -> dict[str, int]:
        return dict(vars(self))


@dataclass(frozen=True)
class Register:
    """The register of one class in the current session. `unmarked` of `pupils` have no mark."""

    group_id: int | None
    form: str
    tutor_id: int | None
    tutor: str
    pupils: int
    unmarked: int
    is_in: bool
    is_late: bool


@dataclass(frozen=True)
class VulnerablePupilSession:
    """One session of a pupil on the vulnerable pupils list: the mark, the box, and who said what last."""

    half: Half
    code: str
    box: Whereabouts
    is_begun: bool
    said: bool | None
    by: str
    at: datetime | None
    words: str

    @property
    def status(self) -> str:
        """The status in plain words; the panel groups pupils by it."""
        if not self.is_begun:
            return "Not started"
        if self.box is Whereabouts.ELSEWHERE:
            return "Accounted for" if self.said else TO_BE_CONFIRMED
        return STATUS[self.box]


TO_BE_CONFIRMED = "Off site, to be confirmed"
STATUS = {
    Whereabouts.HERE: "In school",
    Whereabouts.REASON: "Absent, reason given",
    Whereabouts.MISSING: "Not accounted for",
    Whereabouts.WAITING: "Register not taken",
    Whereabouts.NOT_EXPECTED: "Not expected",
}
STATUSES = (
    "In school", "Accounted for", TO_BE_CONFIRMED, "Absent, reason given", "Not expected",
    "Register not taken", "Not started", "Not accounted for",
)  # fmt: skip
"""Every status of the vulnerable pupils list, in the order of its panel."""


@dataclass(frozen=True)
class VulnerablePupil:
    """A pupil on the vulnerable pupils list, with both sessions of the day."""

    pupil: RollRow
    listing: Listing
    instruction_due_at: datetime | None
    instruction_done: DayStep | None
    halves: tuple[VulnerablePupilSession, ...]
    seen: SeenVersion

    @property
    def instruction(self) -> str:
        return self.listing.instruction_before_time

    def in_half(self, half: Half) -> VulnerablePupilSession | None:
        return next((state for state in self.halves if state.half is half), None)


@dataclass(frozen=True)
class FollowUpDay:
    """A school's day, limited to what the user may see. `half` is None if the school is closed; then everything is empty."""

    school_id: int
    on: date
    at: datetime
    half: Half | None
    counts: Counts
    lines: tuple[FollowUpItem, ...]
    registers: tuple[Register, ...]
    listed: tuple[VulnerablePupil, ...]
    signed_off: DaySignOff | None
    is_whole_school: bool
    counter: int
    ended_before: DaySignOff | None = None
    """The sign-off of the newest earlier day that was signed off."""

    @property
    def is_open(self) -> bool:
        return self.half is not None

    @property
    def registers_in(self) -> int:
        return sum(register.is_in for register in self.registers)

    @property
    def registers_out(self) -> tuple[Register, ...]:
        return tuple(register for register in self.registers if not register.is_in)

    @property
    def unknown(self) -> str:
        """How many pupils of how many classes nobody knows of yet, as a sentence; empty once every register is in."""
        return unknown_words(self.counts.waiting, len(self.registers_out))

    def line_of(self, ref: UUID) -> FollowUpItem | None:
        return next((line for line in self.lines if line.pupil.ref == ref), None)

    def listed_statuses(self) -> list[tuple[str, int]]:
        """(status, pupils) of the vulnerable pupils list in the session of now; statuses of nobody left out."""
        now = (pupil.in_half(self.half) for pupil in self.listed) if self.half else ()
        counts = Counter(half.status for half in now if half)
        return [(status, counts[status]) for status in STATUSES if counts[status]]


def unknown_words(pupils: int, classes: int) -> str:
    """ "12 pupils in 2 classes are still unknown: their registers are not taken."; empty if there are no such pupils."""
    if not pupils:
        return ""
    who = "1 pupil" if pupils == 1 else f"{pupils} pupils"
    where = "1 class" if classes == 1 else f"{classes} classes"
    verb, register = (
        ("is", "the register is")
        if pupils == 1
        else ("are", "the register is" if classes == 1 else "the registers are")
    )
    return f"{who} in {where} {verb} still unknown: {register} not taken."


@dataclass(frozen=True)
class OpenItem:
    """An item that is still open at the end of the day. `key` names it in a form; `pupil_id` is None for a register that is not in."""

    key: str
    pupil_id: int | None
    title: str
    about: str
    why: str
    explanation: str = ""
