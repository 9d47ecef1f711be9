"""Marks chosen on a page of a register, to be changed together: cells, whole rows and whole columns, as sent by check boxes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from haven.attendance.registers.actions.corrections import Wrong
from haven.attendance.registers.queries.marks import kind_of
from haven.attendance.registers.queries.rows import RegisterRow
from haven.platform.dates import HALF_WORDS, in_words
from haven.rules.attendance_codes import UnknownCode, to_byte
from haven.rules.sessions import session_of


@dataclass(frozen=True)
class Choice:
    """One mark that can be chosen: `value` encodes the enrolment, the session, and the code that the page shows."""

    enrolment_id: int
    key: int
    symbol: str
    name: str

    @property
    def value(self) -> str:
        return f"{self.enrolment_id}.{self.key}.{self.symbol}"

    @property
    def label(self) -> str:
        session = session_of(self.key)
        return f"{self.name}, {in_words(session.on)}, {HALF_WORDS[session.half.value]}: {self.symbol or 'no mark'}"

    @property
    def kind(self) -> str:
        return kind_of(self.symbol, session_of(self.key).on) if self.symbol else ""


@dataclass
class ChoiceLine:
    """One pupil; None for a session off roll or in the future."""

    row: RegisterRow
    cells: list[Choice | None] = field(default_factory=list)

    @property
    def value(self) -> str:
        """Every mark of the row, as the value of its check box."""
        return " ".join(cell.value for cell in self.cells if cell)


class Choosing:
    """A page of marks to choose from, `rows` x `keys`; sessions after the key `until` are in the future. `post`: what was chosen."""

    def __init__(
        self, *, rows: Sequence[RegisterRow], keys: Sequence[int], until: int, post: Any | None = None
    ) -> None:
        self.keys = list(keys)
        self.lines = [ChoiceLine(row, [self._cell(row, key, until) for key in keys]) for row in rows]
        self.columns = [
            {"session": session_of(key), "value": " ".join(line.cells[place].value for line in self.lines if line.cells[place])}  # type: ignore[union-attr]
            for place, key in enumerate(keys)
        ]  # fmt: skip
        words = [word for name in ("mark", "line", "column") for text in (post.getlist(name) if post else ()) for word in text.split()]  # fmt: skip
        self._there = {(cell.enrolment_id, cell.key) for line in self.lines for cell in line.cells if cell}
        self.chosen = self._read(words)

    @property
    def values(self) -> set[str]:
        return {f"{number}.{key}.{symbol}" for (number, key), symbol in self.chosen.items()}

    def wrong(self) -> list[Wrong]:
        """The chosen marks, with the codes that the page showed."""
        chosen = ((number, session_of(key), symbol) for (number, key), symbol in self.chosen.items())
        return [Wrong(number, session.on, session.half, symbol) for number, session, symbol in chosen]

    def _cell(self, row: RegisterRow, key: int, until: int) -> Choice | None:
        if key not in row.marks or key > until:
            return None
        return Choice(row.enrolment_id, key, row.marks[key], row.name)

    def _read(self, words: Sequence[str]) -> Mapping[tuple[int, int], str]:
        """The sent values that are marks of this page."""
        chosen: dict[tuple[int, int], str] = {}
        for word in words:
            number, _, rest = word.partition(".")
            key, _, symbol = rest.partition(".")
            if not (number.isdecimal() and key.isdecimal()) or (int(number), int(key)) not in self._there:
                continue
            try:
                to_byte(symbol or None)
            except UnknownCode:
                continue
            chosen[int(number), int(key)] = symbol
        return chosen
