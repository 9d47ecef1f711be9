"""The pages of docs/reference that are printed from the statutory rules, so that they cannot say anything else than the code does.

`haven docs` writes them; a test prints them anew and compares.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from haven.analytics.results import COLUMNS, GROUP_COLUMNS
from haven.rules.attendance_codes import CODES, Class, Code
from haven.rules.crossings import FEWEST_SESSIONS, LINES
from haven.rules.measure_words import OF_GROUPS, OF_ONE, MeasureWords
from haven.rules.roles import CAPABILITIES, ROLES
from haven.rules.visibility import Grant, RecordCategory, grants_of

PRINTED = "<!-- Printed by `haven docs` from {source}. Change it there. -->"

CLASS_TITLES = {
    Class.PRESENT: "Present",
    Class.APPROVED_ACTIVITY: "Approved educational activity",
    Class.AUTHORISED: "Authorised absence",
    Class.UNAUTHORISED: "Unauthorised absence",
    Class.NOT_POSSIBLE: "Not a possible session",
}
RECORD_CATEGORIES = {
    RecordCategory.ROLL: "who is on roll: names, classes, enrolments",
    RecordCategory.ATTENDANCE: "marks, contacts, contact attempts, leave, the vulnerable pupils' list",
    RecordCategory.PASTORAL: "support, and statuses of support",
    RecordCategory.SAFEGUARDING: "concerns, and statuses of child protection",
    RecordCategory.STAFF: "concerns about staff",
}
SCOPES = {"all": "all", "allocated": "own pupils", "none": "–"}


def pages() -> dict[str, str]:
    """File name in docs/reference -> text of every printed page."""
    printers: dict[str, Callable[[], Iterable[str]]] = {
        "attendance-codes.md": _codes,
        "measures.md": _measures,
        "roles.md": _roles,
    }
    return {name: "\n".join(lines()) + "\n" for name, lines in printers.items()}


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [heading, ["---"] * len(heading), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


def _day(on: date) -> str:
    return f"{on.day} {on:%B %Y}"


# ---- attendance codes ------------------------------------------------------------------------------------------------


def _codes() -> Iterable[str]:
    yield from (
        "# Attendance codes",
        "",
        PRINTED.format(source="haven/rules/attendance_code_table.py"),
        "",
        "The national codes of a register, what each counts as, and between which days it is in force. What a mark counts as is"
        " always asked for the day of its session.",
        "",
        "Attended is present plus approved educational activity. Absent is authorised plus unauthorised absence. Possible is"
        " attended plus absent. An empty place is none of these.",
    )
    for classed, title in CLASS_TITLES.items():
        yield from ("", f"## {title}", "", f"Value for machines: `{classed.value}`.", "")
        yield from _table(
            ("Code", "Byte", "Name", "Meaning", "In force", "Remark"),
            (_code_row(code) for code in CODES if code.classed is classed),
        )
    yield from ("", "The byte stands for the code in a packed register sheet; `.` is an empty place.", "")
    yield from _questions()


def _code_row(code: Code) -> tuple[str, ...]:
    session = f" {code.half} only." if code.half else ""
    return (
        f"`{code.symbol}`",
        f"`{code.byte}`",
        code.name,
        code.meaning,
        _in_force(code),
        (code.remark + session).strip(),
    )


def _in_force(code: Code) -> str:
    since = f"from {_day(code.valid_from)}" if code.valid_from else ""
    until = f"until {_day(code.valid_to)}" if code.valid_to else ""
    return " ".join(part for part in (since, until) if part) or "always"


def _questions() -> Iterable[str]:
    yield from ("## Which code fits?", "", "The code fits when every answer is yes.", "")
    yield from _table(
        ("Code", "Questions", "Guidance"),
        ((f"`{code.symbol}`", " ".join(code.questions), code.guidance) for code in CODES if code.questions),
    )


# ---- measures --------------------------------------------------------------------------------------------------------


def _measures() -> Iterable[str]:
    yield from (
        "# Measures",
        "",
        PRINTED.format(source="haven/rules/measure_words.py"),
        "",
        "Every attendance figure in Haven is one of these, counted over the sessions of one enrolment from the first to the last"
        " day given. `haven measures` prints them in this order; pages compute the same ones. None is stored.",
        "",
        "Dates are ISO, flags are 0 or 1, rates have six decimals, and what does not apply is empty.",
        "",
        "## One enrolment",
        "",
    )
    yield from _table(("Column", "Unit", "Definition"), map(_measure_row, _ordered(OF_ONE, COLUMNS)))
    yield from (
        "",
        "## A group",
        "",
        "Sum the sessions, then divide: never an average of percentages. Columns that are not listed here are the sums of the"
        " column of the same name above.",
        "",
    )
    yield from _table(("Column", "Unit", "Definition"), map(_measure_row, _ordered(OF_GROUPS, GROUP_COLUMNS)))
    yield from ("", "Columns of a group, in order: " + ", ".join(f"`{name}`" for name in GROUP_COLUMNS) + ".")
    yield from (
        "",
        "## Lines",
        "",
        "What a pupil can cross, asked at the end of each school day, counted from the first of the academic year. Shares of sessions are"
        f" asked from {FEWEST_SESSIONS} possible sessions on. From `haven/rules/crossings.py`.",
        "",
    )
    yield from _table(("Line", "Within it", "Source"), ((each.title, each.meaning, each.source) for each in LINES))


def _ordered(words: Iterable[MeasureWords], columns: Sequence[str]) -> list[MeasureWords]:
    return sorted(words, key=lambda one: columns.index(one.column))


def _measure_row(words: MeasureWords) -> tuple[str, ...]:
    return f"`{words.column}`", words.unit, words.definition


# ---- roles -----------------------------------------------------------------------------------------------------------


def _roles() -> Iterable[str]:
    yield from (
        "# Roles",
        "",
        PRINTED.format(source="haven/rules/roles.py and haven/rules/visibility.py"),
        "",
        "A person holds roles at a school, a trust or an authority. A role opens record_categories (what may be seen) and gives"
        " capabilities (what may be done).",
        "",
        "## Roles in one sentence",
        "",
    )
    yield from _table(
        ("Role", "Name for commands", "What it is"),
        ((role.title, f"`{role.name}`", role.sentence) for role in ROLES.values()),
    )
    yield from ("", "## What each role sees", "")
    yield from (f"* **{each.name.lower()}**: {words}" for each, words in RECORD_CATEGORIES.items())
    yield from (
        "",
        "*All*: every pupil of the school. *Own pupils*: those on the person's caseload or in their class. *Adds*: may add a"
        " record, and sees it afterwards as its author where the record allows that.",
        "",
    )
    yield from _table(
        ("Role", *(each.name.capitalize() for each in RecordCategory)),
        ((role.title, *map(_grant, grants_of(role.name))) for role in ROLES.values()),
    )
    yield from ("", "## What each role may do", "")
    yield from _table(
        ("Capability", "Name in code", "Roles"),
        ((sentence, f"`{name}`", _holders(name)) for name, sentence in CAPABILITIES.items()),
    )


def _grant(grant: Grant) -> str:
    seen = SCOPES[grant.scope]
    if not grant.may_write:
        return seen
    return "adds" if grant.scope == "none" else f"{seen}, adds"


def _holders(capability: str) -> str:
    return ", ".join(role.title for role in ROLES.values() if capability in role.capabilities) or "–"
