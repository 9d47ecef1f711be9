"""Locks: imports of one school run one after another, and a run that a stopped server left unfinished can be told from one in progress."""

from contextlib import AbstractContextManager
from uuid import UUID

from haven.platform.locks import Lock, lock, session_lock, try_lock


def lock_imports(school_id: int | None) -> None:
    """Wait until no other import of the school is being applied; locked until the end of the transaction. None: files of schools."""
    lock(Lock.SCHOOL_IMPORTS, school_id or 0)


def import_lock(ref: UUID) -> AbstractContextManager[None]:
    """Take the session lock that marks a run as in progress. It outlasts transactions and ends with the connection."""
    return session_lock(Lock.IMPORT_RUN, ref)


def is_left_behind(ref: UUID) -> bool:
    """Whether no connection works on a run. If so, none can begin before this transaction ends."""
    return try_lock(Lock.IMPORT_RUN, ref)
