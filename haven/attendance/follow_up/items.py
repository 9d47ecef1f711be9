"""The shapes of a school's day: counts, lines of the list, registers, the vulnerable pupils list. No question is asked here."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from haven.attendance.follow_up.loaders import AttemptLine, ContactLine, Sibling
from haven.attendance.follow_up.models import DaySignOff, DayStep
from haven.rules.contact_ladder import Action
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
class SeenVersion:
    """The version of a pupil's day that a page showed: the newest step, the newest attempt, and the number of changes of the register
    row."""

    step: int = 0
    entry: int = 0
    version: int = 0

    def __str__(self) -> str:
        return f"{self.step}.{self.entry}.{self.version}"

    @classmethod
    def read(cls, text: str) -> "SeenVersion | None":
        """The version from its text; None for any other text."""
        parts = text.split(".")
        if len(parts) != 3 or not all(part.isdecimal() and len(part) < 12 for part in parts):
            return None
        return cls(*map(int, parts))


@dataclass(frozen=True)
class Next:
    """The next thing to do for a pupil: a sentence, the contact, and the earliest time (None: now)."""

    action: Action
    sentence: str
    contact: ContactLine | None
    not_before: datetime | None


@dataclass(frozen=True)
class FollowUpItem:
    """One pupil of the list, in order. `days`: school days in a row without a reason. `missed` of `possible`: sessions of the year so far.
    `claim`: who is working on it now. `passed_on`: the newest handing on."""

    position: int
    pupil_id: int
    enrolment_id: int
    ref: UUID
    name: str
    form: str
    year_group: str
    priority: int
    am: str
    pm: str
    because: tuple[str, ...]
    instruction: str
    instruction_due_at: datetime | None
    instruction_done: DayStep | None
    days: int
    missed: int
    possible: int
    siblings: tuple[Sibling, ...]
    contacts: tuple[ContactLine, ...]
    attempts: tuple[AttemptLine, ...]
    attempts_today: int
    is_reached: bool
    next: Next
    claim: DayStep | None
    passed_on: DayStep | None
    explanation: DayStep | None
    remark: DayStep | None
    open_sessions: tuple[tuple[date, Half, str], ...]
    """The sessions without a reason: N of the last school days, and today's N, O or no mark. The mark is "" for none."""
    seen: SeenVersion
    newest_sentence: str
    """The newest action about the pupil today, for a user who was typing meanwhile; "" if there is none."""

    @property
    def last_attempt(self) -> AttemptLine | None:
        return self.attempts[-1] if self.attempts else None


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

    pupil_id: int
    ref: UUID
    name: str
    form: str
    priority: int
    instruction: str
    instruction_due_at: datetime | None
    instruction_done: DayStep | None
    halves: tuple[VulnerablePupilSession, ...]
    seen: SeenVersion

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

    def line_of(self, ref: UUID) -> FollowUpItem | None:
        return next((line for line in self.lines if line.ref == ref), None)

    def listed_statuses(self) -> list[tuple[str, int]]:
        """(status, pupils) of the vulnerable pupils list in the session of now; statuses of nobody left out."""
        now = (pupil.in_half(self.half) for pupil in self.listed) if self.half else ()
        counts = Counter(half.status for half in now if half)
        return [(status, counts[status]) for status in STATUSES if counts[status]]


@dataclass(frozen=True)
class OpenItem:
    """An item that is still open at the end of the day. `key` names it in a form; `pupil_id` is None for a register that is not in."""

    key: str
    pupil_id: int | None
    title: str
    about: str
    why: str
    explanation: str = ""
