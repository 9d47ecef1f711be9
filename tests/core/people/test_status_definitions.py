"""The definitions of statuses: mistakes are refused with file and key, and an instruction does not give its reason away."""

from collections import defaultdict
from datetime import date, time
from pathlib import Path

import pytest

from haven.core.people.statuses import KINDS, DefinitionProblem, load, title_of
from haven.rules.visibility import RecordCategory

GOOD = (
    'title = "T"\nrecord_category = "pastoral"\nneeds_source = true\ntier = 1\ninstruction = "Ring."\nguidance = "G"\n'
)


def test_the_kinds_that_schools_record_are_there() -> None:
    wanted = {
        "sen_support", "ehcp", "child_in_need", "child_protection", "looked_after", "previously_looked_after",
        "young_carer", "service_child", "fsm", "medical", "part_time_timetable", "ebsa", "reintegrating",
        "mobile_child", "eal",
    }  # fmt: skip
    assert wanted <= set(KINDS)


def test_social_care_lies_behind_the_safeguarding_wall() -> None:
    for kind in ("child_in_need", "child_protection", "looked_after", "private_fostering", "assessment"):
        assert KINDS[kind].record_category is RecordCategory.SAFEGUARDING
    assert KINDS["young_carer"].record_category is RecordCategory.PASTORAL
    assert KINDS["fsm"].record_category is RecordCategory.ATTENDANCE


def test_a_child_protection_plan_is_found_first() -> None:
    kind = KINDS["child_protection"]
    assert (kind.tier, kind.due) == (3, time(10, 0))
    assert kind.instruction == "Ring the social worker before 10:00, then home."
    assert kind.review_after(date(2026, 1, 14)) == date(2026, 4, 14)


def test_nobody_reads_a_confidential_kind_off_the_instruction() -> None:
    told: dict[object, set[str]] = defaultdict(set)
    for kind in KINDS.values():
        if kind.tier and kind.record_category is not RecordCategory.ATTENDANCE:
            told[kind.tier, kind.instruction, kind.due].add(kind.name)
    assert told
    assert all(len(kinds) >= 3 for kinds in told.values()), told


def test_the_instruction_names_no_kind() -> None:
    for kind in KINDS.values():
        assert kind.title.lower() not in kind.instruction.lower()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("tier = 1", "tier = 4"), "statuses.toml: kind.tier"),
        (("tier = 1", 'tier = "high"'), "statuses.toml: kind.tier is not a int"),
        (("tier = 1", "tier = true"), "statuses.toml: kind.tier is not a int"),
        (("tier = 1\n", ""), "statuses.toml: kind.tier is missing"),
        (("pastoral", "secret"), "statuses.toml: kind.record_category"),
        (('"Ring."', '""'), "statuses.toml: kind.instruction"),
        (("tier = 1", "tier = 0"), "statuses.toml: kind.instruction"),
        (("guidance", "sauce"), "statuses.toml: kind.sauce is not a key"),
        (('title = "T"', "title = "), "statuses.toml: "),
        (('"G"\n', '"G"\ndue = "ten"\n'), "statuses.toml: kind.due"),
    ],
)
def test_a_mistake_is_refused_with_file_and_key(tmp_path: Path, change: tuple[str, str], why: str) -> None:
    file = tmp_path / "statuses.toml"
    file.write_text("[kind]\n" + GOOD)
    assert load(file)["kind"].tier == 1
    file.write_text("[kind]\n" + GOOD.replace(*change, 1))
    with pytest.raises(DefinitionProblem) as refused:
        load(file)
    assert str(refused.value).startswith(why)


def test_a_kind_that_is_gone_is_still_shown() -> None:
    assert title_of("child_protection") == "Child protection plan"
    assert title_of("old_kind") == "Old kind"


def test_what_a_child_is_or_has_is_no_help_of_which_it_may_be_asked_what_came() -> None:
    helps = {kind.name for kind in KINDS.values() if kind.is_help}
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
