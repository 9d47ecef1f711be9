"""Formats measures as rows for machines: the documented columns and formats of `haven measures`.

Dates are ISO, flags 0 or 1, rates have six decimals. Values that do not apply are empty (null in JSON). Rows are
ordered by UPN.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from haven.analytics.calendar import day_of
from haven.analytics.groups import GroupSum, share

Row = dict[str, str | int | float | None]

COLUMNS = (
    "upn", "school_urn", "from", "to", "possible", "attended", "absent", "authorised", "unauthorised", "late_before",
    "late_after", "missing", "attendance_rate", "persistent", "severe", "threshold_met_on", "unauthorised_run_days",
    "unauthorised_run_met_on", "illness_sessions", "illness_run_sessions", "illness_met_on", "broken_weeks",
)  # fmt: skip
GROUP_COLUMNS = (
    "group", "from", "to", "enrolments", "enrolments_with_possible", "possible", "attended", "absent", "authorised",
    "unauthorised", "late_before", "late_after", "missing", "attendance_rate", "persistent", "severe",
    "persistent_rate", "severe_rate", "threshold_met", "illness_sessions", "broken_weeks", "suspension_sessions",
    "suspended", "suspended_again",
)  # fmt: skip
RATES = frozenset({"attendance_rate", "persistent_rate", "severe_rate"})


def rows(measures: Any, upns: Sequence[str], school_urns: Sequence[str], from_on: date, to_on: date) -> list[Row]:
    """One row for each entry of MEASURES, ordered by UPN, then by school, with values for CSV or JSON.

    `upns` and `school_urns` have one value for each entry. Raises ValueError when the lengths differ.
    """
    together = zip(measures, upns, school_urns, strict=True)
    listed = [_row(entry, upn, urn, from_on, to_on) for entry, upn, urn in together]
    return sorted(listed, key=lambda row: (row["upn"], row["school_urn"]))


def group_rows(groups: dict[Any, GroupSum], from_on: date, to_on: date) -> list[Row]:
    """One row for each group of `groups.sum_within`, ordered by label; the label None is an empty text and comes last."""
    given = {"from": from_on.isoformat(), "to": to_on.isoformat()}
    labels = sorted(groups, key=lambda label: (label is None, str(label)))
    return [{name: _group_value(name, label, groups[label], given) for name in GROUP_COLUMNS} for label in labels]


def as_csv(listed: Iterable[Row], columns: Sequence[str] = COLUMNS, *, safe_cell: Callable[[Any], str]) -> str:
    """The rows as CSV with a heading; no rows give the heading alone. `safe_cell` turns a value into the text of a cell that no
    spreadsheet program runs as a formula (`haven.platform.text.safe_cell`)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in listed:
        writer.writerow([_cell(name, row[name], safe_cell) for name in columns])
    return text.getvalue()


def as_json(listed: Iterable[Row]) -> str:
    """The rows as a JSON list of objects with the same names; rates rounded to six decimals."""
    return json.dumps(
        [
            {name: round(value, 6) if isinstance(value, float) else value for name, value in row.items()}
            for row in listed
        ],
        indent=1,
    )


def _row(entry: Any, upn: str, school_urn: str, from_on: date, to_on: date) -> Row:
    row: Row = {"upn": upn, "school_urn": school_urn, "from": from_on.isoformat(), "to": to_on.isoformat()}
    for name in COLUMNS[len(row) :]:
        if name == "attendance_rate":
            row[name] = share(entry["attended"], entry["possible"])
        elif name.endswith("_met_on"):
            met_on = day_of(entry[name])
            row[name] = None if met_on is None else met_on.isoformat()
        else:
            row[name] = int(entry[name])
    return row


def _group_value(name: str, label: Any, group: GroupSum, given: dict[str, str]) -> str | int | float | None:
    if name == "group":
        return "" if label is None else str(label)
    return given[name] if name in given else getattr(group, name)


def _cell(name: str, value: str | int | float | None, safe_cell: Callable[[Any], str]) -> str:
    if name in RATES and value is not None:
        return f"{value:.6f}"
    # Where lines end with a line feed, the csv module puts no quotation marks around a lone carriage return.
    return safe_cell(value).replace("\r", "\n")
