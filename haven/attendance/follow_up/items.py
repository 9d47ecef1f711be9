"""One pupil to find, as Today shows it, and the version of it that a page showed. No query is made here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.utils import timezone

from haven.attendance.follow_up.loaders import AttemptLine, ContactLine, Sibling, claim_of, newest
from haven.attendance.follow_up.models import DayStep
from haven.attendance.follow_up.queries.next_contact import AbsenceMessage, Next, absence_message_for, next_of
from haven.attendance.follow_up.roll_snapshot import RollRow
from haven.core.people.queries import Listing
from haven.platform.dates import weekday_without_year
from haven.rules.contact_ladder import OUTCOMES, Action, Outcome
from haven.rules.measures import Place
from haven.rules.morning import MissingPupil, Placed
from haven.rules.sessions import Half
from haven.rules.whereabouts import days_without_reason, is_usual_weekday, sessions_missed

LOOK_BACK_DAYS = 10
"""The number of school days whose N marks are offered when a reason is entered."""
SHOWN_ELSEWHERE = ("On the vulnerable ", "An instruction ", "Passed on", "A brother or sister ", "0 of ")
"""Beginnings of sentences that a row shows in a place of their own, or that say nothing."""


@dataclass(frozen=True)
class SeenVersion:
    """The version of a pupil's day that a page showed: the newest step, the newest attempt, and the number of changes of the register
    row."""

    step: int = 0
    entry: int = 0
    version: int = 0

    def __str__(self) -> str:
        return f"{self.step}.{self.entry}.{self.version}"

    @classmethod
    def read(cls, text: str) -> "SeenVersion | None":
        """The version from its text; None for any other text."""
        parts = text.split(".")
        if len(parts) != 3 or not all(part.isdecimal() and len(part) < 12 for part in parts):
            return None
        return cls(*map(int, parts))


@dataclass(frozen=True)
class FollowUpItem:
    """One pupil of the list at a moment of a session: what is known, the place in the order, and the sentences that are shown.

    `year`: the sessions of the year so far, in order. `attempts`: of the last ten days, oldest first. `steps`: of the day, oldest first.
    """

    pupil: RollRow
    on: date
    at: datetime
    half: Half
    year: Sequence[Place]
    contacts: Sequence[ContactLine]
    attempts: Sequence[AttemptLine]
    siblings: Sequence[Sibling]
    steps: Sequence[DayStep]
    listing: Listing | None
    place: Placed = Placed(0, MissingPupil(""), "", ())
    """The place in the order, once the list is ranked."""

    @property
    def key(self) -> str:
        return str(self.pupil.ref)

    def ranked_by(self) -> MissingPupil:
        """What the order depends on, for `haven.rules.morning.rank`."""
        listing = None if self.instruction_done else self.listing
        missed, possible = sessions_missed(self.year)
        mark = self.pupil.mark(self.half)
        return MissingPupil(
            ref=str(self.pupil.ref),
            priority=self.pupil.priority,
            instruction=listing.instruction_before_time if listing else "",
            instruction_due_at=listing.due_at(self.on) if listing else None,
            days_unexplained=days_without_reason(self.year),
            attempts_today=len(self.today),
            reached=self.is_reached,
            last_attempt_at=self.today[-1].at if self.today else None,
            sessions_missed=missed,
            sessions_possible=possible,
            is_usual_weekday=is_usual_weekday([place for place in self.year if place[0] < self.on], self.on.weekday()),
            sibling_missing=any(sibling.is_missing for sibling in self.siblings),
            year_group=_year_number(self.pupil.year_group),
            unmarked=mark.code is None and mark.said is None,
            passed_on=self.passed_on is not None,
            claimed_by=self.claim.author_name if self.claim else "",
        )

    @cached_property
    def today(self) -> list[AttemptLine]:
        """The attempts of the day."""
        return [attempt for attempt in self.attempts if attempt.is_on(self.on)]

    @property
    def is_reached(self) -> bool:
        return any(OUTCOMES[attempt.outcome].spoke for attempt in self.today)

    @property
    def last_attempt(self) -> AttemptLine | None:
        return self.attempts[-1] if self.attempts else None

    @cached_property
    def next(self) -> Next:
        return next_of(self.contacts, self.today, self.at)

    @cached_property
    def claim(self) -> DayStep | None:
        """Who is working on it now."""
        return claim_of(self.steps, self.attempts, self.at)

    @cached_property
    def instruction_done(self) -> DayStep | None:
        return newest(self.steps, "instruction_done")

    @cached_property
    def passed_on(self) -> DayStep | None:
        return newest(self.steps, "passed_on")

    @property
    def explanation(self) -> DayStep | None:
        return newest(self.steps, "explained")

    @property
    def open_sessions(self) -> list[tuple[date, Half, str]]:
        """The sessions without a reason: N of the last school days, and today's N, O or no mark. The mark is "" for none."""
        days = sorted({day for day, _, _ in self.year})[-LOOK_BACK_DAYS:]
        return [
            (day, half, code or "")
            for day, half, code in self.year
            if (day == self.on and code in (None, "N", "O")) or (code == "N" and day in days)
        ]

    @property
    def seen(self) -> SeenVersion:
        newest_step = max((step.id for step in self.steps), default=0)
        newest_entry = max((attempt.entry_id for attempt in self.attempts), default=0)
        return SeenVersion(newest_step, newest_entry, self.pupil.version)

    @property
    def newest_sentence(self) -> str:
        """The newest action about the pupil today, for a user who was typing meanwhile; "" if there is none."""
        step, attempt = self.steps[-1] if self.steps else None, self.today[-1] if self.today else None
        if attempt and (step is None or attempt.at >= step.at):
            return f"{attempt.by}, {clock_of(attempt.at)}: {attempt.said}"
        return f"{step.author_name} {STEP_WORDS[step.kind]} ({clock_of(step.at)})" if step else ""

    @property
    def why(self) -> str:
        """The reasons for the position in one line: "Second day without a reason · nobody has been tried yet"."""
        sentences = [sentence for sentence in self.place.because if not sentence.startswith(SHOWN_ELSEWHERE)]
        if self.place.pupil.days_unexplained == 1:
            sentences.insert(0, "First day")
        return " · ".join([*sentences[:1], *(sentence[0].lower() + sentence[1:] for sentence in sentences[1:])])

    @property
    def siblings_words(self) -> str:
        """Which brothers and sisters are missing too, and which are not; "" without any."""
        missing = [f"{sibling.name} ({sibling.school_name})" for sibling in self.siblings if sibling.is_missing]
        others = [f"{sibling.name} ({sibling.school_name})" for sibling in self.siblings if not sibling.is_missing]
        if not missing:
            return f"Brother or sister at school: {_and(others)}" if others else ""
        text = f"{_and(missing)} {'is' if len(missing) == 1 else 'are'} also missing"
        return f"{text}; not missing: {_and(others)}" if others else text

    @property
    def last_words(self) -> str:
        """ "Yesterday 09:40, Farid Rahman, 020 7946 0018: no answer (Priya Nair)" """
        attempt = self.last_attempt
        if attempt is None:
            return "No attempt yet"
        local = timezone.localtime(attempt.at)
        away = (self.on - local.date()).days
        day = "" if away == 0 else "Yesterday " if away == 1 else f"{weekday_without_year(local)} "
        words = f". {attempt.words}" if attempt.words else ""
        return f"{day}{local:%H:%M}, {attempt.said} ({attempt.by}){words}"

    @property
    def next_words(self) -> str:
        after = self.next.not_before
        return f"{self.next.sentence}, from {clock_of(after)}" if after else self.next.sentence

    @property
    def notes(self) -> list[str]:
        """What colleagues wrote or did today."""
        done, passed, remark, explained = (
            self.instruction_done,
            self.passed_on,
            newest(self.steps, "remark"),
            self.explanation,
        )
        return [
            *([f"Done at {clock_of(done.at)} by {done.author_name}: {done.words}"] if done else []),
            *([f"{passed.author_name} passed this on to {passed.to_name} at {clock_of(passed.at)}: {passed.words}"] if passed else []),
            *([f"{remark.words} ({remark.author_name})"] if remark else []),
            *([f"{explained.author_name} wrote at {clock_of(explained.at)}: {explained.words}"] if explained else []),
        ]  # fmt: skip

    @property
    def message(self) -> AbsenceMessage | None:
        """The absence message that can be sent; None where nobody may be written to, or it was sent today."""
        if any(attempt.outcome in (Outcome.TEXT_SENT, Outcome.EMAIL_SENT) for attempt in self.today):
            return None
        return absence_message_for(self.contacts, self.next.contact)

    @property
    def first(self) -> str:
        """The button to press first."""
        contact = self.next.contact
        if self.next.action is Action.CALL and contact and contact.prefers in ("text", "email") and not self.today:
            return "usual"
        return FIRST_BUTTONS[self.next.action]


FIRST_BUTTONS = {
    Action.CALL: "reached",
    Action.ASK_A_PARENT: "reached",
    Action.RECORD_REASON: "reason",
    Action.VISIT: "visit",
    Action.ACCOUNT_FOR: "accounted",
    Action.TELL_LEAD: "pass-on",
}
STEP_WORDS = {
    "working": "is calling now",
    "released": "is no longer dealing with this",
    "accounted": "accounted for the pupil",
    "not_accounted": "says the pupil is not accounted for",
    "passed_on": "passed this on",
    "explained": "wrote why this is still open",
    "instruction_done": "carried out the instruction",
    "remark": "added a note",
    "set_off": "recorded that a visitor has set off",
    "back": "recorded that the visitor is back",
}


def clock_of(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M}"


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _year_number(year_group: str) -> int:
    """National curriculum year as a number: reception 0, nursery -1; unknown values sort last."""
    text = year_group.strip().upper().removeprefix("YEAR").strip()
    if text.isdecimal():
        return int(text)
    return {"R": 0, "RECEPTION": 0, "N": -1, "N1": -2, "N2": -1, "NURSERY": -1}.get(text, 99)
