"""Files as a school system exports them, of any size, for measuring imports: schools, calendar, pupils and a year of
marks.

All people in them are invented. Everything comes from one seed: the same seed gives the same files. A year of marks is
written a few hundred pupils at a time, so that a file of twenty million lines needs no more memory than a short one.
"""

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from haven.demonstration.calendar import SchoolYear, school_year
from haven.demonstration.marks import shares_to_miss, ways_of, year_of_marks
from haven.demonstration.names import Names
from haven.demonstration.shares import PHASES
from haven.rules.attendance_codes import MISSING, from_byte
from haven.rules.identifiers import make_upn
from haven.rules.sessions import Half

FIRST_URN = 990001
AUTHORITY = (999, "Larkfield")
PUPILS_AT_ONCE = 500
YEAR_GROUPS = ("7", "8", "9", "10", "11")


@dataclass(frozen=True, slots=True)
class Files:
    """The files written: the file of schools, and by URN the calendar, pupils and marks of each school. `trust_marks`
    has the marks of all schools in one file, with a column for the school."""

    schools: Path
    calendars: dict[int, Path]
    pupils: dict[int, Path]
    marks: dict[int, Path]
    trust_marks: Path
    lines: int


def upn_of(number: int) -> str:
    """The UPN of the invented pupil with this number, from 0."""
    return make_upn(AUTHORITY[0], 1000 + number // 1000, 14, number % 1000)


def write_files(
    folder: Path, *, schools: int, pupils: int, year: str = "2025-26", seed: int = 1, days: int | None = None
) -> Files:
    """Write the files of a trust: `pupils` in all, divided among the schools; the first `days` of the year (default:
    all)."""
    calendar = school_year(year)
    open_days = list(calendar.days[:days])
    urns = [FIRST_URN + place for place in range(schools)]
    shares = {urn: range(place * pupils // schools, (place + 1) * pupils // schools) for place, urn in enumerate(urns)}
    files = Files(
        schools=folder / "schools.csv",
        calendars={urn: folder / f"calendar-{urn}.csv" for urn in urns},
        pupils={urn: folder / f"pupils-{urn}.csv" for urn in urns},
        marks={urn: folder / f"marks-{urn}.csv" for urn in urns},
        trust_marks=folder / "marks-trust.csv",
        lines=2 * len(open_days) * pupils,
    )
    _write_schools(files.schools, urns)
    with files.trust_marks.open("wb") as trust:
        trust.write(b"upn,date,session,code,school_urn\n")
        for urn, numbers in shares.items():
            _write_calendar(files.calendars[urn], calendar)
            _write_pupils(files.pupils[urn], numbers, seed)
            with files.marks[urn].open("wb") as output:
                output.write(b"upn,date,session,code\n")
                for lines in marks_lines(numbers, open_days, seed=seed):
                    output.write(b"".join(lines))
                    trust.write(b"".join([line[:-1] + b",%d\n" % urn for line in lines]))
    return files


def marks_lines(numbers: Sequence[int], days: Sequence[date], *, seed: int) -> Iterator[list[bytes]]:
    """The lines of a year's marks in the long form, without headings, a few hundred pupils at a time, pupil by
    pupil."""
    ways = ways_of(PHASES[1])
    weekdays, months = np.array([day.weekday() for day in days]), np.array([day.month for day in days])
    sessions = [(day, half) for day in days for half in Half]
    tails: dict[tuple[int, int], bytes] = {}
    for start in range(0, len(numbers), PUPILS_AT_ONCE):
        some = numbers[start : start + PUPILS_AT_ONCE]
        rng = np.random.default_rng([seed, some[0]])
        groups = np.array([int(YEAR_GROUPS[number % len(YEAR_GROUPS)]) for number in some])
        marks = year_of_marks(rng, ways, shares_to_miss(rng, PHASES[1], len(some)), groups, weekdays, months)
        lines: list[bytes] = []
        for number, row in zip(some, marks, strict=True):
            upn = upn_of(number).encode()
            for place, byte in enumerate(row.tolist()):
                tail = tails.get((place, byte))
                if tail is None:
                    day, half = sessions[place]
                    code = "" if byte == MISSING else from_byte(byte)
                    tail = tails[place, byte] = f",{day},{half.value},{code}\n".encode()
                lines.append(upn + tail)
        yield lines


def _write_schools(path: Path, urns: Sequence[int]) -> None:
    headings = ["URN", "EstablishmentName", "LA (code)", "LA (name)", "EstablishmentStatus (name)", "PhaseOfEducation (name)",
                "Trusts (code)", "Trusts (name)"]  # fmt: skip
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        for place, urn in enumerate(urns, start=1):
            writer.writerow(
                [urn, f"Larkfield School {place}", *AUTHORITY, "Open", "Secondary", "9001", "Larkfield Trust"]
            )


def _write_calendar(path: Path, year: SchoolYear) -> None:
    lines = [f"{day},{half.value}\n" for day in year.days for half in Half]
    path.write_text("date,session\n" + "".join(lines), encoding="utf-8")


def _write_pupils(path: Path, numbers: Sequence[int], seed: int) -> None:
    headings = ["upn", "surname", "forename", "dob", "sex", "year_group", "registration_group", "start_date", "sen", "fsm",
                "postcode", "contact1_name", "contact1_relationship", "contact1_phone", "contact1_priority",
                "contact2_name", "contact2_relationship", "contact2_phone", "contact2_priority"]  # fmt: skip
    names = Names(random.Random(f"{seed} {numbers[0] if numbers else 0}"))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        for number in numbers:
            writer.writerow(_pupil(names, number))


def _pupil(names: Names, number: int) -> list[object]:
    rng, origin = names.rng, names.origin()
    sex, surname, (_, postcode) = rng.choice("MF"), names.surname(origin), names.address()
    group = YEAR_GROUPS[number % len(YEAR_GROUPS)]
    born = date(2025 - int(group) - 5, rng.randint(1, 8), rng.randint(1, 28))
    contacts: list[object] = []
    for place, (relationship, kind) in enumerate((("Mother", "F"), ("Father", "M")), start=1):
        contacts += [f"{names.forename(origin, kind)} {surname}", relationship, names.mobile(), place]
    letter = "ABCDEFGH"[number // len(YEAR_GROUPS) % 8]
    return [
        upn_of(number), surname, names.forename(origin, sex), born, sex, group, f"{group}{letter}", "2025-09-01",
        rng.choices("NKE", (80, 15, 5))[0], rng.choices("NY", (75, 25))[0], postcode, *contacts,
    ]  # fmt: skip
