"""The files of a made-up trust: the same from the same seed, as long as asked, and without a fault to find in them."""

from collections.abc import Iterable
from pathlib import Path

from haven.demonstration.files import write_files
from haven.exchange.imports.formats.calendar import calendar_csv
from haven.exchange.imports.formats.marks import long as marks_long
from haven.exchange.imports.formats.marks.parsed import ParsedMarks
from haven.exchange.imports.formats.pupils import pupils_csv
from haven.exchange.imports.formats.schools import gias
from haven.exchange.imports.problems import Problem


def test_files_are_the_same_from_the_same_seed_and_have_no_errors(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "same", "other")]
    for folder in folders:
        folder.mkdir()
    one, same, other = (
        write_files(folder, schools=2, pupils=13, days=4, seed=seed)
        for folder, seed in zip(folders, (1, 1, 2), strict=True)
    )
    assert one.trust_marks.read_bytes() == same.trust_marks.read_bytes() != other.trust_marks.read_bytes()
    assert one.lines == 13 * 8 == len(one.trust_marks.read_bytes().splitlines()) - 1
    read: list[Iterable[object]] = [gias.read(one.schools), *map(calendar_csv.read, one.calendars.values())]
    read += [pupils_csv.read(path) for path in one.pupils.values()]
    wrong = [item for reading in read for item in reading if isinstance(item, Problem) and item.is_error]
    assert wrong == []
    marks = 0
    for path in one.marks.values():
        ledger = ParsedMarks()
        assert list(marks_long.read(path, ledger=ledger, hand_out=False)) == []
        marks += ledger.marks
    assert marks == one.lines
