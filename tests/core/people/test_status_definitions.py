"""The definitions of statuses: mistakes are refused with file and key, and an instruction does not reveal its cause."""

from collections import defaultdict
from datetime import date, time
from pathlib import Path

import pytest

from haven.core.people.statuses import StatusKind, every_kind, kinds_in_force, title_of
from haven.platform.definitions import DefinitionError
from haven.rules.visibility import RecordCategory
from tests.support.definitions import loaded_from

GOOD = """kind = "status"
version = 1
valid_from = 2022-09-01

[[definitions]]
id = "calm"
title = "T"
record_category = "pastoral"
needs_source = true
priority = 1
instruction = "Ring."
source = "G"
"""


def test_the_kinds_that_schools_record_are_there() -> None:
    wanted = {
        "sen_support", "ehcp", "child_in_need", "child_protection", "looked_after", "previously_looked_after",
        "young_carer", "service_child", "fsm", "medical", "part_time_timetable", "ebsa", "reintegrating",
        "mobile_child", "eal",
    }  # fmt: skip
    assert wanted <= set(every_kind())


def test_social_care_lies_behind_the_safeguarding_wall() -> None:
    for kind in ("child_in_need", "child_protection", "looked_after", "private_fostering", "assessment"):
        assert every_kind()[kind].record_category is RecordCategory.SAFEGUARDING
    assert every_kind()["young_carer"].record_category is RecordCategory.PASTORAL
    assert every_kind()["fsm"].record_category is RecordCategory.ATTENDANCE


def test_a_child_protection_plan_is_found_first() -> None:
    kind = every_kind()["child_protection"]
    assert (kind.priority, kind.due) == (3, time(10, 0))
    assert kind.instruction == "Call the social worker before 10:00, then home."
    assert kind.review_after(date(2026, 1, 14)) == date(2026, 4, 14)


def test_nobody_reads_a_confidential_kind_off_the_instruction() -> None:
    told: dict[object, set[str]] = defaultdict(set)
    for kind in every_kind().values():
        if kind.priority and kind.record_category is not RecordCategory.ATTENDANCE:
            told[kind.priority, kind.instruction, kind.due].add(kind.name)
    assert told
    assert all(len(kinds) >= 3 for kinds in told.values()), told


def test_the_instruction_names_no_kind() -> None:
    for kind in every_kind().values():
        assert kind.title.lower() not in kind.instruction.lower()


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("priority = 1", "priority = 4", "line 10, definitions[1].priority must be 3 or less."),
        ("priority = 1", 'priority = "high"', "line 10, definitions[1].priority must be a whole number, but is text."),
        ("priority = 1", "priority = true", "line 10, definitions[1].priority must be a whole number, but is true or false."),
        ("priority = 1\n", "", "line 5, definitions[1].priority is missing."),
        ('"pastoral"', '"secret"', "line 8, definitions[1].record_category “secret” is not a record_category of a status."),
        ('"Ring."', '""', "line 11, definitions[1].instruction is missing: a priority above 0 needs one."),
        ("priority = 1", "priority = 0", "line 11, definitions[1].instruction belongs to a priority above 0."),
        ("\nsource = ", "\nsauce = ", "line 12, definitions[1].sauce is not a key of this table. Did you mean source?"),
        ('title = "T"', "title = ", "line 7: this is not valid TOML"),
        ('"G"\n', '"G"\ndue = "ten"\n', 'line 13, definitions[1].due must be a time of day such as "10:00".'),
        ('"G"\n', '"G"\ndue = 845\n', 'line 13, definitions[1].due must be a time of day such as "10:00".'),
        ('"G"\n', '"G"\ndue = "10:00:00"\n', "line 13, definitions[1].due must be a time of day"),
        ("valid_from = 2022-09-01", "valid_from = 1", "line 3, valid_from must be a day such as 2026-09-01, but is a whole number."),
        ("version = 1", 'version = 1\ntitle = "All"', "line 3, title is not a key of this table. The keys are: definitions, kind,"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_with_file_and_line(tmp_path: Path, old: str, new: str, why: str) -> None:
    file = tmp_path / "statuses.toml"
    file.write_text(GOOD)
    assert loaded_from(tmp_path, StatusKind).latest(StatusKind, "calm").priority == 1
    file.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(DefinitionError) as refused:
        loaded_from(tmp_path, StatusKind)
    assert str(refused.value).startswith(f"{file}, ") and why in str(refused.value)


def test_people_are_shown_the_kinds_in_the_order_of_the_file() -> None:
    kinds = list(kinds_in_force(date(2026, 1, 14)))
    assert kinds[:3] == ["sen_support", "ehcp", "fsm"] and kinds[-1] == "private_fostering"
    later = [kind for kind, each in every_kind().items() if not each.is_in_force(date(2026, 1, 14))]
    assert later == ["fsm_expanded", "safeguarding_separation"]
    assert [kind for kind in every_kind() if kind not in later] == kinds


def test_a_kind_that_is_gone_is_still_shown() -> None:
    assert title_of("child_protection") == "Child protection plan"
    assert title_of("old_kind") == "Old kind"


def test_what_a_child_is_or_has_is_no_help_of_which_it_may_be_asked_what_came() -> None:
    helps = {kind.name for kind in every_kind().values() if kind.is_help}
    assert "early_help" in helps
    assert not helps & {
        "fsm",
        "eal",
        "service_child",
        "looked_after",
        "medical",
        "young_carer",
        "bereaved",
        "private_fostering",
    }
