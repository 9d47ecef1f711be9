"""Editions of guidance in force on a day, and enacted law that is not: a table of cases, and an obvious second form of each answer."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haven.rules.editions import (
    EDITIONS,
    GUIDANCE,
    PROVISIONS,
    READINGS,
    Check,
    NoEdition,
    NoReading,
    UnknownGuidance,
    UnknownProvision,
    citation,
    cited,
    edition_in_force,
    guidance_in,
    is_in_force,
    reading_on,
)

DAY = timedelta(days=1)
DAYS = st.dates(date(2010, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("guidance", "on", "edition"),
    [
        # The days on which an edition begins, and the days before them: GOV.UK pages, see each entry's source.
        ("kcsie", date(2024, 9, 2), "2024"),
        ("kcsie", date(2025, 8, 31), "2024"),
        ("kcsie", date(2025, 9, 1), "2025"),
        ("kcsie", date(2026, 8, 31), "2025"),
        ("kcsie", date(2026, 9, 1), "2026"),
        ("working_together", date(2026, 3, 17), "2023"),
        ("working_together", date(2026, 3, 18), "2026"),
        ("attendance", date(2024, 8, 19), "August 2024"),
        ("attendance", date(2026, 7, 8), "August 2024"),
        ("attendance", date(2026, 7, 9), "July 2026"),
        ("suspension", date(2026, 7, 25), "September 2023"),
        ("suspension", date(2026, 7, 26), "July 2026"),
        ("restrictive", date(2026, 3, 31), "2013"),
        ("restrictive", date(2026, 4, 1), "April 2026"),
        ("information_sharing", date(2026, 9, 9), "2024"),
        ("information_sharing", date(2026, 9, 10), "2026"),
    ],
)
def test_the_edition_of_a_day(guidance: str, on: date, edition: str) -> None:
    assert edition_in_force(guidance, on).edition == edition


def test_a_day_before_the_first_edition_is_a_gap_and_other_guidance_is_unknown() -> None:
    with pytest.raises(
        NoEdition, match="No edition of “Keeping children safe in education” is known for 1 September 2024"
    ):
        edition_in_force("kcsie", date(2024, 9, 1))
    with pytest.raises(UnknownGuidance, match="“behaviour” is not in the table"):
        edition_in_force("behaviour", date(2026, 9, 1))


@given(st.sampled_from([each.id for each in GUIDANCE]), DAYS)
def test_at_most_one_edition_covers_a_day(guidance: str, on: date) -> None:
    covering = [
        each
        for each in EDITIONS
        if each.guidance == guidance and (each.begins_on or date.min) <= on <= (each.ends_on or date.max)
    ]
    if covering:
        assert [edition_in_force(guidance, on)] == covering
    else:
        with pytest.raises(NoEdition):
            edition_in_force(guidance, on)


@pytest.mark.parametrize("guidance", [each.id for each in GUIDANCE])
def test_an_edition_ends_on_the_day_before_the_next_and_the_last_one_has_no_end(guidance: str) -> None:
    editions = [each for each in EDITIONS if each.guidance == guidance]
    for before, after in zip(editions, editions[1:], strict=False):
        assert before.ends_on is not None and after.begins_on == before.ends_on + DAY
    assert editions[-1].ends_on is None


NOT_COMMENCED = [
    "cpa2026_s85", "ca2004_s16la", "ca2004_s16lb", "ca2004_s16lc", "ca2004_s16ld", "cwsa2026_s3", "cwsa2026_s37",
    "cwsa2026_s38", "cwsa2026_s39", "cwsa2026_s40", "cwsa2026_s41", "cwsa2026_s42",
]  # fmt: skip


@pytest.mark.parametrize("provision", NOT_COMMENCED)
@given(on=DAYS)
def test_what_is_enacted_and_not_commenced_is_in_force_on_no_day(provision: str, on: date) -> None:
    assert not is_in_force(provision, on)


@pytest.mark.parametrize(
    ("provision", "first"), [("cwsa2026_s5", date(2026, 6, 29)), ("eia2006_s93a", date(2026, 4, 1))]
)
def test_a_commenced_provision_is_in_force_from_its_first_day(provision: str, first: date) -> None:
    assert not is_in_force(provision, first - DAY) and is_in_force(provision, first)


def test_an_unknown_provision_is_an_error() -> None:
    with pytest.raises(UnknownProvision, match="cwsa2026_s99"):
        is_in_force("cwsa2026_s99", date(2026, 9, 1))


def test_a_point_without_an_answer_has_none_and_says_so() -> None:
    code = reading_on("separation_code", date(2026, 7, 26))
    assert (code.value, code.check) == (None, Check.NOT_FOUND)
    with pytest.raises(NoReading, match="separation_code"):
        reading_on("separation_code", date(2026, 7, 25))


@given(st.sampled_from(sorted({each.id for each in READINGS})), DAYS)
def test_at_most_one_answer_covers_a_day(reading: str, on: date) -> None:
    covering = [each for each in READINGS if each.id == reading and each.begins_on <= on <= (each.ends_on or date.max)]
    assert len(covering) <= 1
    if covering:
        assert reading_on(reading, on) == covering[0]


def test_without_an_answer_the_mark_is_not_found() -> None:
    assert [each.id for each in READINGS if each.value is None and each.check is not Check.NOT_FOUND] == []


def test_ids_are_unique_and_every_entry_names_its_source() -> None:
    for ids in ([each.id for each in GUIDANCE], [each.id for each in PROVISIONS]):
        assert len(ids) == len(set(ids))
    for dated in (EDITIONS, PROVISIONS, READINGS):
        assert all(row.source for row in dated)


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2026, 1, 14), "Keeping children safe in education (2025 edition)"),
        (date(2026, 11, 30), "Keeping children safe in education (2026 edition, contents not verified)"),
    ],
)
def test_a_citation_names_the_edition_of_its_day_and_marks_what_was_not_verified(on: date, words: str) -> None:
    assert citation("kcsie", on) == words
    assert (
        cited("Keeping children safe in education, part one: tell the lead", on) == f"{words}, part one: tell the lead"
    )


def test_a_text_without_guidance_or_of_a_day_without_an_edition_stays_as_it_is() -> None:
    assert cited("SI 2024/208 regulation 13", date(2026, 1, 14)) == "SI 2024/208 regulation 13"
    assert cited("KCSIE", date(2020, 1, 1)) == "KCSIE"


def test_guidance_is_recognised_across_a_line_break_and_in_any_case() -> None:
    text = "Working together to\n  improve school attendance; Working Together to Safeguard Children"
    assert guidance_in(text) == ("working_together", "attendance")
    assert guidance_in("Working together") == ()


# guidance, edition, first day, last day, statutory, how well the dates and the contents were checked
EDITIONS_BY_HAND = """
kcsie               | 2024           | 2024-09-02 | 2025-08-31 | yes | verified | likely
kcsie               | 2025           | 2025-09-01 | 2026-08-31 | yes | verified | verified
kcsie               | 2026           | 2026-09-01 | -          | yes | verified | likely
working_together    | 2023           | 2023-12-15 | 2026-03-17 | yes | verified | likely
working_together    | 2026           | 2026-03-18 | -          | yes | verified | not found
attendance          | August 2024    | 2024-08-19 | 2026-07-08 | yes | verified | verified
attendance          | July 2026      | 2026-07-09 | -          | yes | verified | likely
suspension          | September 2023 | 2023-09-01 | 2026-07-25 | yes | verified | likely
suspension          | July 2026      | 2026-07-26 | -          | yes | verified | likely
restrictive         | 2013           | -          | 2026-03-31 | no  | verified | likely
restrictive         | April 2026     | 2026-04-01 | -          | yes | verified | likely
information_sharing | 2024           | -          | 2026-09-09 | no  | likely   | likely
information_sharing | 2026           | 2026-09-10 | -          | yes | likely   | not found
"""


def _day(on: date | None) -> str:
    return on.isoformat() if on else "-"


def test_the_table_of_editions_is_the_one_written_by_hand() -> None:
    table = [
        [each.guidance, each.edition, _day(each.begins_on), _day(each.ends_on), "yes" if each.is_statutory else "no", each.check, each.contents]
        for each in EDITIONS
    ]  # fmt: skip
    assert table == [[cell.strip() for cell in row.split("|")] for row in EDITIONS_BY_HAND.strip().splitlines()]


def test_the_provisions_on_children_not_in_school_are_sections_37_to_42() -> None:
    sections = [each.act for each in PROVISIONS if each.title == "Children not in school"]
    assert [act.rpartition(" ")[2] for act in sections] == ["37", "38", "39", "40", "41", "42"]


def test_the_provisions_in_force_begin_on_their_days() -> None:
    assert {each.id: each.begins_on for each in PROVISIONS if each.begins_on} == {
        "cwsa2026_s5": date(2026, 6, 29),
        "eia2006_s93a": date(2026, 4, 1),
    }


@pytest.mark.parametrize(
    ("reading", "first", "last"),
    [
        ("separation_code", date(2026, 7, 26), None),
        ("part_one_in_full", date(2025, 9, 1), None),
        ("lead_role", date(2024, 9, 2), None),
        ("meals_plain_yes", date(1900, 1, 1), None),
    ],
)
def test_a_reading_covers_every_day_from_its_first(reading: str, first: date, last: date | None) -> None:
    entries = [each for each in READINGS if each.id == reading]
    assert (entries[0].begins_on, entries[-1].ends_on) == (first, last)
    for earlier, later in zip(entries, entries[1:], strict=False):
        assert earlier.ends_on is not None
        assert later.begins_on == earlier.ends_on + DAY
        assert later.begins_on == date(2026, 9, 1)


def test_the_longer_of_two_titles_is_cited() -> None:
    said = cited("Suspension and permanent exclusion guidance, paragraph 3", date(2026, 9, 1))
    assert said == f"{citation('suspension', date(2026, 9, 1))}, paragraph 3"
