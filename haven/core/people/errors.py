"""Why a change to pupils or families cannot be made: sentences for people, raised by the actions."""

from haven.platform.errors import ActionRejected


class AlreadyOnRoll(ActionRejected):
    """The pupil is on the roll of this school already."""


class BadIdentifier(ActionRejected):
    """The identifier is not well formed, or stands for somebody else."""


class BadContact(ActionRejected):
    """A contact is incomplete."""


class BadStatus(ActionRejected):
    """The status cannot be recorded so."""
