"""Keys that sort names as people expect."""

import re


def natural_order(name: str) -> list[tuple[int, str]]:
    """A key that sorts numbers within names by their value and ignores case: 7A, 8B, 10A, Base 2. "" comes first."""
    parts = re.split(r"([0-9]+)", name)
    return [(int(part), "") if part.isdigit() else (0, part.casefold()) for part in parts]
