"""The answer to a permission question, with one sentence that serves the button, the refusal and the audit record.

A `Decision` is true or false like a `bool`, and carries the reason in plain words. This is Haven's own rule, not law.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether something is allowed, and why. Truthy when it is allowed."""

    allowed: bool
    because: str = ""

    def __bool__(self) -> bool:
        return self.allowed


def allow(because: str = "") -> Decision:
    """Return a decision that allows; `because` may be empty."""
    return Decision(allowed=True, because=because)


def refuse(because: str) -> Decision:
    """Return a decision that refuses. `because` is the sentence shown to the user; raises ValueError when it is
    empty."""
    if not because.strip():
        raise ValueError("A refusal must give a reason.")
    return Decision(allowed=False, because=because)
