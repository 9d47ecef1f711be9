"""Every published rate that comes from summed sessions, reproduced from the counts by code.

Source: Department for Education, "Pupil attendance in schools" (data of the attendance dashboard, Open Government
Licence): a school year to date, a first week, and that week by day. All rows of these files pool sessions, all-phase
totals included: from 2025-26 the Department no longer weights the phases by census enrolments. Suppressed rows
("c") are left out. Where the named authorised reasons fall short of the published authorised absence, the remainder
is the withdrawn code F, which has no column of its own.
"""

from collections.abc import Callable
from datetime import date

import pytest

from haven.rules.absence import Tally, tally
from tests.support.published import attendance_rows

ON = date(2025, 9, 8)

COLUMNS = {
    "/": "reason_present_am",
    "\\": "reason_present_pm",
    "L": "reason_l_present_late_before_registers_closed",
    "I": "reason_i_authorised_illness",
    "M": "reason_m_authorised_medical_dental",
    "R": "reason_r_authorised_religious_observance",
    "S": "reason_s_authorised_study_leave",
    "T": "reason_t_authorised_mobile_child",
    "H": "reason_h_authorised_holiday",
    "E": "reason_e_authorised_excluded",
    "C": "reason_c_authorised_other",
    "C1": "reason_c1_authorised_regulated_performance",
    "J1": "reason_j1_authorised_interview",
    "C2": "reason_c2_authorised_temp_reduced_timetable",
    "B": "reason_b_aea_education_off_site",
    "J": "reason_j_aea_interview",
    "P": "reason_p_aea_approved_sporting_activity",
    "V": "reason_v_aea_educational_visit_trip",
    "W": "reason_w_aea_work_experience",
    "K": "reason_k_aea_education_arranged_by_la",
    "G": "reason_g_unauthorised_holiday",
    "U": "reason_u_unauthorised_late_after_registers_closed",
    "O": "reason_o_other_unauthorised",
    "N": "reason_n_no_reason_yet",
}
AUTHORISED = ("I", "M", "R", "S", "T", "H", "E", "C", "C1", "J1", "C2")

FILES = {
    "year_to_date_2025-26.csv": (643, 51),
    "week_2025-09-25.csv": (640, 28),
    "days_2025-09-25.csv": (3200, 62),
}
"""For each file: rows with figures, and how many of them carry a remainder of F."""


def counted(row: dict[str, str]) -> tuple[Tally, int]:
    """The tally of a row, and the remainder that has no column."""
    counts = {code: int(row[column]) for code, column in COLUMNS.items()}
    remainder = int(row["authorised_absence"]) - sum(counts[code] for code in AUTHORISED)
    return tally(counts | {"F": remainder}, ON), remainder


@pytest.mark.parametrize("name", FILES)
def test_every_unsuppressed_row_is_reproduced(name: str, record_property: Callable[[str, object], None]) -> None:
    rows = attendance_rows(name)
    worst, remainders = 0.0, 0
    for row in rows:
        found, remainder = counted(row)
        remainders += remainder > 0
        place = (row["geographic_level"], row["la_name"], row["education_phase"])
        assert found.possible == int(row["possible_sessions"]), place
        assert found.attended == int(row["overall_attendance"]), place
        assert found.absent == int(row["overall_absence"]), place
        assert found.unauthorised == int(row["unauthorised_absence"]), place
        assert found.late_before + found.late_after == int(row["late_sessions"]), place
        for rate, column in (
            (found.attendance_rate, "attendance_perc"),
            (found.absence_rate, "overall_absence_perc"),
            (found.authorised_rate, "authorised_absence_perc"),
            (found.unauthorised_rate, "unauthorised_absence_perc"),
        ):
            assert rate is not None
            difference = abs(100 * rate - float(row[column]))
            assert difference <= 1e-6, (place, column)
            worst = max(worst, difference)
    record_property("rows checked", len(rows))
    print(f"{name}: {len(rows)} rows checked, {remainders} with a remainder, greatest difference {worst:.1e}")
    assert (len(rows), remainders) >= FILES[name]


def test_the_days_of_the_week_add_up_to_the_week() -> None:
    """A group is summed, then divided: five days added up give the published week, place by place."""
    days: dict[tuple[str, ...], Tally] = {}
    complete: dict[tuple[str, ...], int] = {}
    key = ("geographic_level", "region_name", "la_name", "education_phase")
    for row in attendance_rows("days_2025-09-25.csv"):
        place = tuple(row[column] for column in key)
        days[place] = days.get(place, Tally()) + counted(row)[0]
        complete[place] = complete.get(place, 0) + 1
    checked = 0
    for row in attendance_rows("week_2025-09-25.csv"):
        place = tuple(row[column] for column in key)
        if complete.get(place) == 5:
            assert days[place] == counted(row)[0], place
            checked += 1
    assert checked >= 640
