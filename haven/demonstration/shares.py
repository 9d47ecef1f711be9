"""Figures that the generator aims at: the level, reasons and distribution of absence in England.

Rounded national figures, by phase. Reasons: Department for Education, "Pupil attendance in schools", academic year
2025-26 to date (published 25 September 2025 and after), per cent of possible sessions. Bands: Department for Education,
"Absence distributions", academic year 2022-23, the newest year published: per cent of pupils by share of sessions
missed. Open Government Licence v3.0. There are no published bands for alternative provision; a lengthened tail of the
special schools replaces them.
"""

from types import MappingProxyType

PUBLISHED = "2025-26 (reasons), 2022-23 (bands)"

PHASES = ("Primary", "Secondary", "Alternative provision")

REASONS = MappingProxyType(
    {
        "Primary": {
            "L": 1.12, "I": 2.79, "M": 0.27, "R": 0.07, "T": 0.014, "E": 0.04, "C": 0.37, "J1": 0.017, "C2": 0.17,
            "B": 0.19, "P": 0.085, "V": 0.73, "K": 0.018, "G": 0.53, "U": 0.17, "O": 0.79, "N": 0.05,
        },
        "Secondary": {
            "L": 2.79, "I": 3.63, "M": 0.38, "R": 0.06, "S": 0.10, "T": 0.003, "E": 0.29, "C": 0.43, "C1": 0.005,
            "J1": 0.016, "C2": 0.32, "B": 0.30, "P": 0.14, "V": 0.73, "W": 0.31, "K": 0.08, "G": 0.31, "U": 0.30,
            "O": 2.61, "N": 0.05,
        },
        "Alternative provision": {
            "L": 3.0, "I": 5.0, "M": 1.0, "R": 0.05, "T": 0.01, "E": 0.9, "C": 1.2, "J1": 0.01, "C2": 4.0,
            "B": 2.0, "P": 0.1, "V": 0.5, "W": 0.3, "K": 0.3, "G": 0.3, "U": 1.5, "O": 14.0, "N": 0.1,
        },
    }
)  # fmt: skip
"""Per cent of possible sessions by code; the rest is present. Codes below 0.001 per cent are left out."""

BANDS = MappingProxyType(
    {
        "Primary": (56.1, 27.7, 9.2, 3.2, 1.4, 0.7, 0.4, 0.3, 0.2, 0.1, 0.7),
        "Secondary": (46.3, 27.2, 11.0, 4.8, 2.6, 1.6, 1.1, 0.8, 0.7, 0.5, 3.4),
        "Alternative provision": (12.0, 16.0, 14.0, 11.0, 8.0, 7.0, 6.0, 5.0, 4.0, 4.0, 13.0),
    }
)
"""Per cent of pupils who missed under 5, 5 to 10, 10 to 15 ... 45 to 50, and 50 per cent or more of their sessions."""

ABSENT = frozenset({"I", "M", "R", "S", "T", "E", "C", "C1", "J1", "C2", "G", "U", "O", "N"})
"""The codes of the table that are absence."""


def absence(phase: str) -> float:
    """The published share of possible sessions missed in a phase, 0 to 1."""
    return sum(share for code, share in REASONS[phase].items() if code in ABSENT) / 100
