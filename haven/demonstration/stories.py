"""The written content of the demonstration: caseloads, yesterday's attempts, waiting concerns, and tasks."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from haven.core.records.definition_keys import CONCERN
from haven.core.records.form_definitions import form_in_force
from haven.core.tasks.sources import Source, TaskSource
from haven.demonstration.families import Child
from haven.demonstration.morning import Morning, at
from haven.demonstration.people import sign_in
from haven.demonstration.places import Place
from haven.demonstration.records import File
from haven.demonstration.registers import Register
from haven.demonstration.rolls import Worker
from haven.demonstration.staff import Staff, places_of
from haven.rules.visibility import RecordCategory
from haven.safeguarding.actions import WAITS

Load = tuple[Worker, Place, Child, str]
FAMILIES_OF_A_WORKER = 9


class Stories:
    """Creates the content about the children on roll at the schools where the people who sign in work."""

    def __init__(
        self, rng: random.Random, places: list[Place], registers: list[Register], staff: Staff, morning: Morning
    ) -> None:
        self.rng, self.staff, self.morning = rng, staff, morning
        self.places = {place.key: place for place in places}
        self.main = self.places.get("secondary", places[0])
        self.register = {register.place.number: register for register in registers}
        self.loads: list[Load] = []
        self.conflicts: list[Load] = []

    def at_school(self, place: Place) -> list[Child]:
        return (
            [stay.enrolment.child for stay in self.register[place.number].stays]
            if place.number in self.register
            else []
        )

    def places_of(self, key: str) -> list[Place]:
        return places_of(sign_in(key), list(self.places.values()))

    # ---- whose pupils are whose ----------------------------------------------------------------------------------------------

    def caseloads(self) -> None:
        """Assign families to the family support worker, pupils to the pupil support worker and the authority, classes
        to the teacher."""
        cast = self.staff.cast
        in_need = sorted((child for child in self.at_school(self.main)), key=lambda child: -child.share)
        wanted = [child for child in in_need if child.family.children and child.share > 0.12] or in_need
        families: list[int] = []
        mine = self.places_of("family_support_worker")
        for child in wanted[4:]:
            if len(families) >= FAMILIES_OF_A_WORKER:
                break
            if id(child.family) in families:
                continue
            families.append(id(child.family))
            for place in mine:
                for member in child.family.children:
                    if member.place is place and not member.has_left:
                        self.loads.append((cast["family_support_worker"], place, member, "Family support"))
        rest = [child for child in wanted if id(child.family) not in families]
        for child in rest[:14]:
            self.loads.append((cast["pupil_support_worker"], self.main, child, "One-to-one support"))
        for child in rest[:6] + rest[20:24]:
            self.loads.append((cast["authority_practitioner"], self.main, child, "Referred to the authority"))
        for child in rest[2:10]:
            self.loads.append((cast["attendance_coordinator"], self.main, child, "Attendance caseload"))
        self._teacher()

    def _teacher(self) -> None:
        """The teacher has one class of year 9 (or the first class there is), and the teacher's own child is in it."""
        teacher = self.staff.cast["teacher_parent"]
        stays = self.register[self.main.number].stays if self.main.number in self.register else []
        classes = [
            stay.group
            for stay in stays
            if stay.group.tutor is not self.staff.cast["form_tutor"] and not stay.group.owes
        ]
        if not classes:
            return
        group = next((group for group in classes if group.name == "9B"), classes[0])
        pupils = [stay.enrolment.child for stay in stays if stay.group is group]
        self.loads += [(teacher, self.main, child, f"Teaches {group.name}") for child in pupils]
        own = next(
            (child for child in pupils if child.family.people[0].relationship == "Mother" and not child.bridge),
            pupils[0],
        )
        own.family.people[0].name = teacher.name
        for child in own.family.children:
            if child.place is self.main and not child.has_left:
                self.conflicts.append((teacher, self.main, child, "parent"))

    # ---- what was written ----------------------------------------------------------------------------------------------------

    def write(self, file: File) -> None:
        self._attempts(file)
        self._notes(file)
        self._concerns(file)
        self._tasks(file)

    def _attempts(self, file: File) -> None:
        """Yesterday's attempts: two for each child without a reason; this morning the first two calls of the
        secondary."""
        for place in self.places.values():
            if place.number not in self.register:
                continue
            officer = self.staff.holder(place, "attendance_officer")
            day = self.morning.yesterday
            for child in self.morning.second_day.get(place.number, []) if day else []:
                assert day is not None
                first = at(day, 9, self.rng.randint(25, 55))
                file.attempt(place, officer, "attendance_officer", child, 1, "no_answer", first)
                second = at(day, 11, self.rng.randint(5, 50))
                tried = self._second_contact(child)
                file.attempt(
                    place,
                    officer,
                    "attendance_officer",
                    child,
                    tried,
                    "left_message",
                    second,
                    "Asked to call the school back.",
                )
        missing = [
            child for child in self.morning.missing.get(self.main.number, []) if child.family.people[0].telephone
        ]
        if len(missing) > 4:
            by = self.staff.cast["attendance_coordinator"]
            now = self.morning.now
            file.attempt(
                self.main, by, "attendance_coordinator", missing[-1], 1, "no_answer", now - timedelta(minutes=6),
                next_at=now + timedelta(minutes=24),
            )  # fmt: skip

    def _second_contact(self, child: Child) -> int:
        people = child.family.people
        return next((n for n, person in enumerate(people, start=1) if n > 1 and person.safe and person.telephone), 1)

    def _loaded(self, key: str) -> list[tuple[Place, Child]]:
        return [(place, child) for worker, place, child, _ in self.loads if worker is self.staff.cast[key]]

    def _days_ago(self, days: int, hour: int) -> datetime:
        years = self.register[self.main.number].year.days if self.main.number in self.register else (self.morning.on,)
        before = [day for day in years if day < self.morning.on]
        day = before[-days] if len(before) >= days else (before[0] if before else None)
        # on the first day of a year there is no day before: then everything was written this morning
        return at(day, hour, self.rng.randint(0, 59)) if day else at(self.morning.on, 8, self.rng.randint(5, 35))

    def _notes(self, file: File) -> None:
        pastoral = RecordCategory.PASTORAL
        family = self.staff.cast["family_support_worker"]
        for number, (place, child) in enumerate(self._loaded("family_support_worker")[:9]):
            parent = child.family.people[0]
            file.entry(place, pastoral, family, "family_support_worker", [child], "conversation_with_parent", {
                "who": parent.name, "how": ("telephone", "home", "school")[number % 3], "told_us": TOLD[number % len(TOLD)],
                "agreed": AGREED[number % len(AGREED)],
            }, self._days_ago(3 + number * 2, 10 + number % 4))  # fmt: skip
        support = self.staff.cast["pupil_support_worker"]
        for number, (place, child) in enumerate(self._loaded("pupil_support_worker")[:8]):
            file.entry(place, pastoral, support, "pupil_support_worker", [child], "note",
                       {"words": NOTES[number % len(NOTES)]}, self._days_ago(1 + number, 11))  # fmt: skip
        lead = self.staff.cast["pastoral_coordinator"]
        for place in self.places_of("pastoral_coordinator"):
            children = sorted(self.at_school(place), key=lambda child: -child.share)[:3]
            for number, child in enumerate(children):
                file.entry(place, pastoral, lead, "pastoral_coordinator", [child], "note",
                           {"words": NOTES[(number + 3) % len(NOTES)]}, self._days_ago(2 + number, 14))  # fmt: skip

    def _concerns(self, file: File) -> None:
        """One concern waits, one was received this morning, one last week: each with its receipt and its task."""
        cast, main = self.staff.cast, self.main
        own = {child.id for _, _, child, _ in self.conflicts}
        taught = [child for _, child in self._loaded("teacher_parent") if child.id not in own]
        tutored = (
            [
                stay.enrolment.child
                for stay in self.register[main.number].stays
                if stay.group.tutor is cast["form_tutor"]
            ]
            if main.number in self.register
            else []
        )
        seen: Callable[[int], Worker] = lambda n: (cast["dsl"], cast["deputy_dsl"])[n % 2]  # noqa: E731  (two leads by turns)
        rows = (
            (cast["teacher_parent"], "teacher", taught[:1], CONCERNS[0], self._this_morning(8, 31), None),
            (cast["form_tutor"], "form_tutor", tutored[:1], CONCERNS[1], self._days_ago(1, 14), self._this_morning(8, 12)),
            (cast["pupil_support_worker"], "pupil_support_worker", tutored[2:3], CONCERNS[2], self._days_ago(6, 12), self._days_ago(6, 13) + timedelta(hours=1)),
        )  # fmt: skip
        for number, (by, role, children, fields, when, received) in enumerate(rows):
            for child in children:
                received = min(received, self.morning.now) if received else None
                lead = seen(number + 1)
                concern = file.concern(
                    main, by, role, child, fields, when,
                    seen_by=lead if received else None, seen_role="deputy_dsl" if lead is cast["deputy_dsl"] else "dsl", seen_at=received,
                )  # fmt: skip
                file.task(
                    main, RecordCategory.SAFEGUARDING, by, role, [child], WAITS, when, source=Source(TaskSource.FORM, CONCERN),
                    assignee_role="dsl", due_at=form_in_force(CONCERN, when.date()).due_at(fields, when), about=concern,
                    done_at=received, done_by=lead.name if received else "", outcome="Received" if received else "",
                )  # fmt: skip

    def _this_morning(self, hour: int, minute: int) -> datetime:
        return at(self.morning.on, hour, minute)

    def _tasks(self, file: File) -> None:
        cast = self.staff.cast
        now = self.morning.now
        plans = (
            ("family_support_worker", "attendance_coordinator", "Home visit: speak with the family about mornings", 0),
            ("family_support_worker", "attendance_coordinator", "Call about the medical appointment letter", 1),
            ("family_support_worker", "pastoral_coordinator", "Meet the family before the part-time timetable ends", 4),
            ("pupil_support_worker", "pastoral_coordinator", "Check in at the gate", 0),
            ("pupil_support_worker", "pastoral_coordinator", "One-to-one: how did the week go?", 2),
            ("pupil_support_worker", "pastoral_coordinator", "Return-to-school talk", -1),
            ("attendance_coordinator", "attendance_coordinator", "Review attendance since the last letter", 3),
        )
        for number, (worker, by, title, days) in enumerate(plans):
            mine = self._loaded(worker)
            if mine:
                place, child = mine[number % len(mine)]
                file.task(
                    place, RecordCategory.PASTORAL, cast[by], by, [child], title, self._days_ago(2, 13), source=Source(TaskSource.PLAN),
                    assignee=cast[worker], due_at=at((now + timedelta(days=days)).date(), 15, 0),
                )  # fmt: skip


TOLD = (
    "Mornings are hard since the move: two buses, and the first is often full.",
    "Stomach aches on school days, none at the weekend. The doctor found nothing.",
    "Has been caring for a younger brother while the mother works early shifts.",
    "Fell out with friends in the summer and does not want to see them at lunch.",
    "The letter about unauthorised absence was not understood; an interpreter is needed next time.",
)
AGREED = (
    "The worker meets the child at the gate on Monday and Tuesday; we speak again in two weeks.",
    "A quiet start in the support room until Friday; the mother calls before 8:30 if it does not go.",
    "The mother asks the breakfast club for a place; the worker sends the form today.",
)
NOTES = (
    "Came in on time three days of five. Pleased with that.",
    "Talked about what helps on a bad morning: leaving the house with a friend.",
    "Sat with two others at lunch, stayed for the whole of it.",
    "Wants to see the careers adviser; appointment asked for.",
    "Missed the agreed meeting. Seen later in the corridor; new time agreed.",
)
CONCERNS = (
    {"seen": "At the end of the second lesson yesterday she stayed behind and would not go home. She asked whether the school is open at the weekend.",
     "own_words": "I don't want to be there when he is there.", "my_view": "I think she is frightened of somebody at home.",
     "told": "Nobody yet.", "safe_now": "not_sure", "done_at_once": "I asked her to come to me at break."},
    {"seen": "In registration he wore the same wet clothes as the day before, and fell asleep twice.",
     "own_words": "The heating's off till Friday.", "my_view": "There may be no money for heating.", "told": "The head of year.", "safe_now": "yes"},
    {"seen": "A friend says that she gets messages from someone older she met online.",
     "my_view": "She did not want to talk about it.", "told": "The safeguarding lead, in the corridor.", "safe_now": "yes"},
)  # fmt: skip
