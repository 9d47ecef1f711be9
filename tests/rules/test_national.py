"""The national figures are those that the Department publishes, and stand beside the right kind of school."""

from datetime import date

import pytest

from haven.rules.national import FIGURES, national_figure
from tests.published import national_rows


def test_the_sessions_are_those_of_the_published_file() -> None:
    rows = national_rows()
    for each in (each for each in FIGURES if each.year == "2025-26"):
        row = rows[each.phase.capitalize()]
        assert (each.attended, each.possible) == (int(row["overall_attendance"]), int(row["possible_sessions"]))
        assert each.attendance_rate * 100 == pytest.approx(float(row["attendance_perc"]), abs=1e-6)


def test_each_year_and_phase_stands_once_and_newest_first() -> None:
    assert len({(each.year, each.phase) for each in FIGURES}) == len(FIGURES)
    assert [each.year for each in FIGURES] == sorted((each.year for each in FIGURES), reverse=True)
    assert all(0.8 < each.attendance_rate < 0.97 for each in FIGURES)


@pytest.mark.parametrize(
    ("phase", "kind", "on", "found"),
    [
        ("Secondary", "Academy converter", date(2026, 1, 14), ("2024-25", "secondary")),
        ("Primary", "Community school", date(2026, 8, 31), ("2024-25", "primary")),
        ("Primary", "Community school", date(2026, 9, 1), ("2025-26", "primary")),
        ("Middle deemed secondary", "Academy converter", date(2026, 9, 1), ("2025-26", "secondary")),
        ("Not applicable", "Academy special converter", date(2026, 1, 14), ("2024-25", "special")),
        ("Not applicable", "Academy alternative provision converter", date(2026, 1, 14), None),
        ("Not applicable", "Pupil referral unit", date(2026, 1, 14), None),
        ("All-through", "Academy converter", date(2026, 1, 14), None),
        ("16 plus", "Further education", date(2026, 1, 14), None),
        ("", "", date(2026, 1, 14), None),
        ("Secondary", "Academy converter", date(2020, 1, 14), None),
    ],
)  # fmt: skip
def test_a_school_has_the_newest_year_that_is_over(
    phase: str, kind: str, on: date, found: tuple[str, str] | None
) -> None:
    figure = national_figure(phase=phase, kind=kind, on=on)
    assert (figure and (figure.year, figure.phase)) == found
