"""The order of the morning, the reasons given for it, and the end of the day."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from haven.rules.decision import Decision, allow, refuse
from haven.rules.morning import ORDER, WHY_THIS_ORDER, DayLine, MissingPupil, may_sign_off, open_lines, rank

AT = datetime(2025, 11, 21, 9, 30, tzinfo=UTC)
SUMMER = timezone(timedelta(hours=1))


def refs(pupils: list[MissingPupil]) -> list[str]:
    return [placed.pupil.ref for placed in rank(pupils, AT)]


PAIRS = [
    # what decides, the one who comes first, the one who comes after
    ("not passed on", {}, {"passed_on": True, "priority": 3}),
    ("instruction due", {"instruction_due_at": AT + timedelta(minutes=30)}, {"priority": 3}),
    ("earlier instruction", {"instruction_due_at": AT - timedelta(hours=1)}, {"instruction_due_at": AT, "priority": 3}),
    ("priority", {"priority": 1, "reached": True}, {"days_unexplained": 9}),
    ("find first", {"priority": 3}, {"priority": 2, "days_unexplained": 9}),
    ("nobody reached", {"attempts_today": 3}, {"reached": True, "days_unexplained": 9}),
    ("days", {"days_unexplained": 3, "unmarked": True}, {"days_unexplained": 2, "sibling_missing": True}),
    ("marked absent", {}, {"unmarked": True, "sibling_missing": True}),
    ("sibling", {"sibling_missing": True, "year_group": 11}, {"year_group": 0}),
    ("youngest", {"year_group": -1, "is_usual_weekday": True}, {"year_group": 0}),
    ("unusual", {}, {"is_usual_weekday": True, "sessions_missed": 50, "sessions_possible": 100}),
    ("history", {"sessions_missed": 41, "sessions_possible": 178}, {"sessions_missed": 45, "sessions_possible": 200}),
    ("fewer attempts", {"attempts_today": 1}, {"attempts_today": 2}),
    (
        "longest ago",
        {"attempts_today": 1, "last_attempt_at": AT - timedelta(minutes=40)},
        {"attempts_today": 1, "last_attempt_at": AT - timedelta(minutes=5)},
    ),
]


ALONE = [
    # the sentence on the page, and two pupils who differ in that rule alone: the first one comes first
    ("Pupils handed over to someone else come last. The others are in this order.", {}, {"passed_on": True}),
    (
        "First, instructions that are overdue or due within the hour, earliest first.",
        {"instruction_due_at": AT - timedelta(hours=1)},
        {"instruction_due_at": AT + timedelta(minutes=59)},
    ),
    (
        "Then pupils on the vulnerable pupils list, with “find first” pupils at the top.",
        {"priority": 3},
        {"priority": 1},
    ),
    ("Then pupils whose family has not been reached yet.", {}, {"reached": True}),
    ("Then pupils with more days of unexplained absence.", {"days_unexplained": 2}, {}),
    ("Then pupils marked absent, before pupils with no mark.", {}, {"unmarked": True}),
    ("Then pupils whose brother or sister is also missing.", {"sibling_missing": True}, {}),
    ("Then the youngest pupils.", {"year_group": 1}, {"year_group": 2}),
    ("Then pupils who are not usually absent on this weekday.", {}, {"is_usual_weekday": True}),
    (
        "Then pupils who have missed a higher share of their sessions this year.",
        {"sessions_missed": 3, "sessions_possible": 30},
        {"sessions_missed": 2, "sessions_possible": 30},
    ),
    (
        "Then pupils with fewer contact attempts today, longest ago first.",
        {"attempts_today": 1, "last_attempt_at": AT - timedelta(minutes=40)},
        {"attempts_today": 1, "last_attempt_at": AT - timedelta(minutes=5)},
    ),
]


def test_the_page_shows_the_sentences_in_their_order() -> None:
    assert list(WHY_THIS_ORDER) == [sentence for sentence, _, _ in ALONE]


@pytest.mark.parametrize(("sentence", "first", "second"), ALONE)
def test_each_sentence_is_of_the_one_rule_that_decides(sentence: str, first: dict, second: dict) -> None:  # type: ignore[type-arg]
    one, two = MissingPupil("z", **first), MissingPupil("a", **second)
    deciding = [rule.sentence for rule in ORDER if rule.key(one, AT) != rule.key(two, AT)]
    assert deciding == [sentence]
    assert refs([two, one]) == ["z", "a"]


@pytest.mark.parametrize(("why", "first", "second"), PAIRS)
def test_each_comparison_decides_over_all_that_follow(why: str, first: dict, second: dict) -> None:  # type: ignore[type-arg]
    one, two = MissingPupil("z", **first), MissingPupil("a", **second)
    assert refs([two, one]) == ["z", "a"], why
    assert refs([one, two]) == ["z", "a"], why


def test_what_does_not_move_a_line() -> None:
    plain = MissingPupil("b")
    assert refs([plain, MissingPupil("a", claimed_by="Sam Okoro")]) == ["a", "b"], "the list stays still"
    far = MissingPupil("c", instruction="Ring the social worker", instruction_due_at=AT + timedelta(minutes=61))
    assert refs([plain, far]) == ["b", "c"], "an instruction for the afternoon waits its turn"
    new = MissingPupil("c", sessions_missed=10, sessions_possible=19)
    assert refs([plain, new]) == ["b", "c"], "too few sessions to compare"


def test_the_order_does_not_depend_on_the_order_of_arrival() -> None:
    dice = random.Random(5)
    pupils = [
        MissingPupil(
            f"{number:03d}", priority=dice.randint(0, 3), days_unexplained=dice.randint(1, 3), reached=dice.random() < 0.3,
            year_group=dice.randint(0, 2), passed_on=dice.random() < 0.1,
        )
        for number in range(200)
    ]  # fmt: skip
    expected = refs(pupils)
    for _ in range(5):
        dice.shuffle(pupils)
        assert refs(pupils) == expected
    assert [placed.position for placed in rank(pupils, AT)] == list(range(1, 201))


def test_the_reasons_in_words() -> None:
    pupil = MissingPupil(
        "a", priority=2, instruction="Ring the social worker", instruction_due_at=AT.replace(hour=10, minute=0),
        days_unexplained=2, sessions_missed=41, sessions_possible=178, sibling_missing=True,
    )  # fmt: skip
    [placed] = rank([pupil], AT)
    assert placed.instruction == "Ring the social worker before 10:00."
    assert placed.because == (
        "An instruction is due at 10:00",
        "On the vulnerable pupils list",
        "Second day of unexplained absence",
        "No contact attempts yet",
        "A brother or sister is also missing",
        "41 of 178 sessions missed this year",
    )
    [late] = rank([replace(pupil, attempts_today=1, last_attempt_at=AT)], AT + timedelta(hours=1))
    assert late.because[0] == "An instruction was due at 10:00"
    assert "No contact made yet: tried once, last at 09:30" in late.because


def test_times_are_the_schools_own() -> None:
    pupil = MissingPupil("a", instruction="Ring home", instruction_due_at=datetime(2026, 6, 1, 9, 0, tzinfo=UTC))
    [placed] = rank([pupil], datetime(2026, 6, 1, 9, 30, tzinfo=SUMMER))
    assert placed.instruction == "Ring home before 10:00."


def test_every_line_gives_a_reason_and_an_empty_list_is_empty() -> None:
    assert rank([], AT) == []
    assert all(placed.because for placed in rank([MissingPupil("a"), MissingPupil("b", reached=True)], AT))
    with pytest.raises(ValueError, match="One pupil"):
        rank([MissingPupil("a"), MissingPupil("a", priority=1)], AT)


@pytest.mark.parametrize(("days", "word"), [(2, "Second"), (10, "Tenth"), (11, "11th"), (22, "22nd"), (113, "113th")])
def test_ordinals(days: int, word: str) -> None:
    [placed] = rank([MissingPupil("a", days_unexplained=days)], AT)
    assert placed.because[0] == f"{word} day of unexplained absence"


def test_signing_off_the_day() -> None:
    closed = [DayLine("a", accounted_for=True), DayLine("b", reason_known=True)]
    assert may_sign_off([]) and may_sign_off(closed)
    still = DayLine("c")
    assert open_lines([*closed, still]) == [still]
    refused = may_sign_off([*closed, still])
    assert not refused
    assert refused.because.startswith("1 pupil is not accounted for")
    assert may_sign_off([still, DayLine("d")]).because.startswith("2 pupils are not")
    assert not may_sign_off([DayLine("c", explanation="  ")]), "blanks explain nothing"
    explained = may_sign_off([DayLine("c", explanation="The social worker visits at 18:00.")])
    assert explained and explained.because == "1 item is still open and is explained."


def test_a_decision_is_a_yes_or_a_no_with_its_sentence() -> None:
    assert allow()
    assert allow("Fine.") == Decision(True, "Fine.")
    assert not refuse("The day is signed off.")
    with pytest.raises(ValueError, match="give a reason"):
        refuse(" ")


def test_an_instruction_that_says_its_time_does_not_say_it_twice() -> None:
    ten = AT.replace(hour=10, minute=0)
    told = MissingPupil("a", instruction="Call the social worker before 10:00, then home", instruction_due_at=ten)
    assert rank([told], AT)[0].instruction == "Call the social worker before 10:00, then home."


def test_a_pupil_of_whom_nothing_is_known_has_one_reason() -> None:
    [placed] = rank([MissingPupil("a")], AT)
    assert placed.because == ("No contact attempts yet",)
    assert (placed.pupil.year_group, placed.pupil.sessions_missed, placed.pupil.sessions_possible) == (0, 0, 0)


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        ({"priority": 1}, "On the vulnerable pupils list"),
        ({"priority": 3}, "On the vulnerable pupils list: find first"),
        ({"reached": True}, "Contact made, but no reason yet"),
        ({"instruction_due_at": AT}, "An instruction is due at 09:30"),
        ({"attempts_today": 2}, "No contact made yet: tried 2 times"),
        ({"unmarked": True}, "No mark in the register"),
        ({"is_usual_weekday": True}, "Often absent on this weekday"),
        ({"passed_on": True}, "Handed over: someone else is dealing with this pupil"),
        ({"sessions_possible": 1}, "0 of 1 sessions missed this year"),
    ],
)
def test_each_reason_in_words(details: dict[str, Any], reason: str) -> None:
    [placed] = rank([MissingPupil("a", **details)], AT)
    assert reason in placed.because


@pytest.mark.parametrize(("days", "word"), [(12, "12th"), (21, "21st"), (23, "23rd"), (31, "31st"), (111, "111th")])
def test_ordinals_end_as_they_are_spoken(days: int, word: str) -> None:
    [placed] = rank([MissingPupil("a", days_unexplained=days)], AT)
    assert placed.because[0] == f"{word} day of unexplained absence"


def test_a_time_that_is_not_yet_near_does_not_move_a_pupil() -> None:
    later = MissingPupil("a", instruction_due_at=AT + timedelta(hours=5), priority=1)
    sooner = MissingPupil("b", instruction_due_at=AT + timedelta(hours=4))
    assert refs([sooner, later]) == ["a", "b"]


def test_too_few_sessions_count_as_none_missed() -> None:
    few = MissingPupil("a", sessions_missed=1, sessions_possible=1)
    enough = MissingPupil("b", sessions_missed=50, sessions_possible=200)
    assert refs([few, enough]) == ["b", "a"]


def test_an_instruction_is_pressing_from_an_hour_before_it_is_due() -> None:
    [near] = rank([MissingPupil("a", instruction_due_at=AT + timedelta(hours=1))], AT)
    assert near.because[0] == "An instruction is due at 10:30"
    [far] = rank([MissingPupil("a", instruction_due_at=AT + timedelta(hours=1, minutes=1))], AT)
    assert far.because == ("No contact attempts yet",)
    assert far.instruction == ""


def test_twenty_sessions_are_enough_to_compare() -> None:
    twenty = MissingPupil("b", sessions_missed=20, sessions_possible=20)
    nineteen = MissingPupil("a", sessions_missed=19, sessions_possible=19)
    assert refs([nineteen, twenty]) == ["b", "a"]
