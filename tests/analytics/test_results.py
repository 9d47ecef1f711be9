import json
from datetime import date

import pytest

from haven.analytics.groups import sum_within
from haven.analytics.measures import walk_many
from haven.analytics.results import COLUMNS, GROUP_COLUMNS, as_csv, as_json, group_rows, rows
from haven.platform.text import safe_cell
from tests.analytics.sheets_of_a_week import calendar_of, open_days, packed

CALENDAR = calendar_of(open_days([0, 1, 2]))
MEASURES = walk_many(packed(CALENDAR, "#" * 30, "OOOOOOOOOO" + "L--", "I/\\"), CALENDAR)
DATES = (date(2025, 9, 1), date(2025, 9, 19))
ROWS = rows(MEASURES, ["H2", "H1", "H1"], ["100001", "100002", "100001"], *DATES)


def test_the_columns_are_those_that_scripts_rely_on() -> None:
    assert ",".join(COLUMNS) == (
        "upn,school_urn,from,to,possible,attended,absent,authorised,unauthorised,late_before,late_after,missing,"
        "attendance_rate,persistent,severe,threshold_met_on,unauthorised_run_days,unauthorised_run_met_on,"
        "illness_sessions,illness_run_sessions,illness_met_on,broken_weeks"
    )


def test_csv_in_order_of_upn_with_empty_places_where_not_applicable() -> None:
    assert as_csv(ROWS, safe_cell=safe_cell).splitlines() == [
        ",".join(COLUMNS),
        "H1,100001,2025-09-01,2025-09-19,30,29,1,1,0,0,0,0,0.966667,0,0,,0,,1,1,,1",
        "H1,100002,2025-09-01,2025-09-19,28,18,10,0,10,1,0,2,0.642857,1,0,2025-09-05,5,,0,0,,0",
        "H2,100001,2025-09-01,2025-09-19,0,0,0,0,0,0,0,0,,0,0,,0,,0,0,,0",
    ]


def test_json_has_the_same_names_and_null_where_not_applicable() -> None:
    first, _, last = json.loads(as_json(ROWS))
    assert tuple(first) == COLUMNS
    assert (first["attendance_rate"], last["attendance_rate"], first["persistent"]) == (0.966667, None, 0)


def test_no_rows_are_a_heading_and_an_empty_list() -> None:
    assert as_csv([], safe_cell=safe_cell) == ",".join(COLUMNS) + "\n"
    assert json.loads(as_json([])) == []


def test_every_row_needs_its_upn() -> None:
    with pytest.raises(ValueError, match="zip"):
        rows(MEASURES, ["H1"], ["100001"], *DATES)


def test_a_row_for_each_group() -> None:
    listed = group_rows(sum_within(MEASURES, [("8",), (None,), ("8",)]), *DATES)
    assert as_csv(listed, GROUP_COLUMNS, safe_cell=safe_cell).splitlines() == [
        "group,from,to,enrolments,enrolments_with_possible,possible,attended,absent,authorised,unauthorised,"
        "late_before,late_after,missing,attendance_rate,persistent,severe,persistent_rate,severe_rate,threshold_met,"
        "illness_sessions,broken_weeks,suspension_sessions,suspended,suspended_again",
        "8,2025-09-01,2025-09-19,2,1,30,29,1,1,0,0,0,0,0.966667,0,0,0.000000,0.000000,0,1,1,,,",
        ",2025-09-01,2025-09-19,1,1,28,18,10,0,10,1,0,2,0.642857,1,0,1.000000,0.000000,1,0,0,,,",
    ]
