"""National attendance figures of England, for comparison with a school's own figure.

Sessions attended and possible of state-funded schools, as the Department for Education publishes them in "Pupil
attendance in schools" (year-to-date files of its attendance dashboard, Open Government Licence v3.0), pooled from all
schools of a phase. A year's figure is shown from the first of September after it, when the year is over. Phases without
a published figure (all-through schools, alternative provision, sixth forms) have none here; Haven does not estimate
one.
"""

from dataclasses import dataclass
from datetime import date

from haven.rules.sessions import year_bounds

SOURCE = "Department for Education, Pupil attendance in schools"


@dataclass(frozen=True, slots=True)
class NationalFigure:
    """Attendance in England in one phase over one academic year, in sessions of all pupils."""

    year: str
    phase: str
    attended: int
    possible: int

    @property
    def attendance_rate(self) -> float:
        return self.attended / self.possible

    @property
    def absence_rate(self) -> float:
        return 1 - self.attendance_rate

    @property
    def words(self) -> str:
        """The figure's label: "England, secondary schools, 2024-25"."""
        return f"England, {self.phase} schools, {self.year}"


FIGURES = (
    NationalFigure("2025-26", "primary", 1_230_531_096, 1_299_079_364),
    NationalFigure("2025-26", "secondary", 1_001_023_029, 1_093_892_081),
    NationalFigure("2025-26", "special", 45_541_257, 52_448_242),
    NationalFigure("2024-25", "primary", 1_277_606_504, 1_348_359_082),
    NationalFigure("2024-25", "secondary", 1_011_832_051, 1_106_970_367),
    NationalFigure("2024-25", "special", 43_968_418, 50_470_125),
    NationalFigure("2023-24", "primary", 1_209_455_429, 1_280_220_006),
    NationalFigure("2023-24", "secondary", 908_188_966, 998_653_339),
    NationalFigure("2023-24", "special", 37_565_891, 43_178_234),
)
"""Newest year first."""

PHASES = {
    "primary": "primary",
    "middle deemed primary": "primary",
    "secondary": "secondary",
    "middle deemed secondary": "secondary",
}
"""Phases of the public register of schools that have a figure."""


def phase_of(phase: str, kind: str) -> str | None:
    """The phase under which the Department counts a school of this phase and type of the public register; None for one without."""
    words = kind.casefold()
    if "special" in words and "post-16" not in words:
        return "special"
    if "alternative provision" in words or "pupil referral" in words:
        return None
    return PHASES.get(phase.casefold())


def national_figure(*, phase: str, kind: str, on: date) -> NationalFigure | None:
    """The newest figure of a year that was over by a day, for a school of this phase and type; None where there is none."""
    wanted = phase_of(phase, kind)
    return next((figure for figure in FIGURES if figure.phase == wanted and year_bounds(figure.year)[1] < on), None)
