"""Every measure of the bench, in the order in which a run takes them. A new one is a line here and a `Measure` in a file of its own."""

from benchmarks import authority, files, history, nation, pages, registers, row_security
from benchmarks.measure import Measure

ALL: tuple[Measure, ...] = (
    row_security.LISTS_MEASURE, pages.MEASURE, history.HISTORY, registers.SCHOOL, registers.ENGINE, authority.AUTHORITY, files.IMPORTS,
)  # fmt: skip
ASKED_FOR = (nation.NATION,)
"""Taken only where asked for by name, because they take long."""
NAMED = {measure.name: measure for measure in (*ALL, *ASKED_FOR)}
