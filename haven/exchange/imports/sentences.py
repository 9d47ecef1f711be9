"""The sentences about single rows: the mistake in a value, and what to do about it.

There is one function for each problem, so that a code has the same sentence in a reader, which knows the file alone, and in the comparison
with calendar, roll and registers. Sentences repeat dates, codes and UPNs, never names, addresses or telephone numbers: the row is enough
to find those.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from haven.exchange.imports.problems import Problem, error, query, quoted
from haven.platform.dates import in_words
from haven.platform.ui.words import count_of


@dataclass(frozen=True, slots=True)
class Place:
    """A cell (or a row, or a file) that a problem is about."""

    file: str
    row: int | None = None
    column: str | None = None

    def error(self, code: str, message: str) -> Problem:
        return error(file=self.file, row=self.row, column=self.column, code=code, message=message)

    def query(self, code: str, message: str) -> Problem:
        return query(file=self.file, row=self.row, column=self.column, code=code, message=message)


# Values of any file


def value_missing(at: Place, *, what: str) -> Problem:
    return at.error("value_missing", f"The {what} is missing. Enter it and import the file again.")


def bad_date(at: Place, *, why: str) -> Problem:
    return at.error("bad_date", why)


def two_digit_year(at: Place, *, text: str) -> Problem:
    message = f"The year of {quoted(text)} has 2 digits or was filled up, so the century is unclear. Enter the date like 21/11/2026."
    return at.error("two_digit_year", message)


def month_first(at: Place, *, text: str) -> Problem:
    message = (
        f"{quoted(text)} has the month first, so every date of the file may. No row was taken. "
        "Save the file with dates like 21/11/2026 or 2026-11-21."
    )
    return at.error("month_first", message)


def bad_upn(at: Place, *, why: str) -> Problem:
    return at.error("bad_upn", f"{why} Copy the correct UPN from your MIS.")


def bad_upn_throughout(at: Place, *, why: str) -> Problem:
    message = f"{why} No row with this UPN was read. Copy the correct UPN from your MIS."
    return at.error("bad_upn", message)


def bad_number(at: Place, *, text: str, what: str) -> Problem:
    return at.error(
        "bad_number", f"{quoted(text)} is not a valid {what}. Enter a whole number, or leave the cell empty."
    )


def value_unknown(at: Place, *, text: str, what: str, choices: str) -> Problem:
    return at.query("value_unknown", f"{quoted(text)} is not a known {what}, so it was left out. Use {choices}.")


def formula_in_text(at: Place) -> Problem:
    message = (
        "This text begins like a spreadsheet formula. It was imported unchanged, as text. Correct it if it is wrong."
    )
    return at.query("formula_in_text", message)


# Marks: the file alone


def unknown_code(at: Place, *, why: str) -> Problem:
    return at.error("unknown_code", f"{why} Enter one of the codes in force that day.")


def wrong_half(at: Place, *, symbol: str, half: str, instead: str | None) -> Problem:
    other = f" Use {instead} for a pupil who was present." if instead else ""
    return at.error("wrong_half", f"{symbol} cannot be used in the {half} session.{other}")


def bad_session(at: Place, *, why: str) -> Problem:
    return at.error("bad_session", why)


def same_line_again(at: Place, *, first_row: int) -> Problem:
    message = f"This mark is already in row {first_row:,}, and was counted once. Remove one of the two rows."
    return at.query("same_line_again", message)


def two_codes(at: Place, *, on: date, half: str, symbol: str, other: str, other_row: int) -> Problem:
    message = (
        f"The {half} session of {in_words(on)} has {symbol} here and {other} in row {other_row:,} for the same pupil. "
        "Check which is correct and remove the other row."
    )
    return at.error("two_codes", message)


def no_code(at: Place, *, rows: int) -> Problem:
    message = (
        f"{count_of(rows, 'row')} {'has' if rows == 1 else 'have'} no code, starting with this one. An empty place "
        "stays a missing mark: it counts neither as present nor as absent. Enter the codes if the register was taken."
    )
    return at.query("no_code", message)


def minutes_without_late(at: Place, *, symbol: str) -> Problem:
    message = f"There are minutes late with code {symbol}, which is not a late code. Check which is correct."
    return at.query("minutes_without_late", message)


def no_session_columns(at: Place) -> Problem:
    message = "No column has a heading like 2026-09-02 AM, so there are no sessions. Use this heading for each session."
    return at.error("no_session_columns", message)


def session_column_twice(at: Place, *, first_column: str) -> Problem:
    message = f"The columns “{first_column}” and “{at.column}” are the same session. Remove one of them."
    return at.error("session_column_twice", message)


# Marks: against calendar, roll and registers


def outside_calendar(at: Place, *, on: date, half: str) -> Problem:
    message = (
        f"The school's calendar has no {half} session on {in_words(on)}. "
        "Correct the date, or first import a calendar that has this session."
    )
    return at.error("outside_calendar", message)


def no_calendar(at: Place, *, academic_year: str) -> Problem:
    message = f"The school has no calendar for {academic_year} yet. Import the calendar first, then these marks."
    return at.error("no_calendar", message)


def upn_unknown(at: Place, *, upn: str) -> Problem:
    message = f"No pupil at this school has the UPN {upn}. Correct it, or import the pupil first."
    return at.error("upn_unknown", message)


def not_on_roll(at: Place, *, on: date, first: date | None, last: date | None) -> Problem:
    message = (
        f"The pupil was not on roll on {in_words(on)}{_roll_words(first, last)}. Correct the date or the enrolment."
    )
    return at.error("not_on_roll", message)


def _roll_words(first: date | None, last: date | None) -> str:
    parts = [f"from {in_words(first)}" if first else "", f"to {in_words(last)}" if last else ""]
    words = " ".join(part for part in parts if part)
    return f" (on roll {words})" if words else ""


def mark_amended(at: Place, *, on: date, half: str, before: str, after: str) -> Problem:
    message = (
        f"The {half} session of {in_words(on)} has {before} in the register and {after} in this file. "
        "Importing amends the mark, with this file as the reason. If the register is correct, leave the row out."
    )
    return at.query("mark_amended", message)


def session_in_future(at: Place, *, on: date, half: str) -> Problem:
    message = f"The {half} session of {in_words(on)} has not begun. Only planned absence can be entered ahead. Check the date."
    return at.error("session_in_future", message)


# Pupils


def no_upn_column(at: Place) -> Problem:
    message = "The file has no UPN column, so pupils are matched by name and date of birth. Add the UPNs if you can."
    return at.query("no_upn_column", message)


def no_upn(at: Place) -> Problem:
    message = "There is no UPN, so the pupil is matched by name and date of birth. Add the UPN if the pupil has one."
    return at.query("no_upn", message)


def pupil_twice(at: Place, *, first_row: int, by: str) -> Problem:
    message = f"The same pupil, by {by}, is already in row {first_row:,}, and was counted once. Remove one of the rows."
    return at.query("pupil_twice", message)


def pupil_differs(at: Place, *, first_row: int, by: str) -> Problem:
    message = (
        f"Row {first_row:,} has the same {by} with other details. Check which is correct and remove the other row."
    )
    return at.error("pupil_differs", message)


def dates_reversed(at: Place, *, first: str, last: str) -> Problem:
    return at.error("dates_reversed", f"The {last} is before the {first}. Correct one of the two.")


def unlikely_birth(at: Place, *, dob: date, as_of: date) -> Problem:
    message = f"Born on {in_words(dob)}, the pupil is not of school age on {in_words(as_of)}. Check the date."
    return at.query("unlikely_birth", message)


def impossible_birth(at: Place, *, dob: date) -> Problem:
    return at.error("impossible_birth", f"{in_words(dob)} is more than 100 years ago. Correct the date of birth.")


def born_later(at: Place, *, dob: date) -> Problem:
    return at.error("born_later", f"{in_words(dob)} is in the future, so it cannot be a date of birth. Correct it.")


def other_school(at: Place, *, urn: str, school_urn: str) -> Problem:
    message = (
        f"This row is for school {urn}, but you are importing for school {school_urn}. Import it there, or correct it."
    )
    return at.error("other_school", message)


def school_not_known(at: Place, *, urn: str) -> Problem:
    what = "educated at home (999999)" if urn == "999999" else "at an unknown school (888888)"
    return at.query("school_not_known", f"The list shows this pupil as {what}. If that is correct, leave the row out.")


def contact_without_name(at: Place, *, number: int) -> Problem:
    message = f"Contact {number} has a telephone number or email address but no name. Add the name if you know it."
    return at.query("contact_without_name", message)


def contact_unreachable(at: Place, *, number: int) -> Problem:
    message = f"Contact {number} has a name but no telephone number or email address. Ask the family for one."
    return at.query("contact_unreachable", message)


def leading_zero_restored(at: Place) -> Problem:
    message = "A spreadsheet removed the 0 at the start of this telephone number. Haven restored it. Check the number."
    return at.query("leading_zero_restored", message)


def unlikely_phone(at: Place) -> Problem:
    return at.query(
        "unlikely_phone", "This does not look like a telephone number. It was imported unchanged. Check it."
    )


def unlikely_email(at: Place) -> Problem:
    return at.query("unlikely_email", "This does not look like an email address. It was imported unchanged. Check it.")


def unlikely_postcode(at: Place) -> Problem:
    return at.query("unlikely_postcode", "This does not look like a postcode. It was imported unchanged. Check it.")


def marks_outside(at: Place, *, marks: int) -> Problem:
    message = (
        f"{count_of(marks, 'mark')} of the pupil would be before the first day on roll or after the last. "
        "Both days were left as they are. Correct the marks first, or correct the dates in the file."
    )
    return at.query("marks_outside", message)


# Schools


def bad_urn(at: Place, *, text: str) -> Problem:
    return at.error("bad_urn", f"{quoted(text)} is not a valid URN. A URN has 6 digits.")


def school_twice(at: Place, *, urn: str, first_row: int) -> Problem:
    return at.error("school_twice", f"School {urn} is already in row {first_row:,}. Remove one of the two rows.")


def school_of_others(at: Place, *, urn: str) -> Problem:
    return at.query("school_of_others", f"School {urn} maintains its own details, so they were not changed.")


# Calendar


def two_years(at: Place, *, years: list[str]) -> Problem:
    message = (
        f"The file has dates of {' and '.join(years)}. Make one file for each academic year, 1 September to 31 August."
    )
    return at.error("two_years", message)


def on_weekend(at: Place, *, on: date) -> Problem:
    message = f"{in_words(on)} is a {on:%A}. It was read as a school day. If the school was closed, correct the date."
    return at.query("on_weekend", message)


def session_twice(at: Place, *, first_row: int) -> Problem:
    message = f"This session is already in row {first_row:,}, and was counted once. Remove one of the two rows."
    return at.query("session_twice", message)


def inset_outside_term(at: Place, *, on: date) -> Problem:
    message = f"The INSET day {in_words(on)} is outside every term in this file, so it has no effect. Check the date."
    return at.query("inset_outside_term", message)


def closure_outside_term(at: Place, *, on: date) -> Problem:
    message = (
        f"The closure from {in_words(on)} is outside every term in this file, so it has no effect. Check the dates."
    )
    return at.query("closure_outside_term", message)


def bank_holiday_open(at: Place, *, on: date, title: str) -> Problem:
    message = (
        f"{in_words(on)} is a bank holiday ({title}), and this calendar has school on it. "
        "If the school is closed, add a holiday on that day."
    )
    return at.query("bank_holiday_open", message)


def no_bank_holiday(at: Place, *, on: date) -> Problem:
    return at.query("no_bank_holiday", f"{in_words(on)} is not a bank holiday in England. Check the date.")


def terms_overlap(at: Place, *, first_row: int) -> Problem:
    return at.error("terms_overlap", f"This term and the one in row {first_row:,} overlap. Correct one of them.")


def no_terms(at: Place) -> Problem:
    return at.error("no_terms", "The file has no rows of type “term”, so there are no school days. Add the terms.")


def unknown_kind(at: Place, *, text: str) -> Problem:
    message = f"{quoted(text)} is not a type of period. Enter term, holiday, inset or closure."
    return at.error("unknown_kind", message)
