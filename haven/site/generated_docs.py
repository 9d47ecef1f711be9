"""Generates the pages of docs/reference from the statutory rules, and the JSON Schema of each kind of definition file, so that both agree
with the code.

`haven docs` writes them; a test generates them again and compares.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path

from haven import rules
from haven.analytics.results import COLUMNS, GROUP_COLUMNS
from haven.core.people.statuses import every_kind
from haven.platform.dates import in_words
from haven.platform.definitions.installed import kinds
from haven.platform.definitions.schema import schema_text
from haven.rules.attendance_codes import CODES, Class, Code
from haven.rules.crossings import FEWEST_SESSIONS, LINES
from haven.rules.editions import (
    EDITIONS,
    PROVISIONS,
    READINGS,
    Check,
    Edition,
    Provision,
    Reading,
    guidance_in,
    guidance_named,
)
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
    """File name in docs/reference -> text of every generated page and schema."""
    printers: dict[str, Callable[[], Iterable[str]]] = {
        "attendance-codes.md": _codes,
        "editions.md": _editions,
        "measures.md": _measures,
        "roles.md": _roles,
    }
    printed = {name: "\n".join(lines()) + "\n" for name, lines in printers.items()}
    schemas = {f"schemas/{name}.json": schema_text(model) + "\n" for name, model in kinds().items()}
    return {**printed, **schemas}


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [heading, ["---"] * len(heading), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


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
    yield from ("", "The byte represents the code in a packed register sheet; `.` is an empty place.", "")
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
    since = f"from {in_words(code.valid_from)}" if code.valid_from else ""
    until = f"until {in_words(code.valid_to)}" if code.valid_to else ""
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
        "## Thresholds",
        "",
        "Thresholds that a pupil can cross, checked at the end of each school day since the academic year began. Percentages need"
        f" at least {FEWEST_SESSIONS} possible sessions. From `haven/rules/crossings.py`.",
        "",
    )
    yield from _table(
        ("Threshold", "At the threshold", "Source"),
        ((threshold.title, threshold.meaning, threshold.source) for threshold in LINES),
    )


def _ordered(words: Iterable[MeasureWords], columns: Sequence[str]) -> list[MeasureWords]:
    return sorted(words, key=lambda word: columns.index(word.column))


def _measure_row(words: MeasureWords) -> tuple[str, ...]:
    return f"`{words.column}`", words.unit, words.definition


# ---- roles -----------------------------------------------------------------------------------------------------------


def _roles() -> Iterable[str]:
    yield from (
        "# Roles",
        "",
        PRINTED.format(source="haven/rules/roles.py and haven/rules/visibility.py"),
        "",
        "A person holds roles at a school, a trust or an authority. A role opens record categories (what may be seen) and gives"
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
    yield from (f"* **{category.name.lower()}**: {words}" for category, words in RECORD_CATEGORIES.items())
    yield from (
        "",
        "*All*: every pupil of the school. *Own pupils*: those on the person's caseload or in their class. *Adds*: may add a"
        " record, and sees it afterwards as its author where the record allows that.",
        "",
    )
    yield from _table(
        ("Role", *(category.name.capitalize() for category in RecordCategory)),
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


# ---- editions --------------------------------------------------------------------------------------------------------


def _editions() -> Iterable[str]:
    yield from (
        "# Editions of guidance",
        "",
        PRINTED.format(source="haven/rules/edition_table.py"),
        "",
        "Which edition of statutory guidance is in force on which day, and how well that was checked. Rules and pages name guidance by its"
        " title; the edition comes from this table and the day asked about.",
        "",
        "**Not verified** means that the primary text was not read. A person reads it before a rule relies on it.",
        "",
        "## Guidance",
        "",
    )
    yield from _table(
        ("Guidance", "Edition", "In force", "Statutory", "Dates", "Contents", "Source"),
        map(_edition_row, EDITIONS),
    )
    yield from (
        "",
        "## Law",
        "",
        "A provision without a day of commencement is enacted and not in force: what depends on it is off.",
        "",
    )
    yield from _table(("Provision", "Where", "In force", "Checked", "Source"), map(_provision_row, PROVISIONS))
    yield from (
        "",
        "## Points that are not settled",
        "",
        "What a rule needs and the guidance leaves open, or a source that was not available. Without an answer the rule stays off.",
        "",
    )
    yield from _table(("Question", "Answer", "For days", "Checked", "Source"), map(_reading_row, READINGS))
    yield from (
        "",
        "## Kinds of status with a first day, or not verified",
        "",
        "From `haven/core/people/definitions/statuses.toml`.",
        "",
    )
    yield from _table(("Kind", "Can begin", "Checked", "Source"), _kinds_to_check())
    yield from ("", "## Which rules cite which guidance", "")
    yield from _table(("Module", "Guidance"), _modules_that_cite())


def _checked(check: Check) -> str:
    return check.value if check is Check.VERIFIED else f"**not verified** ({check.value})"


def _between(begins_on: date | None, ends_on: date | None) -> str:
    since = f"from {in_words(begins_on)}" if begins_on else ""
    until = f"until {in_words(ends_on)}" if ends_on else ""
    return " ".join(part for part in (since, until) if part)


def _edition_row(edition: Edition) -> tuple[str, ...]:
    return (
        guidance_named(edition.guidance).title,
        edition.edition,
        _between(edition.begins_on, edition.ends_on),
        "yes" if edition.is_statutory else "no",
        _checked(edition.check),
        _checked(edition.contents),
        edition.source,
    )


def _provision_row(provision: Provision) -> tuple[str, ...]:
    begins = _between(provision.begins_on, None) or "**not in force**"
    source = f"{provision.source}. {provision.note}".removesuffix(" ")
    return f"{provision.title} (`{provision.id}`)", provision.act, begins, _checked(provision.check), source


def _reading_row(reading: Reading) -> tuple[str, ...]:
    between = _between(reading.begins_on if reading.begins_on.year > 1900 else None, reading.ends_on)
    return (
        f"{reading.question} (`{reading.id}`)",
        reading.value or "–",
        between,
        _checked(reading.check),
        reading.source,
    )


def _kinds_to_check() -> Iterable[tuple[str, ...]]:
    listed = every_kind().values()
    first = min(kind.valid_from for kind in listed if kind.valid_from)
    for kind in listed:
        if kind.valid_from != first or kind.checked is not Check.VERIFIED:
            begins = _between(kind.valid_from, None) or "on any day"
            yield f"{kind.title} (`{kind.name}`)", begins, _checked(kind.checked), kind.source


def _modules_that_cite() -> Iterable[tuple[str, ...]]:
    for path in sorted(Path(rules.__file__).parent.glob("*.py")):
        if path.name in ("edition_table.py", "editions.py"):
            continue
        named = guidance_in(path.read_text(encoding="utf-8"))
        if named:
            yield f"`haven/rules/{path.name}`", ", ".join(guidance_named(source).title for source in named)
