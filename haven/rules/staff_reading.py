"""Which edition of Part One must staff read, is it required of all of them, and which day of reading counts?

Keeping children safe in education: staff read Part One. Whether all of them read it in full differs from edition to edition and is the
reading `part_one_in_full` in `edition_table`, with its mark. An edition is published before it comes into force, so reading it in
the weeks before counts: how many weeks is a house rule.
"""

from datetime import date, timedelta

from haven.rules.decision import Decision, allow, refuse
from haven.rules.editions import Edition, NoEdition, NoReading, Reading, edition_in_force, reading_on

GUIDANCE = "kcsie"
COUNTS_BEFORE = timedelta(days=92)
"""So long before an edition comes into force a reading of it may lie."""


def edition_to_read(on: date) -> Edition | None:
    """The edition of the guidance in force on a day; None where none is known for it."""
    try:
        return edition_in_force(GUIDANCE, on)
    except NoEdition:
        return None


def required_of_all(on: date) -> Reading | None:
    """Whether all staff read Part One in full on a day (`value` "yes" or "no"), with its mark; None where nothing is known."""
    try:
        return reading_on("part_one_in_full", on)
    except NoReading:
        return None


def may_count_as_read(read_on: date, edition: Edition, today: date) -> Decision:
    """Whether a day is one on which that edition can have been read: not ahead of today, and not before it was published."""
    if read_on > today:
        return refuse("The date you finished reading is in the future.")
    if edition.begins_on and read_on < edition.begins_on - COUNTS_BEFORE:
        return refuse(f"The {edition.edition} edition was not published then. Enter the date you read this edition.")
    return allow()
