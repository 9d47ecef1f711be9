"""Errors of writing registers."""

from haven.platform.errors import StaleDataError


class MarkChanged(StaleDataError):
    """Another user has changed the mark since it was read."""
