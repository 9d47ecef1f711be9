"""What is in force on a day is decided in one place: haven/platform/dated.py, and its two functions in SQL."""

import re
from pathlib import Path

HAVEN = Path(__file__).parents[2] / "haven"

# A row compared with one day: its beginning at or before the day, its end null or on the other side.
IN_SQL = re.compile(
    r"begins_on <= (?P<on>%\(\w+\)s|\w+|\(select app\.the_day\(\)\))\s+and \((?:\w+\.)?ends_on is null or (?:\w+\.)?ends_on >=? (?P=on)\)"
)
IN_PYTHON = re.compile(r"ends_on__gte?=|ends_on__isnull=True\) \| (models\.)?Q\(ends_on__gte?=(?!models\.F)")
RULES = {"platform/dated.py", "platform/row_security/sql/functions.sql"}
# The rule with another right side than the day of today, each with its reason.
OTHERS = {
    "core/people/models.py": "a constraint: the end is not before the beginning",
    "core/people/actions/statuses.py": "whether a status goes on at a later day",
}


def test_no_file_writes_the_rule_again() -> None:
    again = [
        str(path.relative_to(HAVEN))
        for path in sorted((*HAVEN.rglob("*.sql"), *HAVEN.rglob("*.py")))
        if "migrations" not in path.parts and (IN_SQL.search(path.read_text()) or IN_PYTHON.search(path.read_text()))
    ]
    assert set(again) == {*RULES, *OTHERS}


def test_the_patterns_find_the_rule_written_by_hand() -> None:
    assert IN_SQL.search("where e.begins_on <= %(on)s and (e.ends_on is null or e.ends_on >= %(on)s)")
    assert IN_PYTHON.search("Q(begins_on__lte=on) & (Q(ends_on__isnull=True) | Q(ends_on__gte=on))")
