"""The errors that people see as sentences: what was asked is not possible, is out of date, or is not allowed.

A refusal for want of a permission is Django's `PermissionDenied`; `check` raises it from a decision.
"""

from typing import Protocol

from django.core.exceptions import PermissionDenied


class ActionRejected(ValueError):
    """What was asked cannot be done, and nothing was changed. The text is a sentence for people, without confidential content."""


class StaleDataError(ActionRejected):
    """Somebody else changed the same thing since it was shown. Nothing was changed. The text says so, and who did what where known."""


class Answer(Protocol):
    """A yes, or a no with its sentence (`haven.rules.decision.Decision`)."""

    @property
    def because(self) -> str: ...

    def __bool__(self) -> bool: ...


def check(answer: Answer) -> None:
    """Go on where it is allowed; else raise PermissionDenied with the sentence that people read."""
    if not answer:
        raise PermissionDenied(answer.because)


def reject_unless(answer: Answer) -> None:
    """Go on where the thing is in a state for it; else raise ActionRejected with the sentence."""
    if not answer:
        raise ActionRejected(answer.because)
