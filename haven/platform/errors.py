"""The errors that users see as sentences: an action is not possible, is based on an out-of-date page, or is not allowed.

A missing permission is Django's `PermissionDenied`; `check` raises it from a decision.
"""

from typing import Protocol

from django.core.exceptions import PermissionDenied


class ActionRejected(ValueError):
    """The action cannot be done, and nothing was changed. The text is a sentence for users, without confidential content."""


class StaleDataError(ActionRejected):
    """Another user changed the same thing since it was shown. Nothing was changed. The text says so, and who did what if known."""


class Answer(Protocol):
    """A yes, or a no with its sentence (`haven.rules.decision.Decision`)."""

    @property
    def because(self) -> str: ...

    def __bool__(self) -> bool: ...


def check(answer: Answer) -> None:
    """Raise PermissionDenied with the decision's sentence unless the decision is a yes."""
    if not answer:
        raise PermissionDenied(answer.because)


def reject_unless(answer: Answer) -> None:
    """Raise ActionRejected with the decision's sentence unless the decision is a yes."""
    if not answer:
        raise ActionRejected(answer.because)
