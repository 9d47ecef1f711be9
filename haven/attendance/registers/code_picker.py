"""The codes that may be used in a session, in the order of the code picker, with questions and guidance.

Source: haven.rules.attendance_code_table (SI 2024/208 regulation 10; Working together to improve school attendance).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from haven.rules.attendance_codes import Class, Code, codes_in_force
from haven.rules.sessions import Half

TITLES = {
    Class.PRESENT: "Present",
    Class.APPROVED_ACTIVITY: "Approved educational activity",
    Class.AUTHORISED: "Authorised absence",
    Class.UNAUTHORISED: "Unauthorised absence",
    Class.NOT_POSSIBLE: "Not a possible session",
}


@dataclass(frozen=True, slots=True)
class CodeGroup:
    """Codes that are counted in the same way."""

    title: str
    codes: tuple[Code, ...]

    def has(self, symbol: str) -> bool:
        return any(code.symbol == symbol for code in self.codes)


def code_groups(on: date, half: Half | None = None) -> list[CodeGroup]:
    """The codes in force on a day (or in one session of it), grouped by how they are counted."""
    codes = codes_in_force(on, half.value if half else None)
    groups = (CodeGroup(title, tuple(code for code in codes if code.classed is kind)) for kind, title in TITLES.items())
    return [group for group in groups if group.codes]


def choices(on: date, *, without: Iterable[str] = ()) -> list[tuple[str, str]]:
    """(symbol, "I · Illness") of the codes in force on a day, for a select box."""
    left_out = set(without)
    return [(code.symbol, f"{code.symbol} · {code.name}") for code in codes_in_force(on) if code.symbol not in left_out]


def first_letters(on: date) -> str:
    """The first characters of the codes in force, for the grid of a register."""
    return "".join(sorted({code.symbol[0] for code in codes_in_force(on)}))


def two_letters(on: date) -> str:
    """The codes of two characters in force, with spaces between."""
    return " ".join(code.symbol for code in codes_in_force(on) if len(code.symbol) == 2)
