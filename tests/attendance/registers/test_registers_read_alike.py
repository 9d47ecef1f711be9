"""Random registers through both ways of the reader, beside an obvious implementation: pupils with several enrolments in both years,
some of them at the same time, and sheets on several versions of both years' calendars."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from haven.analytics.measures import walk_many
from haven.attendance.registers.models import Sheet
from haven.attendance.registers.queries.register_reader import RegisterBatch, YearSheets, bulk_registers, sheets_for
from haven.core.people.models import Enrolment
from haven.core.schools.models import Calendar
from haven.platform.row_security.context import access_context
from haven.rules.attendance_codes import MISSING, to_byte
from haven.rules.sessions import session_of
from tests.factories.registers import AT, YEAR, SchoolData, build_school, weekdays
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db

BEFORE = "2024-25"
SESSIONS = {
    BEFORE: weekdays(date(2025, 4, 28), date(2025, 7, 18)),
    YEAR: weekdays(date(2025, 9, 3), date(2025, 11, 14)),
}
CODES = [to_byte(code) for code in ("/", "\\", "N", "O", "I", "G", "U", "L")] + [MISSING] * 4


@dataclass
class World:
    """A school with random registers: the newest sessions of each year, and each enrolment's marks by year and session key."""

    school_data: SchoolData
    newest: dict[str, list[int]] = field(default_factory=dict)
    marks: dict[tuple[int, str], dict[int, int]] = field(default_factory=dict)

    def is_on_roll(self, enrolment: Enrolment, key: int) -> bool:
        on = session_of(key).on
        return enrolment.begins_on <= on and (enrolment.ends_on is None or on <= enrolment.ends_on)

    def row(self, enrolment: Enrolment) -> list[int]:
        found = self.marks.get((enrolment.id, YEAR), {})
        return [found.get(key, MISSING) for key in self.newest[YEAR]]

    def previous(self, pupil_id: int) -> list[int]:
        """The pupil's marks of the year before while on roll; of two for one session that of the later enrolment."""
        merged: dict[int, int] = {}
        for enrolment in sorted(self.school_data.enrolments, key=lambda each: each.id):
            if enrolment.pupil_id == pupil_id:
                for key, byte in self.marks.get((enrolment.id, BEFORE), {}).items():
                    if byte != MISSING and self.is_on_roll(enrolment, key):
                        merged[key] = byte
        return [merged.get(key, MISSING) for key in self.newest[BEFORE]]


def random_world(seed: int) -> World:
    dice = random.Random(seed)
    world = World(build_school(pupils=6, first=date(2025, 9, 3), last=date(2025, 11, 14)))
    school_data, head = world.school_data, world.school_data.users["head"].id
    with owner():
        versions: dict[str, list[Calendar]] = {YEAR: [school_data.calendar], BEFORE: []}
        for year, sessions in SESSIONS.items():
            for version in range(len(versions[year]) + 1, dice.randint(1, 3) + 1):
                some = sorted(dice.sample(sessions, len(sessions) - dice.choice([0, 2, 9])))
                versions[year].append(
                    Calendar.objects.create(
                        school=school_data.school, year=year, version=version, sessions=some, made_at=AT, reason="Snow"
                    )
                )
            world.newest[year] = list(versions[year][-1].sessions)
        for first in list(school_data.enrolments):
            first.begins_on = dice.choice([date(2024, 9, 1), date(2025, 5, 7), date(2025, 9, 15), date(2025, 10, 1)])
            first.ends_on = dice.choice([None, None, date(2025, 6, 20), date(2025, 10, 10)])
            if first.ends_on and first.ends_on < first.begins_on:
                first.ends_on = None
            first.save()
            for _ in range(dice.choice([0, 0, 1, 2])):  # further enrolments of the same pupil, before or after it
                begins_on = date(2025, 5, 1) + timedelta(days=dice.randrange(180))
                ends_on = dice.choice([None, begins_on + timedelta(days=dice.randrange(90))])
                if any(
                    begins_on <= (other.ends_on or date.max) and other.begins_on <= (ends_on or date.max)
                    for other in school_data.enrolments
                    if other.pupil_id == first.pupil_id
                ):
                    continue
                school_data.enrolments.append(
                    Enrolment.objects.create(
                        school=school_data.school, author_id=head,
                        pupil=first.pupil, begins_on=begins_on, ends_on=ends_on,
                    )
                )  # fmt: skip
        for enrolment in school_data.enrolments:
            for year in SESSIONS:
                if dice.random() < 0.85:
                    calendar = dice.choice(versions[year])
                    marks = bytes(dice.choice(CODES) for _ in calendar.sessions)
                    world.marks[enrolment.id, year] = dict(zip(calendar.sessions, marks, strict=True))
                    Sheet.objects.create(
                        school=school_data.school, author_id=head,
                        pupil=enrolment.pupil, enrolment=enrolment, year=year, calendar=calendar, marks=marks,
                    )  # fmt: skip
    return world


def read(world: World) -> tuple[YearSheets, list[RegisterBatch]]:
    with access_context(world.school_data.users["head"].id):
        sheets = sheets_for(school_id=world.school_data.school.id, year=YEAR)
        assert sheets is not None
        return sheets, list(bulk_registers(school_ids=[world.school_data.school.id], year=YEAR))


@pytest.mark.parametrize("seed", range(8))
def test_both_ways_read_what_the_obvious_form_reads(seed: int) -> None:
    world = random_world(seed)
    sheets, (batch,) = read(world)
    by_id = {each.id: each for each in world.school_data.enrolments}
    assert sheets.previous is not None and batch.previous is not None
    for row, each in enumerate(sheets.enrolments):
        assert sheets.matrix[row].tolist() == world.row(by_id[each.enrolment_id])
        assert sheets.previous[row].tolist() == world.previous(each.pupil_id)
    begun = {each.enrolment_id: row for row, each in enumerate(sheets.enrolments)}
    reached = len(world.newest[BEFORE]) - batch.previous.shape[1]
    covers = batch.roll.covers(np.arange(batch.calendar.sessions))
    for row, (number, pupil_id) in enumerate(zip(batch.enrolments.tolist(), batch.pupils.tolist(), strict=True)):
        assert batch.matrix[row].tolist() == world.row(by_id[number])
        assert batch.previous[row].tolist() == world.previous(pupil_id)[reached:]
        assert covers[row].tolist() == [world.is_on_roll(by_id[number], key) for key in world.newest[YEAR]]
        assert (batch.roll.first[row], batch.roll.last[row]) == (
            sheets.roll.first[begun[number]], sheets.roll.last[begun[number]],
        )  # fmt: skip
    with_sheet = {id for id, year in world.marks if year == YEAR}
    ever = {id for id in with_sheet if any(world.is_on_roll(by_id[id], key) for key in world.newest[YEAR])}
    assert set(batch.enrolments.tolist()) == ever


@pytest.mark.parametrize("seed", range(8))
def test_a_schools_page_and_an_authoritys_page_show_the_same_measures(seed: int) -> None:
    world = random_world(seed)
    sheets, (batch,) = read(world)
    periods: tuple[dict[str, Any], ...] = ({}, {"from_on": date(2025, 9, 10), "to_on": date(2025, 10, 3)})
    for days in periods:
        own = walk_many(sheets.matrix, sheets.calendar, roll=sheets.roll, previous=sheets.previous, **days)
        of_school = {each.enrolment_id: row.tobytes() for each, row in zip(sheets.enrolments, own, strict=True)}
        of_authority = dict(zip(batch.enrolments.tolist(), batch.measures(**days), strict=True))
        assert {number: row.tobytes() for number, row in of_authority.items()} == {
            number: of_school[number] for number in of_authority
        }
