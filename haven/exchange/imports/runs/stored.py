"""Stores the file of an import unchanged, in pieces, and reads it as one stream with a few MiB in memory for any length.

Haven compresses the pieces itself, on both cores, because compression by the database takes as long as reading the file twice.
"""

from __future__ import annotations

import hashlib
import io
import zlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO, cast

from haven.exchange.imports.models import ImportFile, ImportRun
from haven.exchange.imports.runs.progress_reporter import ProgressReporter

PIECE = 4 * 2**20
LEVEL = 1
AT_WORK = 2


def pieces_of(file: BinaryIO) -> Iterator[bytes]:
    """The content of a stream from its beginning, in pieces of at most PIECE bytes. An empty file has none."""
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece


def keep_file(run: ImportRun, file: BinaryIO) -> None:
    """Save a new run with its file, its size in bytes, and its SHA-256. A file of one piece is complete in memory before the run is
    written."""
    file.seek(0)
    whole = file.read(PIECE)
    if file.read(1):
        run.save(force_insert=True)
        run.file_bytes, run.sha256 = _keep_pieces(run, file)
        run.save(update_fields=["file_bytes", "sha256"])
        return
    run.file_bytes, run.sha256 = len(whole), hashlib.sha256(whole).hexdigest()
    run.save(force_insert=True)
    if whole:
        _keep(run, 0, zlib.compress(whole, LEVEL))


def _keep_pieces(run: ImportRun, file: BinaryIO) -> tuple[int, str]:
    """Store the file of a run, piece by piece; returns its size in bytes and its SHA-256."""
    digest, size, part = hashlib.sha256(), 0, 0
    waiting: deque[Future[bytes]] = deque()
    with ThreadPoolExecutor(AT_WORK) as workers:
        for piece in pieces_of(file):
            waiting.append(workers.submit(zlib.compress, piece, LEVEL))
            digest.update(piece)
            size += len(piece)
            if len(waiting) > AT_WORK:
                part = _keep(run, part, waiting.popleft().result())
        while waiting:
            part = _keep(run, part, waiting.popleft().result())
    return size, digest.hexdigest()


def _keep(run: ImportRun, part: int, content: bytes) -> int:
    """Store one packed piece; returns the number of the next."""
    ImportFile.objects.create(
        run=run, school_id=run.school_id, author_id=run.author_id, part=part, content=content, is_packed=True
    )
    return part + 1


class StoredFile(io.RawIOBase):
    """The pieces of a run as one file with random access; keeps one piece in memory."""

    def __init__(self, run: ImportRun) -> None:
        super().__init__()
        self._run_id, self._size, self._at = run.pk, run.file_bytes, 0
        self._part, self._piece = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: object) -> int:
        part, begin = divmod(self._at, PIECE)
        if self._at >= self._size:
            return 0
        if part != self._part:
            pieces = ImportFile.objects.filter(run_id=self._run_id, part=part)
            content, is_packed = pieces.values_list("content", "is_packed").get()
            self._part, self._piece = part, zlib.decompress(content) if is_packed else bytes(content)
        target = memoryview(cast(bytearray, buffer)).cast("B")
        given = self._piece[begin : begin + len(target)]
        target[: len(given)] = given
        self._at += len(given)
        return len(given)


class ProgressFile(io.RawIOBase):
    """A file that reports how far it has been read."""

    def __init__(self, inner: BinaryIO, steps: ProgressReporter) -> None:
        super().__init__()
        self._inner, self._steps = inner, steps

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._inner.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._inner.seek(offset, whence)

    def readinto(self, buffer: object) -> int:
        target = memoryview(cast(bytearray, buffer)).cast("B")
        given = self._inner.read(len(target))
        target[: len(given)] = given
        self._steps.read_to(self._inner.tell())
        return len(given)


def with_progress(file: BinaryIO, steps: ProgressReporter) -> BinaryIO:
    """The same file, read through `ProgressFile`."""
    return cast(BinaryIO, io.BufferedReader(ProgressFile(file, steps), 1 << 20))


def stored_file(run: ImportRun) -> BinaryIO:
    """The file of a run, ready to be read."""
    return cast(BinaryIO, io.BufferedReader(StoredFile(run), 1 << 20))
