"""Closes yesterday as the attendance officer: explains each open line, signs the day off, and leaves a handover
note."""

import random
import uuid
from datetime import date, datetime
from typing import Any

from haven.attendance.follow_up.day import OpenItem
from haven.attendance.follow_up.models import DaySignOff, DayStep, HandOverNote
from haven.attendance.follow_up.queries.day import day_of, open_items
from haven.demonstration.load import write
from haven.demonstration.morning import at
from haven.demonstration.places import Place
from haven.demonstration.rolls import Worker
from haven.platform.accounts.context import access_context_for
from haven.platform.accounts.models import User
from haven.platform.row_security.context import access_context

STEP = ("school_id", "author_id", "pupil_id", "ref", "on", "half", "kind", "words", "author_name", "at")
EXPLAINED = "Called twice, message left, no answer. Call first tomorrow; home visit if still no answer."
ELSEWHERE = "Their register seen: there."


class DayEnd:
    """Reads the day with the product's own queries, so that the signed day equals what the pages show."""

    def __init__(self, rng: random.Random, place: Place, by: Worker, day: date, next_day: date) -> None:
        self.rng, self.place, self.by, self.day, self.next_day = rng, place, by, day, next_day
        self.signed_at = at(day, 15, 52)

    def ref(self) -> uuid.UUID:
        return uuid.UUID(int=self.rng.getrandbits(128), version=4)

    def _read(self) -> Any:
        user = User.objects.get(id=self.by.id)
        with access_context(user.id, on=self.day):
            viewer = access_context_for(user=user, on=self.day)
            return day_of(viewer=viewer, school_id=self.place.id, on=self.day, at=self.signed_at)

    def close(self, next_one: Worker) -> None:
        """Confirm those of the vulnerable pupils list who were elsewhere, explain what stays open, sign, and leave the note."""
        day = self._read()
        if not day.is_open:
            return
        lines = {line.pupil.pupil_id for line in day.lines}
        unsure = [item for item in open_items(day) if item.pupil_id is not None and item.pupil_id not in lines]
        items = [item for item in open_items(day) if item not in unsure]
        steps = {
            item.key: self._step(item.pupil_id, "", "explained", EXPLAINED, at(self.day, 15, 40))
            for item in items
            if item.pupil_id
        }
        confirmed = [
            self._step(item.pupil_id, half, "accounted", ELSEWHERE, at(self.day, hour, self.rng.randint(5, 50)))
            for item in unsure
            for half, hour in (("AM", 10), ("PM", 14))
        ]
        write(DayStep, STEP, [*confirmed, *steps.values()])
        DaySignOff.objects.create(
            ref=self.ref(), school_id=self.place.id, author_id=self.by.id, author_name=self.by.name, on=self.day,
            signed_at=self.signed_at, counts=day.counts.as_dict(),
            open_lines=[_kept(item, steps.get(item.key)) for item in items],
        )  # fmt: skip
        self._note(items, next_one)

    def _step(self, pupil_id: int | None, half: str, kind: str, words: str, when: datetime) -> tuple[Any, ...]:
        return (
            self.place.id,
            self.by.id,
            pupil_id,
            self.ref(),
            self.day,
            half,
            kind,
            words,
            self.by.name,
            when,
        )

    def _note(self, items: list[OpenItem], next_one: Worker) -> None:
        names = ", ".join(item.title for item in items)
        words = f"Still no answer about {names}: please call first thing." if names else "Nothing is open from today."
        HandOverNote.objects.create(
            ref=self.ref(), school_id=self.place.id, author_id=self.by.id, author_name=self.by.name,
            for_on=self.next_day, words=f"{words} {next_one.name} is in from half past eight.", written_at=at(self.day, 15, 55),
        )  # fmt: skip


def _kept(item: OpenItem, step: tuple[Any, ...] | None) -> dict[str, str]:
    if step is None:
        return {"key": item.key, "register": item.title, "words": EXPLAINED}
    return {"key": item.key, "step": str(step[3])}
