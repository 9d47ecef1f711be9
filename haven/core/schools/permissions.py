"""Who may keep a school's facts, years, sessions and sites? Those whose role has `manage_school` (rules/roles.py).

The viewer belongs to a floor above, so only what is asked of it is named here.
"""

from typing import Any, Protocol

from haven.rules.decision import Decision, allow, refuse


class Actor(Protocol):
    """Whoever is looking: a name for the record, and what they may do where."""

    @property
    def name(self) -> str: ...

    def may(self, verb: str, school_id: int) -> bool: ...

    def place_by_urn(self, urn: int) -> Any: ...


def may_keep_school(viewer: Actor, school_id: int) -> Decision:
    """Whether the viewer may change the school's facts, times, sites and calendars."""
    if viewer.may("manage_school", school_id):
        return allow()
    return refuse(
        "Only the head teacher and the system administrator can change school details, years and session times."
    )
