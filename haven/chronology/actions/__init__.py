"""Writing in the file: `entries` and what is added to them, `tasks` and their steps. Nothing of an entry is ever changed."""

from haven.chronology.actions.entries import add_addendum, note_reading, record_entry
from haven.chronology.actions.tasks import (
    TaskMoved,
    defer_task,
    finish_task,
    hand_over_task,
    plan_task,
    raise_follow_up,
    raise_task,
    settle_tasks,
    take_task,
)

__all__ = [
    "TaskMoved", "add_addendum", "defer_task", "finish_task", "hand_over_task", "note_reading",
    "plan_task", "raise_follow_up", "raise_task", "record_entry", "settle_tasks", "take_task",
]  # fmt: skip
