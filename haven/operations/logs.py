"""Removes content from log lines: the place and type of an error are logged, its message and its values are not."""

import logging
import traceback


def where(error: BaseException) -> str:
    """The type of an error and its traceback locations, newest first; never its message or its values."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename.rsplit('haven/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    return f"[{type(error).__name__} at {' < '.join(reversed(places[-6:]))}]"


class NoContent(logging.Filter):
    """Replaces the traceback of a record by its locations and the type of the error."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[1] is not None:
            record.msg = f"{record.getMessage()} {where(record.exc_info[1])}"
            record.args = ()
            record.exc_info = None
            record.exc_text = None
        return True
