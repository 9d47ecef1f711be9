"""The national figures are those that the Department publishes, and stand beside the right kind of school."""

from datetime import date

import pytest

from haven.rules.national import FIGURES, NationalFigure, national_figure, phase_of
from tests.support.published import national_rows


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


@pytest.mark.parametrize(
    ("year", "attended", "possible"),
    [("2024-25", 2_333_406_973, 2_505_799_574), ("2023-24", 2_155_210_286, 2_322_051_579)],
)
def test_the_sessions_of_an_earlier_year_have_the_sum_noted_when_they_were_entered(
    year: str, attended: int, possible: int
) -> None:
    figures = [each for each in FIGURES if each.year == year]
    assert (sum(each.attended for each in figures), sum(each.possible for each in figures)) == (attended, possible)


def test_absence_is_what_attendance_leaves_and_the_label_names_phase_and_year() -> None:
    figure = NationalFigure("2024-25", "secondary", 3, 4)
    assert (figure.attendance_rate, figure.absence_rate) == (0.75, 0.25)
    assert figure.words == "England, secondary schools, 2024-25"


@pytest.mark.parametrize("kind", ["Pupil referral unit", "Academy alternative provision converter"])
def test_alternative_provision_has_no_figure_whatever_its_phase(kind: str) -> None:
    assert phase_of("Secondary", kind) is None
