"""Moved: import `haven.clock`."""

from haven.clock import now, today

__all__ = ["now", "today"]
