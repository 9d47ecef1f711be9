"""Prepares the morning of the demonstration: who is missing without a reason at 09:12, and what was done yesterday.

The generated marks of the day are put in order: most absences have a reason by now, some children are missing without one, among
them children on the vulnerable pupils list, children on a second day, brothers and sisters at two schools, and children with no
mark at all; one or two classes have no register yet.
"""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from haven.demonstration.families import Child
from haven.demonstration.marks import byte
from haven.demonstration.places import Place
from haven.demonstration.registers import Amended, Note, Register
from haven.demonstration.rolls import Group
from haven.demonstration.staff import Staff
from haven.rules.attendance_code import Class
from haven.rules.attendance_codes import CODES, MISSING

LONDON = ZoneInfo("Europe/London")
NOW = time(9, 12)
ABSENT = np.array(
    [ord(code.byte) for code in CODES if code.classed in (Class.AUTHORISED, Class.UNAUTHORISED)], np.uint8
)
KNOWN_BEFORE = ("M", "C2", "C", "C1", "R", "J1", "S", "E", "T", "G")
"""Reasons that the office may know before the day."""
MISSING_OF_EACH = 0.0065
"""The approximate share of a school's pupils who are missing without a reason at this time."""
OLD_N_OF_EACH = 0.006
KNOWN_BESIDE_O = (
    "Mother says he is not able to come in; support plan in place.",
    "At home by her own account; family support worker calls daily.",
    "Family away without leave; grandmother says back next week.",
    "Finds it hard to leave the house; meeting with the family arranged.",
    "Father says the uniform is not ready; absence not authorised.",
)


def at(on: date, hour: int, minute: int) -> datetime:
    """A moment of a day in the schools' time zone."""
    return datetime.combine(on, time(hour, minute), LONDON)


@dataclass(slots=True)
class Planned:
    """An absence that is known beforehand."""

    place: Place
    child: Child
    first_key: int
    last_key: int
    code: str
    reason: str


@dataclass
class Morning:
    """The state of the day, school by school."""

    on: date
    yesterday: date | None
    missing: dict[int, list[Child]] = field(default_factory=dict)
    """Children missing without a reason today, by school number."""
    second_day: dict[int, list[Child]] = field(default_factory=dict)
    owed: list[Group] = field(default_factory=list)
    planned: list[Planned] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return datetime.combine(self.on, NOW, LONDON)


def arrange(
    rng: random.Random,
    registers: list[Register],
    staff: Staff,
    priorities: dict[int, int],
    *,
    on: date,
    yesterday: date | None,
) -> Morning:
    """Put the day in order at every school; changes the registers' marks. `priorities`: place on the vulnerable pupils list by child id."""
    morning = Morning(on, yesterday)
    siblings = _sibling_pairs(registers)
    for register in registers:
        _old_n(rng, register, on)
        _owe(rng, register, morning, staff)
        chosen = _choose(rng, register, priorities, siblings, morning)
        _mark(rng, register, chosen, morning)
        _plan(rng, register, morning)
        _notes(rng, register)
        _amendments(rng, register, staff, morning)
    return morning


def _here(register: Register) -> list[int]:
    """Rows that may be missing today: on roll, register taken, expected at this school."""
    column = register.marks[:, register.today]
    return [
        row
        for row, stay in enumerate(register.stays)
        if column[row] not in (MISSING, byte("D")) and not stay.group.owes
    ]


def _owe(rng: random.Random, register: Register, morning: Morning, staff: Staff) -> None:
    """Leave one class of every school with more than ten, and the class of the form tutor who signs in, without a
    register."""
    groups = {id(stay.group): stay.group for stay in register.stays}
    tutor = staff.cast["form_tutor"]
    owing = [group for group in groups.values() if group.tutor is tutor]
    others = [group for group in groups.values() if group.tutor is not tutor]
    if len(groups) > 10:
        owing.append(rng.choice(others))
    for group in owing:
        group.owes = True
    morning.owed += owing
    keys = register.year.keys
    assert register.today is not None
    for row, stay in enumerate(register.stays):
        if stay.group.owes:
            if register.marks[row, register.today] == byte("D"):
                child, first = stay.enrolment.child, keys[register.today]
                morning.planned.append(
                    Planned(register.place, child, first, first + 1, "D", "At the other school today")
                )
            register.marks[row, register.today] = MISSING


def _sibling_pairs(registers: list[Register]) -> dict[int, list[int]]:
    """By school number, the rows of one or two families whose children are missing at two schools at once."""
    rows: dict[int, list[tuple[int, int]]] = {}
    for register in registers:
        for row in _here(register):
            family = register.stays[row].enrolment.child.family
            rows.setdefault(id(family), []).append((register.place.number, row))
    pairs: dict[int, list[int]] = {}
    pair_counts: dict[tuple[int, int], int] = {}
    for places in rows.values():
        numbers = sorted({number for number, _ in places})
        if (
            len(numbers) < 2
            or pair_counts.get((numbers[0], numbers[1]), 0) >= (2 if numbers[0] == 0 else 1)
            or len(places) > 2
        ):
            continue
        pair_counts[numbers[0], numbers[1]] = pair_counts.get((numbers[0], numbers[1]), 0) + 1
        for number in numbers[:2]:
            pairs.setdefault(number, []).append(next(row for where, row in places if where == number))
    return pairs


def _choose(
    rng: random.Random, register: Register, priorities: dict[int, int], siblings: dict[int, list[int]], morning: Morning
) -> dict[int, str]:
    """Map each chosen row to how the child is missing: "n" (marked N), "unmarked", or "second" (missing yesterday
    too)."""
    here = _here(register)
    wanted = max(min(2, len(here) // 8), round(len(register.stays) * MISSING_OF_EACH))
    child = {row: register.stays[row].enrolment.child for row in here}
    shuffled = rng.sample(here, len(here))
    chosen: dict[int, str] = {}
    for priority, count in ((3, 1), (2, 1), (1, 2)):
        listed = [row for row in shuffled if priorities.get(child[row].id) == priority and row not in chosen]
        chosen.update(dict.fromkeys(listed[: max(1, count * wanted // 12) if wanted >= 4 else 0], "n"))
    number = register.place.number
    for row in siblings.get(number, []):
        if row in child and len(chosen) < max(2, wanted - 1):
            chosen[row] = "n"
    rest = [row for row in shuffled if row not in chosen and not priorities.get(child[row].id)]
    second = rest[: max(1, wanted // 4)]
    chosen.update(dict.fromkeys(second, "second"))
    unmarked = rest[len(second) : len(second) + wanted // 6]
    chosen.update(dict.fromkeys(unmarked, "unmarked"))
    more = max(1, wanted - len(chosen))
    after = len(second) + len(unmarked)
    chosen.update(dict.fromkeys(rest[after : after + more], "n"))
    morning.missing[number] = [child[row] for row in chosen]
    return chosen


def _mark(rng: random.Random, register: Register, chosen: dict[int, str], morning: Morning) -> None:
    """Write today's marks: the chosen rows have N or nothing; every other absence has a reason by now."""
    today, marks = register.today, register.marks
    assert today is not None
    seconds = morning.second_day.setdefault(register.place.number, [])
    known = {byte(code) for code in KNOWN_BEFORE} | {byte("I"), byte("K")}
    for row in _here(register):
        mark = int(marks[row, today])
        if row in chosen:
            marks[row, today] = MISSING if chosen[row] == "unmarked" else byte("N")
            if today >= 2:
                absent = chosen[row] == "second"
                marks[row, today - 2], marks[row, today - 1] = (
                    (byte("N"), byte("N")) if absent else (byte("/"), byte("\\"))
                )
                if absent and marks[row, max(0, today - 4)] in ABSENT:
                    marks[row, today - 4], marks[row, today - 3] = byte("/"), byte("\\")
                if absent:
                    seconds.append(register.stays[row].enrolment.child)
        elif mark == byte("U"):
            marks[row, today] = byte("L")
        elif mark in ABSENT and mark not in known:
            # the office knows by now about children absent for some days; somebody has called about the others
            goes_on = today >= 2 and marks[row, today - 2] == byte("O")
            marks[row, today] = byte("O") if goes_on else byte("I") if rng.random() < 0.7 else byte("/")


def _old_n(rng: random.Random, register: Register, on: date) -> None:
    """Leave some absences of the last four weeks without a reason, several of them for more than five school days."""
    today = register.today
    assert today is not None
    wanted = max(1, round(len(register.stays) * OLD_N_OF_EACH))
    first, last = max(0, today - 34), today - 6
    if last <= first:
        return
    window = register.marks[:, first:last]
    rows, columns = np.nonzero(window == byte("O"))
    mornings = [n for n in range(len(rows)) if columns[n] % 2 == first % 2]
    for n in rng.sample(mornings, min(wanted, len(mornings))):
        row, column = int(rows[n]), first + int(columns[n])
        for half in (column, column + 1):
            if register.marks[row, half] == byte("O"):
                register.marks[row, half] = byte("N")


def _plan(rng: random.Random, register: Register, morning: Morning) -> None:
    """Create plans for today's known absences, and for a few future ones."""
    today = register.today
    assert today is not None
    keys = register.year.keys
    words = {
        "M": "Dentist; back before lunch", "C2": "Part-time timetable agreed with the family", "C": "Funeral in the family",
        "R": "Religious festival", "J1": "College interview", "E": "Suspended", "T": "Family travelling for work", "S": "Study leave",
    }  # fmt: skip
    lasts = {"C2": 20, "C": 3, "E": 5, "T": 9, "S": 5}
    planned = {"M": 4, "C2": 3, "C": 3, "E": 4, "R": 3, "J1": 2, "T": 2, "S": 3}
    column = register.marks[:, today]
    for code, reason in words.items():
        rows = [int(row) for row in np.flatnonzero(column == byte(code)) if not register.stays[row].group.owes]
        if not rows and code in ("M", "C2", "C"):
            present = [row for row in _here(register) if column[row] == byte("/")]
            rows = rng.sample(present, min(1 + len(present) // 400, len(present)))
            register.marks[rows, today] = byte(code)
        for row in rows[: planned[code]]:
            last = min(len(keys) - 1, today + lasts.get(code, 0))
            child = register.stays[row].enrolment.child
            morning.planned.append(Planned(register.place, child, keys[today], keys[last], code, reason))
    later = [row for row in _here(register) if column[row] == byte("/")]
    for row in rng.sample(later, min(1 + len(later) // 300, len(later))):
        if today + 4 < len(keys):
            first = today + 4
            child = register.stays[row].enrolment.child
            morning.planned.append(
                Planned(register.place, child, keys[first], keys[first], "M", "Hospital appointment")
            )


def _notes(rng: random.Random, register: Register) -> None:
    """Notes of the last two weeks: minutes late beside L and U, and what is known beside each O."""
    today = register.today
    assert today is not None
    first = max(0, today - 20)
    rows, columns = np.nonzero(np.isin(register.marks[:, first : today + 1], [byte("L"), byte("U"), byte("O")]))
    words: dict[int, str] = {}
    for row, place in zip(rows.tolist(), columns.tolist(), strict=True):
        column = first + place
        if register.marks[row, column] == byte("O"):
            comment = words.setdefault(row, rng.choice(KNOWN_BESIDE_O))
            register.notes.append(Note(row, column, comment=comment))
        elif register.marks[row, column] == byte("U"):
            if column < today:
                register.notes.append(Note(row, column, rng.randint(31, 75)))
        else:
            register.notes.append(Note(row, column, rng.randint(1, 18 if column == today else 28)))


def _amendments(rng: random.Random, register: Register, staff: Staff, morning: Morning) -> None:
    """Amendments of the last weeks where the reason came after the register: N first, the reason later; also this
    morning."""
    today = register.today
    assert today is not None
    officer = staff.holder(register.place, "attendance_officer")
    noted = {(note.row, note.column) for note in register.notes}
    first = max(0, today - 60)
    rows, columns = np.nonzero(np.isin(register.marks[:, first : today + 1], [byte("I"), byte("O"), byte("M")]))
    for row, place in zip(rows.tolist(), columns.tolist(), strict=True):
        column = first + place
        if column % 2 or rng.random() > (0.12 if column == today else 0.25) or (row, column) in noted:
            continue
        mark = int(register.marks[row, column])
        day = register.year.days[column // 2]
        if column == today:
            if mark == byte("O"):
                continue
            when, reason = at(day, 9, rng.randint(1, 10)), _said(rng, mark)
        elif mark == byte("O"):
            days = min(today // 2, column // 2 + 5)
            when, reason = at(register.year.days[days], 8, rng.randint(15, 40)), "No reason after five school days"
        else:
            when, reason = at(day, rng.randint(9, 11), rng.randint(13, 59)), _said(rng, mark)
        if when <= morning.now:
            register.amended.append(Amended(row, column, byte("N"), reason, officer, "Attendance officer", when))


def _said(rng: random.Random, mark: int) -> str:
    if mark == byte("M"):
        return rng.choice(("Mother called: dentist", "Appointment card seen", "Father called: hospital appointment"))
    return rng.choice(
        ("Mother called: temperature", "Father called: being sick", "Mother called: cough and cold", "Email from mother: migraine",
         "Carer called: stomach upset", "Mother called: chest infection, seen by the doctor")
    )  # fmt: skip


def day_before(days: tuple[date, ...], on: date) -> date | None:
    """The previous school day of the same year; None on the first day of the year."""
    before = [day for day in days if day < on and on - day <= timedelta(days=30)]
    return before[-1] if before else None
