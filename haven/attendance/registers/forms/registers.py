"""A page of a register: cells with codes, the codes that the page showed, and one reason for all changes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from haven.attendance.registers.actions.registers import Clash, Entered
from haven.attendance.registers.editor import LATE_CODES, parse_code
from haven.attendance.registers.queries.marks import kind_of
from haven.attendance.registers.queries.rows import RegisterRow
from haven.platform.dates import HALF_WORDS, in_words
from haven.rules.attendance_codes import UnknownCode, classify
from haven.rules.decision import Decision
from haven.rules.sessions import Half, session_of

Place = tuple[int, int]
"""Enrolment id, session key."""
PRESENT = {Half.AM: "/", Half.PM: "\\"}


@dataclass
class Cell:
    """One cell of the grid."""

    enrolment_id: int
    key: int
    label: str
    value: str
    seen: str
    is_open: bool
    plan: str = ""
    error: str = ""
    history: str = ""
    """The address of the mark's history, set by the page if there is a mark."""

    @property
    def name(self) -> str:
        return f"m-{self.enrolment_id}-{self.key}"

    @property
    def seen_name(self) -> str:
        return f"s-{self.enrolment_id}-{self.key}"

    @property
    def on(self) -> date:
        return session_of(self.key).on

    @property
    def half(self) -> str:
        return session_of(self.key).half.value

    @property
    def kind(self) -> str:
        """The category of the current mark, for its colour; "" for none."""
        return kind_of(self.seen, self.on) if self.seen else ""


@dataclass
class Late:
    """A pupil who arrived late, and the minutes."""

    enrolment_id: int
    key: int
    label: str
    minutes: str
    known: int | None = None
    error: str = ""

    @property
    def name(self) -> str:
        return f"l-{self.enrolment_id}-{self.key}"


@dataclass
class Line:
    """One pupil. A cell is None for a session off roll."""

    row: RegisterRow
    cells: list[Cell | None] = field(default_factory=list)


class RegisterForm:
    """`rows` x `keys`. `may_enter` and `may_change` say for each session whether a mark may be entered and changed; `prefills` whether
    planned absence fills empty cells. `post` None: the current state."""

    def __init__(
        self,
        *,
        rows: Sequence[RegisterRow],
        keys: Sequence[int],
        may_enter: Callable[[int], Decision],
        may_change: Callable[[int], Decision],
        prefills: Callable[[int], bool],
        post: Mapping[str, str] | None = None,
    ) -> None:
        self.keys, self.post = list(keys), post
        self._enter = {key: may_enter(key) for key in keys}
        self._change = {key: may_change(key) for key in keys}
        self._prefills = {key: prefills(key) for key in keys}
        self.reason = post.get("reason", "").strip() if post is not None else ""
        self.reason_error = ""
        self.lines = [Line(row, [self._cell(row, key) for key in keys]) for row in rows]
        self.late = [field for line in self.lines for field in self._late(line)]
        if post is not None and post.get("fill"):
            self._fill(post["fill"])

    @property
    def cells(self) -> Iterable[Cell]:
        return (cell for line in self.lines for cell in line.cells if cell is not None)

    @property
    def can_save(self) -> bool:
        return any(cell.is_open for cell in self.cells)

    @property
    def late_unknown(self) -> list[Late]:
        """The late pupils whose minutes are not entered, or not valid."""
        return [late for late in self.late if late.known is None or late.error]

    @property
    def late_known(self) -> list[Late]:
        return [late for late in self.late if late not in self.late_unknown]

    @property
    def why_not(self) -> str:
        """The reason why nothing can be saved here."""
        return next((decision.because for decision in self._enter.values() if not decision), "")

    @property
    def has_marks(self) -> bool:
        """Whether there is any mark, so that a change needs its reason."""
        return any(cell.seen for cell in self.cells)

    def _cell(self, row: RegisterRow, key: int) -> Cell | None:
        if key not in row.marks:
            return None
        session, now, plan = session_of(key), row.marks[key], row.plans.get(key, "")
        label = f"{row.name}, {in_words(session.on)}, {HALF_WORDS[session.half.value]}"
        value, seen = now or (plan if self._prefills[key] else ""), now
        if self.post is not None:
            value = self.post.get(f"m-{row.enrolment_id}-{key}", value).strip().upper()
            seen = self.post.get(f"s-{row.enrolment_id}-{key}", seen)
        is_open = bool(self._change[key] if now else self._enter[key])
        return Cell(row.enrolment_id, key, label, value, seen, is_open, plan)

    def _late(self, line: Line) -> Iterable[Late]:
        for cell in line.cells:
            if cell is not None and cell.seen in LATE_CODES and cell.is_open:
                beside = line.row.beside.get(cell.key)
                known = beside.minutes_late if beside else None
                typed = "" if known is None else str(known)
                if self.post is not None:
                    typed = self.post.get(f"l-{cell.enrolment_id}-{cell.key}", typed).strip()
                yield Late(
                    cell.enrolment_id, cell.key, f"{line.row.name}, {in_words(cell.on)}, {cell.half}", typed, known
                )

    def _fill(self, words: str) -> None:
        """Put "present" into the empty cells of one session; this does not save."""
        for cell in self.cells:
            if str(cell.key) == words and not cell.value and cell.is_open:
                cell.value = PRESENT[session_of(cell.key).half]

    def is_valid(self) -> bool:
        """Validate every cell; errors are shown beside the cell and in `errors`."""
        for cell in self.cells:
            try:
                self._check(cell)
            except UnknownCode as problem:
                cell.error = str(problem)
        for late in self.late:
            if late.minutes and not (late.minutes.isdigit() and int(late.minutes) <= 400):
                late.error = "Enter the minutes as a number, for example 12."
        changed = [cell for cell in self.cells if cell.seen and cell.value != cell.seen]
        if changed and not self.reason:
            self.reason_error = "Give a reason for changing these marks."
        return not self.errors

    def _check(self, cell: Cell) -> None:
        session = session_of(cell.key)
        symbol = parse_code(cell.value)
        if symbol in PRESENT.values():
            symbol = PRESENT[session.half]
        if symbol:
            classify(symbol, session.on)
        cell.value = symbol
        if symbol != cell.seen:
            allowed = self._change[cell.key] if cell.seen else self._enter[cell.key]
            if not allowed:
                cell.error = allowed.because

    @property
    def errors(self) -> list[dict[str, str]]:
        """The lines of the error summary at the top of the page."""
        lines = [{"text": f"{cell.label}: {cell.error}", "target": cell.name} for cell in self.cells if cell.error]
        lines += [{"text": f"{late.label}: {late.error}", "target": late.name} for late in self.late if late.error]
        if self.reason_error:
            lines.append({"text": self.reason_error, "target": "reason"})
        return lines

    def entered(self) -> list[Entered]:
        """The cells that the user changed, and the new minutes."""
        minutes = {
            (late.enrolment_id, late.key): int(late.minutes)
            for late in self.late
            if late.minutes and int(late.minutes) != late.known
        }
        return [
            Entered(cell.enrolment_id, cell.key, cell.value, cell.seen, minutes.get((cell.enrolment_id, cell.key)))
            for cell in self.cells
            if cell.value != cell.seen or (cell.enrolment_id, cell.key) in minutes
        ]

    def show_clashes(
        self, clashes: Iterable[Clash], standing: Mapping[Place, str], writers: Mapping[Place, str]
    ) -> None:
        """Show the current mark in every cell after saving, except in clashing cells, which keep the user's entry.

        `standing` is the current code and `writers` its author, by enrolment and session key.
        """
        theirs = {(clash.enrolment_id, clash.key): clash for clash in clashes}
        for cell in self.cells:
            place = (cell.enrolment_id, cell.key)
            cell.seen = standing.get(place, cell.seen)
            if place in theirs:
                who = writers.get(place) or "Somebody"
                cell.error = (
                    f"{who} entered {cell.seen or 'no mark'} while you were working. You had {cell.value or 'no mark'}."
                )
            else:
                cell.value = cell.seen
