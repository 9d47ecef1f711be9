"""Every measure of the bench, in the order in which a run takes them. A new one is a line here and a `Measure` in a file of its own."""

from haven.bench import authority, pages, registers, walls
from haven.bench.measure import Measure

ALL: tuple[Measure, ...] = (
    walls.LISTS_MEASURE, pages.MEASURE, registers.SCHOOL, registers.ENGINE, authority.AUTHORITY, registers.IMPORTS,
)  # fmt: skip
NAMED = {measure.name: measure for measure in ALL}
