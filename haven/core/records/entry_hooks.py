"""Functions of other apps that run after an entry was recorded on its page, named in the setting HAVEN_ENTRY_HOOKS, in order."""

from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string


@cache
def entry_hooks() -> tuple[Callable[..., None], ...]:
    """The functions, each called with `by`, `at`, `entry` and `definition` in the transaction of the request."""
    return tuple(import_string(path) for path in settings.HAVEN_ENTRY_HOOKS)
