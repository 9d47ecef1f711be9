"""Why a register is left as it was, in words."""

from haven.platform.errors import StaleDataError


class MarkChanged(StaleDataError):
    """The mark is no longer what the person saw."""
