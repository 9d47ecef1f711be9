"""Why a change to pupils or families cannot be made: sentences for people, raised by the actions."""


class Refused(ValueError):
    """The change cannot be made; the text says why and what to do. Nothing was written."""


class AlreadyOnRoll(Refused):
    """The pupil is on the roll of this school already."""


class BadIdentifier(Refused):
    """The identifier is not well formed, or stands for somebody else."""


class BadContact(Refused):
    """A contact is incomplete."""


class BadStatus(Refused):
    """The status cannot be recorded so."""
