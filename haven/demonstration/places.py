"""The schools of the demonstration: number, kinds, sizes and times of the day."""

from dataclasses import dataclass, field
from datetime import time

TRUST = ("LLT01", "Larkfield Learning Trust")
AUTHORITY = ("999", "Westmarch Council")
FIRST_URN = 990001
PHASE = {"primary": "Primary", "secondary": "Secondary", "ap": "Alternative provision"}
GROUPS = {"primary": range(0, 7), "secondary": range(7, 12), "ap": range(7, 12)}
AGES = {"primary": (4, 11), "secondary": (11, 16), "ap": (11, 16)}
CLASS_SIZE = {"primary": 30, "secondary": 30, "ap": 8}
TYPE = {
    "primary": "Academy converter",
    "secondary": "Academy converter",
    "ap": "Academy alternative provision converter",
}
# The weight of a primary, a secondary and an alternative-provision site when pupils are divided. The last one also has
# places for pupils who are on the roll of a secondary.
WEIGHT = {"primary": 420, "secondary": 1560, "ap": 20}
TIMES = {
    "primary": (time(8, 50), time(9, 10), time(12, 0), time(13, 0), time(13, 15), time(15, 15)),
    "secondary": (time(8, 40), time(9, 10), time(12, 30), time(13, 15), time(13, 30), time(15, 10)),
    "ap": (time(8, 50), time(9, 10), time(12, 0), time(12, 45), time(13, 0), time(14, 45)),
}
"""Morning begins, its register closes, morning ends; the same for the afternoon."""
FIRST_NAMES = {
    "primary": "Larkfield Primary School",
    "secondary": "Larkfield High School",
    "ap": "The Bridge at Larkfield",
}
MORE_NAMES = [
    "Alderbrook",
    "Beckside",
    "Castleford",
    "Dalehead",
    "Eastmoor",
    "Foxhollow",
    "Glenmere",
    "Heatherfield",
    "Inglewood",
    "Kingsmead",
    "Lowther",
    "Moorside",
    "Northgate",
    "Oakenshaw",
    "Parkgate",
    "Quarrybank",
    "Ridgeway",
    "Stonebridge",
    "Thornhill",
    "Upperdale",
    "Valley",
    "Westbrook",
    "Yewtree",
    "Zion",
]
MORE_ENDINGS = {"primary": "Primary School", "secondary": "High School", "ap": "Centre"}


@dataclass(slots=True)
class Place:
    """One school. `seats` are the pupils on roll now in each year group, without those whose main school is another
    one."""

    number: int
    key: str
    kind: str
    name: str
    urn: int
    pattern: int
    seats: dict[int, int]
    id: int = 0
    calendars: dict[str, int] = field(default_factory=dict)
    """Calendar id by academic year."""

    @property
    def phase(self) -> str:
        return PHASE[self.kind]

    @property
    def groups(self) -> range:
        return GROUPS[self.kind]


def kinds_of(schools: int) -> list[str]:
    """The kinds of the schools: first a primary, a secondary and an alternative-provision site, then mostly
    primaries."""
    if schools <= 3:
        return [["secondary"], ["primary", "secondary"], ["primary", "secondary", "ap"]][schools - 1]
    turn = ["primary", "primary", "primary", "secondary"]
    more = [turn[n % 4] if n % 41 != 40 else "ap" for n in range(schools - 3)]
    return ["primary", "secondary", "ap", *more]


def build_school(*, schools: int, pupils: int) -> list[Place]:
    """The schools with their seats, which add up to `pupils`. `schools` and `pupils` are at least 1."""
    kinds = kinds_of(schools)
    total = sum(WEIGHT[kind] for kind in kinds)
    places: list[Place] = []
    given = 0
    for number, kind in enumerate(kinds):
        last = number == len(kinds) - 1
        share = pupils - given if last else round(pupils * WEIGHT[kind] / total)
        share = max(0, min(share, pupils - given))
        given += share
        groups = list(GROUPS[kind])
        group_size, rest = divmod(share, len(groups))
        seats = {group: group_size + (place < rest) for place, group in enumerate(groups)}
        first = kind not in kinds[:number]
        places.append(
            Place(
                number=number,
                key=kind if first else f"{kind}-{kinds[: number + 1].count(kind)}",
                kind=kind,
                name=FIRST_NAMES[kind] if first else _name(number, kind),
                urn=FIRST_URN + number,
                pattern=number % 4,
                seats=seats,
            )
        )
    return places


def _name(number: int, kind: str) -> str:
    around, word = divmod(number, len(MORE_NAMES))
    return f"{MORE_NAMES[word]}{f' {around + 1}' if around else ''} {MORE_ENDINGS[kind]}"


def class_name(kind: str, group: int, place: int) -> tuple[str, int]:
    """Name of the class of a pupil's seat, and its number in the year group: ("8C", 2)."""
    number = place // CLASS_SIZE[kind]
    letter = chr(65 + number % 26) + (str(number // 26 + 1) if number >= 26 else "")
    if kind == "ap":
        return f"Bridge {group}{letter}", number
    return f"{'R' if group == 0 else group}{letter}", number
