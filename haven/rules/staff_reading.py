"""Decides which edition of Part One staff must read, whether all of them must, and which reading dates count.

Keeping children safe in education: staff read Part One. Whether all of them read it in full differs from edition to
edition. That is the reading `part_one_in_full` in `edition_table`, with its mark. An edition is published before it
comes into force, so reading it in the weeks before counts. The number of weeks is Haven's own rule.
"""

from datetime import date, timedelta

from haven.rules.decision import Decision, allow, refuse
from haven.rules.editions import Edition, NoEdition, NoReading, Reading, edition_in_force, reading_on

GUIDANCE = "kcsie"
COUNTS_BEFORE = timedelta(days=92)
"""How long before an edition comes into force a reading of it may be dated."""


def edition_to_read(on: date) -> Edition | None:
    """The edition of the guidance in force on a day; None where none is known for it."""
    try:
        return edition_in_force(GUIDANCE, on)
    except NoEdition:
        return None


def required_of_all(on: date) -> Reading | None:
    """Whether all staff must read Part One in full on a day (`value` "yes" or "no"), with its mark; None where this is
    not known."""
    try:
        return reading_on("part_one_in_full", on)
    except NoReading:
        return None


def may_count_as_read(read_on: date, edition: Edition, today: date) -> Decision:
    """Whether a person can have read that edition on a day: a day that is not in the future and not before publication."""
    if read_on > today:
        return refuse("The date you finished reading is in the future.")
    if edition.begins_on and read_on < edition.begins_on - COUNTS_BEFORE:
        return refuse(f"The {edition.edition} edition was not published then. Enter the date you read this edition.")
    return allow()
