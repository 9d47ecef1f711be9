"""May this be done? One answer with one sentence, which serves the button, the refusal and the audit record.

A `Decision` is true or false like a `bool`, and carries the reason in plain words. House rule, not law.
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
    """Yes; `because` may stay empty."""
    return Decision(allowed=True, because=because)


def refuse(because: str) -> Decision:
    """No; `because` is the sentence that a person reads, so it may not be empty (ValueError)."""
    if not because.strip():
        raise ValueError("A refusal must give a reason.")
    return Decision(allowed=False, because=because)
