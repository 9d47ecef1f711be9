"""Rebuilds sheets from the record: all initial entries, then all amendments in order.

The current state is derived (SI 2024/208 regulation 10: the original entry, the amended entry, the reason, the date and the name stay
on record); `haven verify` compares it with the stored sheets.
"""

from collections.abc import Iterable, Sequence

from haven.attendance.registers.calendars import key_of, versions_of
from haven.attendance.registers.models import InitialEntry, MarkAmendment, Sheet
from haven.core.schools.models import Calendar
from haven.rules.attendance_codes import MISSING, to_byte


def rebuild_sheet(sheet: Sheet) -> bytes:
    """The marks of one sheet from its initial entries and amendments, on the sheet's calendar: one byte for each session."""
    return rebuild_sheets([sheet])[sheet.id]


def rebuild_sheets(sheets: Sequence[Sheet]) -> dict[int, bytes]:
    """As `rebuild_sheet`, for many sheets of one or more schools and years, by sheet id. Takes three queries, and one for each year."""
    ids = [sheet.id for sheet in sheets]
    calendars: dict[int, Calendar] = {}
    for school_id, year in {(sheet.school_id, sheet.year) for sheet in sheets}:
        calendars.update(versions_of(school_id, year))
    marks: dict[int, dict[int, int]] = {sheet_id: {} for sheet_id in ids}
    takes = InitialEntry.objects.filter(sheet_id__in=ids).order_by("id")
    for sheet_id, calendar_id, first, codes in takes.values_list("sheet_id", "calendar_id", "first", "codes"):
        keys = calendars[calendar_id].sessions[first : first + len(codes)]
        marks[sheet_id].update((key, byte) for key, byte in zip(keys, bytes(codes), strict=True) if byte != MISSING)
    amendments = MarkAmendment.objects.filter(sheet_id__in=ids).order_by("id")
    for sheet_id, on, half, amended in amendments.values_list("sheet_id", "on", "half", "amended"):
        marks[sheet_id][key_of(on, half)] = to_byte(amended or None)
    return {
        sheet.id: bytes(marks[sheet.id].get(key, MISSING) for key in calendars[sheet.calendar_id].sessions)
        for sheet in sheets
    }


def sheets_unlike_their_record(school_ids: Iterable[int]) -> list[tuple[int, str]]:
    """(sheet id, year) of every visible sheet of these schools that differs from its record."""
    wrong = []
    for school_id in school_ids:
        ids = list(Sheet.objects.filter(school_id=school_id).order_by("id").values_list("id", flat=True))
        for start in range(0, len(ids), 500):
            sheets = list(Sheet.objects.filter(id__in=ids[start : start + 500]).order_by("id"))
            rebuilt = rebuild_sheets(sheets)
            wrong += [(sheet.id, sheet.year) for sheet in sheets if rebuilt[sheet.id] != bytes(sheet.marks)]
    return wrong
