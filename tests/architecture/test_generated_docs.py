"""The printed pages of docs/reference say what the code says, and every column of the measures has its words."""

from pathlib import Path

import pytest

from haven.analytics.results import COLUMNS, GROUP_COLUMNS
from haven.rules.attendance_codes import CODES
from haven.rules.measure_words import OF_GROUPS, OF_ONE
from haven.rules.roles import CAPABILITIES, ROLES
from haven.rules.visibility import RecordCategory
from haven.site.generated_docs import RECORD_CATEGORIES, pages

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"


@pytest.mark.parametrize("name", sorted(pages()))
def test_the_page_is_as_the_code_prints_it(name: str) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8") == pages()[name], "run `haven docs`"


def test_every_code_role_and_capability_is_on_its_page() -> None:
    codes, roles = pages()["attendance-codes.md"], pages()["roles.md"]
    assert [code.symbol for code in CODES if f"| `{code.symbol}` |" not in codes] == []
    assert [name for name in (*ROLES, *CAPABILITIES) if f"`{name}`" not in roles] == []
    assert set(RECORD_CATEGORIES) == set(RecordCategory)


def test_every_column_of_the_measures_is_defined_once() -> None:
    assert tuple(words.column for words in OF_ONE) == COLUMNS
    groups = [words.column for words in OF_GROUPS]
    assert len(groups) == len(set(groups))
    assert set(groups) <= set(GROUP_COLUMNS)
    assert set(GROUP_COLUMNS) - set(groups) <= set(COLUMNS), "a column of groups has no words"
