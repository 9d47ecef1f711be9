"""Two imports of one school never run at once, and a run that a stopped server left behind is told from one that is at work."""

from contextlib import AbstractContextManager
from uuid import UUID

from haven.platform.locks import Lock, lock, session_lock, try_lock


def lock_imports(school_id: int | None) -> None:
    """Wait until no other import of the school is being applied; held to the end of the transaction. None: files of schools."""
    lock(Lock.SCHOOL_IMPORTS, school_id or 0)


def import_lock(ref: UUID) -> AbstractContextManager[None]:
    """Hold the sign that this connection works on a run, beyond its transactions; it ends with the connection."""
    return session_lock(Lock.IMPORT_RUN, ref)


def is_left_behind(ref: UUID) -> bool:
    """Whether nobody works on a run. If so, nobody starts to before this transaction ends."""
    return try_lock(Lock.IMPORT_RUN, ref)
