"""Taking registers and changing marks (SI 2024/208 regulation 10).

The register is taken at the start of the morning and once in the afternoon. A mark that is changed keeps the original entry, the amended
entry, the reason, the date, and the name and role of the person.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from haven.attendance.registers.editor import (
    ChangeReason,
    Counts,
    OpenSheet,
    RegisterEditor,
    open_year,
    parse_code,
    write,
)
from haven.attendance.registers.errors import MarkChanged
from haven.attendance.registers.models import MarkNote
from haven.attendance.registers.notifications import notify_changed
from haven.core.people.models import Enrolment
from haven.platform.accounts.context import AccessContext
from haven.platform.audit.actions import action, append_event
from haven.platform.dates import in_words
from haven.platform.errors import ActionRejected
from haven.rules.attendance_codes import from_byte
from haven.rules.sessions import Half, academic_year_of, session_key, session_of
from haven.rules.visibility import RecordCategory, access_scope_of

LONGEST_LATE = 400


@dataclass(frozen=True, slots=True)
class Amended:
    """The previous and the current mark of a place, "" for no mark."""

    original: str
    amended: str

    @property
    def is_changed(self) -> bool:
        return self.original != self.amended


@dataclass(frozen=True, slots=True)
class Entered:
    """One cell of a register page: the code that the user wants, and the code that the page showed ("" for none)."""

    enrolment_id: int
    key: int
    symbol: str
    seen: str
    minutes_late: int | None = None


@dataclass(frozen=True, slots=True)
class Clash:
    """A cell that another user changed meanwhile: it was left as `theirs`."""

    enrolment_id: int
    key: int
    mine: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Saved:
    """The result of saving a register page."""

    counts: Counts
    clashes: tuple[Clash, ...] = ()


@action
def ensure_sheets(*, by: AccessContext, at: datetime, school_id: int, year: str, enrolment_ids: Iterable[int]) -> int:
    """Create the register rows that these enrolments lack in a year ("2025-26"); returns how many were created.

    Raises ActionRejected if the school has no calendar of that year. Enrolments that the user may not see get none.
    """
    opened = open_year(by=by, at=at, school_id=school_id, year=year, enrolment_ids=enrolment_ids)
    _note(by, at, "attendance.ensure_sheets", opened, [], detail={"made": opened.made})
    return opened.made


@action
def take_marks(
    *,
    by: AccessContext,
    at: datetime,
    school_id: int,
    year: str,
    marks: Iterable[tuple[int, int, str | None]],
    source: str,
    import_ref: UUID | None = None,
    reason: str = "",
) -> Counts:
    """Enter marks: (enrolment id, session key, code; "" for none), any number of them. Missing register rows are created.

    A first mark is an initial entry. A mark that differs from the current one is an amendment with `reason` (or `source`, if no reason is
    given). An equal mark changes nothing. Returns the counts. All or nothing: raises ActionRejected or UnknownCode, with a sentence, for a
    session that does not exist, a code that is not in force, a place off roll, two codes for one place, or an enrolment that the user may
    not write.
    """
    listed = list(marks)
    enrolments = {enrolment_id for enrolment_id, _, _ in listed}
    opened = open_year(by=by, at=at, school_id=school_id, year=year, enrolment_ids=enrolments, is_written=True)
    why = ChangeReason(source, reason.strip() or source, import_ref)
    counts = write(by=by, at=at, year=opened, proposed=opened.stage_change(listed), why=why)
    about = ("import", str(import_ref)) if import_ref else None
    _note(by, at, "attendance.take_marks", opened, enrolments, about=about, reason=reason, detail=_detail(counts))
    notify_changed(school_id)
    return counts


@action
def take_rows(
    *,
    by: AccessContext,
    at: datetime,
    school_id: int,
    year: str,
    rows: Mapping[int, bytes],
    source: str,
    import_ref: UUID | None = None,
    reason: str = "",
) -> Counts:
    """As `take_marks`, for many marks of each pupil: by enrolment id one byte of `rules.attendance_codes` for each session of the
    school's newest calendar of the year: NO_CHANGE (0) leaves a place as it is, MISSING empties it. No rows give zeros."""
    opened = open_year(by=by, at=at, school_id=school_id, year=year, enrolment_ids=rows, is_written=True)
    opened.check(rows)
    counts = write(
        by=by, at=at, year=opened, proposed=rows, why=ChangeReason(source, reason.strip() or source, import_ref)
    )
    about = ("import", str(import_ref)) if import_ref else None
    _note(by, at, "attendance.take_marks", opened, rows, about=about, reason=reason, detail=_detail(counts))
    notify_changed(school_id)
    return counts


@action
def save_register(
    *,
    by: AccessContext,
    at: datetime,
    school_id: int,
    year: str,
    cells: Iterable[Entered],
    reason: str,
    source: str = "register",
) -> Saved:
    """Save a page of a register that two people may be editing at once.

    A cell that the user did not touch is left alone. A cell that another user changed since the page was shown is left as it is and
    returned as a clash, unless both entered the same. The rest is entered or, with the one `reason`, amended. Raises ActionRejected if
    marks would change and there is no reason, and as `take_marks` does.
    """
    touched = [cell for cell in cells if cell.symbol != cell.seen or cell.minutes_late is not None]
    enrolments = {cell.enrolment_id for cell in touched}
    opened = open_year(by=by, at=at, school_id=school_id, year=year, enrolment_ids=enrolments)
    wanted, clashes = [], []
    for cell in touched:
        now = _standing(opened, cell.enrolment_id, cell.key)
        if now != cell.seen and now != cell.symbol:
            clashes.append(Clash(cell.enrolment_id, cell.key, cell.symbol, now))
        else:
            wanted.append(cell)
    proposed = opened.stage_change((cell.enrolment_id, cell.key, cell.symbol) for cell in wanted)
    counts = write(by=by, at=at, year=opened, proposed=proposed, why=ChangeReason(source, reason.strip()))
    if counts.amended and not reason.strip():
        raise ActionRejected("Give a reason for changing these marks.")
    for cell in wanted:
        _note_mark(by, at, opened.sheets[cell.enrolment_id], session_of(cell.key), cell.minutes_late, "")
    detail = {**_detail(counts), "clashes": len(clashes)}
    _note(by, at, "attendance.save_register", opened, enrolments, reason=reason, detail=detail)
    notify_changed(school_id)
    return Saved(counts, tuple(clashes))


@action
def amend_mark(
    *,
    by: AccessContext,
    at: datetime,
    enrolment_id: int,
    on: date,
    half: Half | str,
    symbol: str | None,
    reason: str,
    minutes_late: int | None = None,
    comment: str = "",
    expected: str | None = None,
) -> Amended:
    """Change one mark, or enter it if there is none; returns the previous and the current mark.

    `symbol` "" or None removes the mark. `expected` is the mark that the page showed ("" for none): if it has changed since, MarkChanged is
    raised and nothing is changed. Minutes late and a comment are stored beside the mark. Raises ActionRejected without a reason, and as
    `take_marks` does.
    """
    if not reason.strip():
        raise ActionRejected("Give a reason for changing the mark.")
    enrolment = Enrolment.objects.filter(id=enrolment_id).first()
    if enrolment is None:
        raise ActionRejected("This pupil was not found on the roll.")
    key, wanted, year = session_key(on, Half(half)), parse_code(symbol), academic_year_of(on)
    opened = open_year(by=by, at=at, school_id=enrolment.school_id, year=year, enrolment_ids=[enrolment_id])
    proposed = opened.stage_change([(enrolment_id, key, wanted)])
    original = _standing(opened, enrolment_id, key)
    if expected is not None and original not in (expected, wanted):
        raise MarkChanged(f"Someone else has changed this mark. It is now {original or 'empty'}.")
    counts = write(by=by, at=at, year=opened, proposed=proposed, why=ChangeReason("person", reason.strip()))
    sheet = opened.sheets[enrolment_id]
    _note_mark(by, at, sheet, session_of(key), minutes_late, comment)
    about = ("mark", f"{enrolment.ref} {on.isoformat()} {Half(half).value}")
    _note(by, at, "attendance.amend_mark", opened, [enrolment_id], about=about, reason=reason, detail=_detail(counts))
    notify_changed(enrolment.school_id)
    return Amended(original, wanted)


@action
def note_marks(
    *,
    by: AccessContext,
    at: datetime,
    school_id: int,
    year: str,
    notes: Iterable[tuple[int, int, int | None, str]],
) -> int:
    """Write minutes late and comments beside marks: (enrolment id, session key, minutes or None, comment). Returns how many were new.

    A note equal to the newest one of that mark is not written again, so that a file can be imported twice. Raises ActionRejected as
    `take_marks` does.
    """
    listed = list(notes)
    enrolments = {enrolment_id for enrolment_id, _, _, _ in listed}
    opened = open_year(by=by, at=at, school_id=school_id, year=year, enrolment_ids=enrolments)
    opened.stage_change((enrolment_id, key, None) for enrolment_id, key, _, _ in listed)
    standing = _notes_of([sheet.id for sheet in opened.sheets.values()])
    rows = []
    for enrolment_id, key, minutes, comment in listed:
        sheet, session = opened.sheets[enrolment_id], session_of(key)
        if (minutes, comment) not in ((None, ""), standing.get((sheet.id, session.on, session.half.value))):
            rows.append(_note_row(by, at, sheet, session.on, session.half, minutes, comment))
    MarkNote.objects.bulk_create(rows, batch_size=2000)
    _note(by, at, "attendance.note_marks", opened, enrolments, detail={"notes": len(rows)})
    return len(rows)


def _notes_of(sheet_ids: Sequence[int]) -> dict[tuple[int, date, str], tuple[int | None, str]]:
    rows = MarkNote.objects.filter(sheet_id__in=sheet_ids).order_by("id")
    return {
        (sheet_id, on, half): (minutes, comment)
        for sheet_id, on, half, minutes, comment in rows.values_list(
            "sheet_id", "on", "half", "minutes_late", "comment"
        )
    }


def _note_mark(
    by: AccessContext, at: datetime, sheet: OpenSheet, session: object, minutes: int | None, comment: str
) -> None:
    """Write minutes late or a comment beside one mark, unless both are empty or equal to the newest note."""
    on, half = session.on, session.half  # type: ignore[attr-defined]
    if minutes is None and not comment:
        return
    if _notes_of([sheet.id]).get((sheet.id, on, half.value)) != (minutes, comment):
        _note_row(by, at, sheet, on, half, minutes, comment).save(force_insert=True)


def _note_row(
    by: AccessContext, at: datetime, sheet: OpenSheet, on: date, half: Half, minutes: int | None, comment: str
) -> MarkNote:
    if minutes is not None and not 0 <= minutes <= LONGEST_LATE:
        raise ActionRejected(
            f"{minutes} minutes late on {in_words(on)} cannot be right. Give a number from 0 to {LONGEST_LATE}."
        )
    return MarkNote(
        school_id=sheet.school_id, author_id=by.user_id,
        pupil_id=sheet.pupil_id, sheet_id=sheet.id, on=on,
        half=half.value, minutes_late=minutes, comment=comment, author_name=by.name, noted_at=at,
    )  # fmt: skip


def _standing(opened: RegisterEditor, enrolment_id: int, key: int) -> str:
    sheet = opened.sheets.get(enrolment_id)
    if sheet is None:
        raise ActionRejected("You cannot change the register of a pupil on this list. Ask the attendance team.")
    return from_byte(bytes(sheet.marks)[opened.place(key)]) or ""


def _detail(counts: Counts) -> dict[str, int]:
    return {"taken": counts.taken, "amended": counts.amended, "unchanged": counts.unchanged}


def _note(
    by: AccessContext,
    at: datetime,
    verb: str,
    opened: RegisterEditor,
    enrolment_ids: Iterable[int],
    *,
    about: tuple[str, object] | None = None,
    reason: str = "",
    detail: dict[str, int],
) -> None:
    append_event(
        by=by,
        at=at,
        verb=verb,
        about=about or ("register", opened.year),
        school_id=opened.school_id,
        access_scope=access_scope_of(opened.school_id, RecordCategory.ATTENDANCE),
        pupil_ids=sorted(opened.sheets[enrolment_id].pupil_id for enrolment_id in enrolment_ids),
        reason=reason,
        detail=detail,
    )
