"""The errors that users see as sentences: an action is not possible, is based on an out-of-date page, or is not allowed.

A missing permission is Django's `PermissionDenied`; `check` raises it from a decision.
"""

from django.core.exceptions import PermissionDenied

from haven.rules.decision import Decision


class ActionRejected(ValueError):
    """The action cannot be done, and nothing was changed. The text is a sentence for users, without confidential content."""


class StaleDataError(ActionRejected):
    """Another user changed the same thing since it was shown. Nothing was changed. The text says so, and who did what if known."""


def check(decision: Decision) -> None:
    """Raise PermissionDenied with the decision's sentence unless the decision is a yes."""
    if not decision:
        raise PermissionDenied(decision.because)


def reject_unless(decision: Decision) -> None:
    """Raise ActionRejected with the decision's sentence unless the decision is a yes."""
    if not decision:
        raise ActionRejected(decision.because)
