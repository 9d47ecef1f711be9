"""Every measure of the benchmarks, in the order of a run. A new one is a line here and a `Measure` in its own
module."""

from benchmarks import authority, files, history, nation, pages, registers, row_security
from benchmarks.measure import Measure

ALL: tuple[Measure, ...] = (
    row_security.LISTS_MEASURE, pages.MEASURE, history.HISTORY, registers.SCHOOL, registers.ENGINE, authority.AUTHORITY, files.IMPORTS,
)  # fmt: skip
ASKED_FOR = (nation.NATION,)
"""Run only when named, because they take long."""
NAMED = {measure.name: measure for measure in (*ALL, *ASKED_FOR)}
