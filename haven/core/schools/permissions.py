"""Permission to edit a school's facts, years, sessions and sites: roles with `manage_school` (rules/roles.py).

The access context belongs to another layer, so this module defines only the methods that it needs.
"""

from typing import Any, Protocol

from haven.rules.decision import Decision, allow, refuse


class Actor(Protocol):
    """The current user: a name for the record, and their capabilities at each school."""

    @property
    def name(self) -> str: ...

    def may(self, verb: str, school_id: int) -> bool: ...

    def place_by_urn(self, urn: int) -> Any: ...


def may_keep_school(viewer: Actor, school_id: int) -> Decision:
    """Whether the user may change the school's facts, times, sites and calendars."""
    if viewer.may("manage_school", school_id):
        return allow()
    return refuse(
        "Only the head teacher and the system administrator can change school details, years and session times."
    )
