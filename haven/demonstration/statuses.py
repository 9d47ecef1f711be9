"""Dated statuses of pupils, and the vulnerable pupils list with its instructions."""

import random
import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from haven.core.people.statuses import latest_kind
from haven.demonstration.families import Child
from haven.demonstration.places import Place

SHARES = {
    "sen_support": 0.135, "ehcp": 0.048, "fsm": 0.25, "service_child": 0.008, "medical": 0.03, "part_time_timetable": 0.004,
    "ebsa": 0.008, "reintegrating": 0.003, "young_carer": 0.01, "bereaved": 0.004, "mobile_child": 0.002,
    "previously_looked_after": 0.005, "early_help": 0.022, "child_in_need": 0.014, "assessment": 0.003, "goes_missing": 0.002,
    "exploitation_risk": 0.002, "child_protection": 0.004, "looked_after": 0.006, "private_fostering": 0.0003,
}  # fmt: skip
"""Share of pupils with each status, about as in England's school census and children in need census."""
WITH_ABSENCE = frozenset(
    [
        "ehcp",
        "part_time_timetable",
        "ebsa",
        "reintegrating",
        "young_carer",
        "early_help",
        "child_in_need",
        "assessment",
        "goes_missing",
        "exploitation_risk",
        "child_protection",
        "fsm",
        "sen_support",
    ]
)
"""More likely for pupils who miss more."""
LISTED = {1: 0.2, 2: 1.0, 3: 1.0}
"""Of those whose status may put them on the vulnerable pupils list, the part whom the lead has put there, by priority."""
SOURCES = {
    "attendance": ("School census", "Admission form", "Parent"),
    "pastoral": ("Family support worker", "Parent", "Pastoral team"),
    "safeguarding": ("Children’s social care", "Multi-agency meeting"),
}
DETAILS = {
    "sen_support": (
        "Communication and interaction",
        "Social, emotional and mental health",
        "Cognition and learning",
        "Sensory",
    ),
    "ehcp": (
        "Autism",
        "Speech, language and communication",
        "Social, emotional and mental health",
        "Severe learning difficulty",
    ),
    "medical": (
        "Inhaler in the office",
        "Medication at 12:00, with the first aider",
        "Pen in the office: call an ambulance first",
    ),
    "part_time_timetable": ("Mornings, Monday to Friday", "Monday, Wednesday and Friday"),
}
SOCIAL_WORKERS = ("Dawn Fletcher", "Marcus Bailey", "Ruth Abara", "Colin Yates", "Farah Aziz")


@dataclass(slots=True)
class Held:
    """A status of a child at a school."""

    child: Child
    place: Place
    kind: str
    detail: str
    source: str
    begins_on: date
    review_on: date | None
    listing: uuid.UUID | None


def give(rng: random.Random, children: list[Child], *, on: date) -> list[Held]:
    """Statuses for the children on roll, drawn by their shares."""
    held: list[Held] = []
    for child in children:
        if child.has_left:
            continue
        lean = min(4.0, 0.35 + child.share / 0.11)
        kinds = [kind for kind, share in SHARES.items() if rng.random() < share * (lean if kind in WITH_ABSENCE else 1)]
        if child.family.language != "English":
            kinds.append("eal")
        if child.bridge is not None and "reintegrating" not in kinds and rng.random() < 0.3:
            kinds.append("reintegrating")
        for kind in _one_listed(kinds):
            held += [_held(rng, child, place, kind, on) for place in (child.place, child.bridge) if place is not None]
    return held


def _one_listed(kinds: list[str]) -> list[str]:
    """Of the kinds that bear on the vulnerable pupils list, the gravest alone: one line a child."""
    listed = [kind for kind in kinds if latest_kind(kind).priority]
    gravest = max(listed, key=lambda kind: latest_kind(kind).priority, default="")
    return [kind for kind in kinds if not latest_kind(kind).priority or kind == gravest]


def _held(rng: random.Random, child: Child, place: Place, kind: str, on: date) -> Held:
    definition = latest_kind(kind)
    begins_on = on - timedelta(days=rng.randint(5, 60 if (definition.review_days or 365) < 100 else 700))
    review_on = definition.review_after(begins_on)
    while review_on is not None and review_on < on - timedelta(days=10):
        review_on += timedelta(days=definition.review_days or 365)
    detail = rng.choice(DETAILS[kind]) if kind in DETAILS else ""
    if definition.detail_asks.startswith("Social worker"):
        detail = f"{rng.choice(SOCIAL_WORKERS)}, 020 7946 0{rng.randint(0, 999):03d}"
    source = rng.choice(SOURCES[definition.record_category.name.lower()])
    listed = definition.priority > 0 and rng.random() < LISTED[definition.priority]
    listing = uuid.UUID(int=rng.getrandbits(128), version=4) if listed else None
    return Held(child, place, kind, detail, source, begins_on, review_on, listing)


def priorities_of(held: list[Held]) -> dict[int, int]:
    """Place on the vulnerable pupils list by child id, for those who are on it."""
    priorities: dict[int, int] = {}
    for status in held:
        if status.listing is not None:
            priorities[status.child.id] = max(priorities.get(status.child.id, 0), latest_kind(status.kind).priority)
    return priorities
