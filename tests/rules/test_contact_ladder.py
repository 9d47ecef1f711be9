"""Whom to try next: order, waiting, rounds, safety and parental responsibility."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from haven.rules.contact_ladder import OUTCOMES, Action, Attempt, LadderContact, NextStep, Outcome, next_step

AT = datetime(2025, 11, 21, 9, 30, tzinfo=UTC)
MOTHER = LadderContact(1, has_parental_responsibility=True)
FATHER = LadderContact(2, has_parental_responsibility=True)
GRAN = LadderContact(3, has_parental_responsibility=False)
FAMILY = [MOTHER, FATHER, GRAN]


def tried(*outcomes: tuple[int | None, Outcome], at: datetime = AT) -> list[Attempt]:
    return [Attempt(index, outcome, at) for index, outcome in outcomes]


def step(*outcomes: tuple[int | None, Outcome], later: int = 0) -> NextStep:
    return next_step(FAMILY, tried(*outcomes), AT + timedelta(minutes=later))


def test_contacts_are_tried_in_order_of_priority() -> None:
    assert (step().contact_index, step().action) == (0, Action.CALL)
    assert step((0, Outcome.NO_ANSWER)).contact_index == 1
    assert step((0, Outcome.NO_ANSWER), (1, Outcome.LEFT_MESSAGE)).contact_index == 2
    assert next_step([GRAN, MOTHER], [], AT).contact_index == 1, "priority, not place in the list"


def test_the_second_round_waits() -> None:
    once = [(0, Outcome.NO_ANSWER), (1, Outcome.LEFT_MESSAGE), (2, Outcome.NO_ANSWER)]
    assert step(*once).contact_index == 0
    assert step(*once).not_before == AT + timedelta(minutes=30)
    assert step(*once, later=30).not_before is None


def test_after_two_rounds_somebody_goes_and_then_the_lead_decides() -> None:
    twice = [(index, Outcome.NO_ANSWER) for index in range(3)] * 2
    assert step(*twice).action is Action.VISIT
    assert step(*twice, (None, Outcome.VISIT_NO_ANSWER)).action is Action.TELL_LEAD
    assert step(*twice, (None, Outcome.VISIT_SEEN)).action is Action.ACCOUNT_FOR


def test_wrong_numbers_and_refusals_are_not_tried_again() -> None:
    assert step((0, Outcome.WRONG_NUMBER), (1, Outcome.REFUSED), (2, Outcome.NO_ANSWER)).contact_index == 2


def test_an_agreed_time_holds_back_that_contact_alone() -> None:
    """The mother is at work until 10:15; the father is called now all the same, and the mother at the agreed time and not before."""
    agreed = Attempt(0, Outcome.NO_ANSWER, AT, AT + timedelta(minutes=45))
    assert next_step(FAMILY, [agreed], AT) == NextStep(1, Action.CALL, None, "Next in order of priority.")
    alone = next_step([MOTHER], [agreed], AT)
    assert (alone.contact_index, alone.not_before) == (0, AT + timedelta(minutes=45))
    sooner = Attempt(0, Outcome.LEFT_MESSAGE, AT, AT + timedelta(minutes=10))
    assert next_step([MOTHER], [sooner], AT).not_before == AT + timedelta(minutes=10)
    assert next_step([MOTHER], [sooner], AT + timedelta(minutes=10)).not_before is None


def test_a_text_is_no_call_but_is_given_time() -> None:
    assert step((0, Outcome.TEXT_SENT)).contact_index == 1
    assert step((0, Outcome.TEXT_SENT), later=20).contact_index == 0


def test_a_reason_is_taken_from_somebody_with_parental_responsibility() -> None:
    assert step((0, Outcome.REACHED)) == NextStep(
        0, Action.RECORD_REASON, None, "Spoke to someone with parental responsibility."
    )
    gran = step((2, Outcome.REACHED))
    assert (gran.action, gran.contact_index) == (Action.ASK_A_PARENT, 0)
    alone = next_step([GRAN], tried((0, Outcome.REACHED)), AT)
    assert alone.action is Action.RECORD_REASON
    both = step((0, Outcome.REACHED), (2, Outcome.REACHED))
    assert (both.action, both.contact_index) == (Action.RECORD_REASON, 0)


def test_nobody_safe_to_ring() -> None:
    unsafe = LadderContact(1, has_parental_responsibility=True, safe_to_contact=False)
    mute = LadderContact(2, has_parental_responsibility=True, has_number=False)
    for contacts in ([], [unsafe], [unsafe, mute]):
        assert next_step(contacts, [], AT).action is Action.TELL_LEAD
    assert next_step([unsafe, GRAN], [], AT).contact_index == 1


@given(
    st.lists(st.builds(LadderContact, st.integers(1, 4), st.booleans(), st.booleans(), st.booleans()), max_size=4),
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(Outcome), st.integers(0, 120)), max_size=12),
)
def test_an_unsafe_contact_is_never_proposed_and_there_is_always_a_step(
    contacts: list[LadderContact], history: list[tuple[int, Outcome, int]]
) -> None:
    attempts = [
        Attempt(index, outcome, AT + timedelta(minutes=minutes))
        for index, outcome, minutes in history
        if index < len(contacts)
    ]
    found = next_step(contacts, attempts, AT + timedelta(hours=2))
    assert found.because.endswith(".")
    if found.action in (Action.CALL, Action.ASK_A_PARENT):
        assert found.contact_index is not None
        assert contacts[found.contact_index].safe_to_contact
        assert contacts[found.contact_index].has_number


def test_every_outcome_has_a_rule() -> None:
    assert set(OUTCOMES) == set(Outcome)


# outcome, label, spoke to someone, is a call, minutes to wait, is not tried again today
OUTCOMES_BY_HAND = """
REACHED         | Reached                 | yes | yes |  0 | no
NO_ANSWER       | No answer               | no  | yes | 30 | no
LEFT_MESSAGE    | Left a message          | no  | yes | 60 | no
WRONG_NUMBER    | Wrong number            | no  | yes |  0 | yes
REFUSED         | Refused to speak        | no  | yes |  0 | yes
TEXT_SENT       | Text sent               | no  | no  | 20 | no
EMAIL_SENT      | Email sent              | no  | no  | 20 | no
VISIT_SEEN      | Visit: pupil seen       | yes | no  |  0 | no
VISIT_SPOKEN    | Visit: spoke to someone | yes | no  |  0 | no
VISIT_NO_ANSWER | Visit: no answer        | no  | no  |  0 | no
"""


def test_the_table_of_outcomes_is_the_one_written_by_hand() -> None:
    yes = {True: "yes", False: "no"}
    table = [
        [rule.outcome.name, rule.title, yes[rule.spoke], yes[rule.is_call], f"{rule.wait.seconds // 60}", yes[rule.ends_contact]]
        for rule in OUTCOMES.values()
    ]  # fmt: skip
    assert table == [[cell.strip() for cell in row.split("|")] for row in OUTCOMES_BY_HAND.strip().splitlines()]


def test_the_reason_says_how_far_the_round_has_come() -> None:
    assert step().because == "Next in order of priority."
    once = [(index, Outcome.NO_ANSWER) for index in range(3)]
    assert step(*once, later=40).because == "All contacts have been tried once. Try again."
    written = [(0, Outcome.NO_ANSWER), (1, Outcome.TEXT_SENT), (2, Outcome.TEXT_SENT)]
    # The other two wait for an answer to a message of a moment ago.
    recent = tried((0, Outcome.NO_ANSWER)) + tried(*written[1:], at=AT + timedelta(minutes=25))
    waiting = next_step(FAMILY, recent, AT + timedelta(minutes=35))
    assert (waiting.contact_index, waiting.because) == (
        0,
        "Tried before. The other contacts have not yet answered a message.",
    )


def test_a_contact_is_known_to_be_safe_and_reachable_unless_it_is_said() -> None:
    assert LadderContact(1, True).safe_to_contact and LadderContact(1, True).has_number


def test_after_a_refusal_or_a_visit_nobody_waits() -> None:
    for outcome in (Outcome.WRONG_NUMBER, Outcome.REFUSED, Outcome.VISIT_SEEN, Outcome.VISIT_NO_ANSWER):
        assert OUTCOMES[outcome].wait == timedelta(0)
