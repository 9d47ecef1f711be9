"""The bench never works on the database in use."""

from pathlib import Path

import pytest

from benchmarks.data_folder import use_own_data_folder
from haven.operations import database


@pytest.mark.parametrize(
    ("arguments", "name"),
    [([], "authority-1"), (["pages", "--size", "small"], "small-1"), (["--size=small", "--seed", "7", "--runs", "2"], "small-7"),
     (["--size", "../../elsewhere"], "elsewhere-1")],
)  # fmt: skip
def test_it_has_a_folder_of_its_own_for_each_size_and_seed(
    arguments: list[str], name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HAVEN_DATA", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@production/haven")
    use_own_data_folder(arguments)
    assert database.data_folder() == tmp_path.resolve() / "bench" / name
    assert database.is_embedded(), "the database in use is not asked"
