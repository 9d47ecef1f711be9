"""Why a register is left as it was, in words."""


class Refused(ValueError):
    """What was asked cannot be done, and nothing was changed. The text is a sentence for people, without anything confidential."""


class ChangedMeanwhile(Refused):
    """The mark is no longer what the person saw."""
