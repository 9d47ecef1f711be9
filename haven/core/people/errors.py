"""Errors of changes to pupils or families: sentences for users, raised by the actions."""

from haven.platform.errors import ActionRejected


class AlreadyOnRoll(ActionRejected):
    """The pupil is on the roll of this school already."""


class BadIdentifier(ActionRejected):
    """The identifier is not well formed, or belongs to another pupil."""


class BadContact(ActionRejected):
    """A contact is incomplete."""


class BadStatus(ActionRejected):
    """The status cannot be recorded with these values."""
