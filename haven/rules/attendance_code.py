"""Defines an attendance code: symbol, byte in a packed sheet, class, description, and first and last day.

The codes themselves are data: see attendance_code_table.

The code picker asks the `questions`: the code fits when every answer is yes. `byte` is the one ASCII character that
stores the code in a packed register sheet. A one-character code is its own byte; a two-character code has a lower-case
letter or a digit. A byte is never reused for another code.
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum

REGULATIONS_2024 = date(2024, 8, 19)
"""First day of the 2024 Regulations and of the codes that came with them."""
LAST_DAY_OF_2006_CODES = date(2024, 8, 18)


class Class(Enum):
    """What a mark counts as. The values are stable: outside checks and exports rely on them."""

    PRESENT = "present"
    APPROVED_ACTIVITY = "approved_activity"
    AUTHORISED = "authorised"
    UNAUTHORISED = "unauthorised"
    NOT_POSSIBLE = "not_possible"


PRESENT, ACTIVITY = Class.PRESENT, Class.APPROVED_ACTIVITY
AUTHORISED, UNAUTHORISED, NOT_POSSIBLE = Class.AUTHORISED, Class.UNAUTHORISED, Class.NOT_POSSIBLE


@dataclass(frozen=True, slots=True)
class Code:
    """One code. `valid_from` and `valid_to` are inclusive; None means no known start, or still in force."""

    symbol: str
    byte: str
    name: str
    classed: Class
    meaning: str
    guidance: str
    questions: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    half: str | None = None
    """"AM" or "PM" where only that session may have the code."""
    remark: str = ""

    def is_in_force(self, on: date) -> bool:
        """Whether a register dated `on` may contain the code."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)
