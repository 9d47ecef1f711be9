"""A pupil who is expected at another school does not show whether this school's register was taken.

D: expected at the other school where the pupil is registered, which records the session (SI 2024/208 regulation 10, table 2; Working
together to improve school attendance). The office enters it beforehand, so it does not show a register, and no missing mark of another
pupil follows from it.
"""

import re
from pathlib import Path

import pytest

from haven.attendance.registers.queries.days import classes_of_day, missing_registers
from haven.platform.row_security.context import access_context
from haven.rules.attendance_codes import CODES, MISSING, Class, to_byte
from haven.rules.sessions import Half
from haven.rules.whereabouts import NOT_A_REGISTER
from tests.factories.morning import AT, ON, Morning, build_school, look, set_mark

OSPREY = range(1, 12, 2)
"""The pupils of 9 Osprey, whose register is not in."""


@pytest.fixture
def morning(db: None) -> Morning:
    return build_school()


def boxes(morning: Morning, name: str = "officer") -> dict[str, int]:
    return look(morning, name).counts.as_dict()


def state_of(morning: Morning, group: str = "9 Osprey") -> str:
    with access_context(morning.users["officer"].id):
        found = classes_of_day(school_id=morning.school_id, on=ON)
        return next(each.state for each in found if each.group == group and each.half is Half.AM)


@pytest.mark.parametrize("code", ["D", "X", "Z", "Y1"])
def test_a_class_with_d_alone_has_not_handed_in_its_register(morning: Morning, code: str) -> None:
    set_mark(morning, 1, Half.AM, code)
    for who in ("officer", "osprey"):
        day = look(morning, who)
        assert "9 Osprey" in [register.form for register in day.registers_out]
        assert day.counts.waiting == 5  # the register of the rest of the class is due, and they are not missing
    with access_context(morning.users["officer"].id):
        missing = [
            each for each in missing_registers(school_id=morning.school_id, on=ON, at=AT) if each.half is Half.AM
        ]
    assert [(each.group, each.owed) for each in missing] == [("9 Osprey", 5)]
    assert state_of(morning) == "missing"


def test_the_pupil_with_d_is_elsewhere_and_nobody_else_is(morning: Morning) -> None:
    before = boxes(morning)
    set_mark(morning, 1, Half.AM, "D")
    assert boxes(morning) == before | {"elsewhere": before["elsewhere"] + 1, "waiting": before["waiting"] - 1}


def test_a_class_of_which_nobody_is_expected_owes_no_register(morning: Morning) -> None:
    for number in OSPREY:
        set_mark(morning, number, Half.AM, "D")
    day = look(morning)
    assert not day.registers_out and day.counts.waiting == 0
    assert state_of(morning) == "elsewhere"
    with access_context(morning.users["officer"].id):
        halves = [each.half for each in missing_registers(school_id=morning.school_id, on=ON, at=AT)]
    assert Half.AM not in halves


def test_one_mark_of_a_pupil_who_is_expected_is_a_register(morning: Morning) -> None:
    set_mark(morning, 1, Half.AM, "D")
    set_mark(morning, 3, Half.AM, "/")
    for who in ("officer", "osprey"):
        assert "9 Osprey" not in [register.form for register in look(morning, who).registers_out]
    assert look(morning).counts.missing == 3 + 4
    assert state_of(morning) == "partly"


def test_the_database_knows_the_same_codes() -> None:
    """The function that tells a tutor whether a register is in lists the bytes itself."""
    text = (Path(__file__).parents[3] / "haven" / "attendance" / "follow_up" / "sql" / "day.sql").read_text()
    named = [{int(byte) for byte in found.split(",")} for found in re.findall(r"not in \(([0-9, ]+)\) and plan", text)]
    assert len(named) == 2 and all(each == {MISSING, *map(to_byte, NOT_A_REGISTER)} for each in named)
    assert {code.symbol for code in CODES if code.classed is Class.NOT_POSSIBLE} == NOT_A_REGISTER
