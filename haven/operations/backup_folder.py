"""The layout of a backup's folder, and the check that its files are unchanged.

```
database.dump   every table as of one moment (PostgreSQL's custom format)
data/...        the data folder without the database; of secrets.json the key alone
manifest.json   when, which tables with how many rows, which migrations
SHA256SUMS      the digest of each of these files, in the form that `sha256sum --check` reads
```

The backup is written beside its final place and renamed at the end, so a folder with the right name is complete.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

DUMP, FILES, MANIFEST, SUMS = "database.dump", "data", "manifest.json", "SHA256SUMS"
FORM = 1


class CopyRefused(Exception):
    """A backup or a restore is refused or has failed; the text contains the reason and what to do."""


@dataclass(frozen=True)
class Manifest:
    """The contents of the copy. `tables` are rows by table, `migrations` names such as `audit.0002_era`."""

    form: int
    made_at: str
    schema: str
    server: str
    tables: dict[str, int]
    migrations: list[str]
    has_key: bool

    @property
    def rows(self) -> int:
        return sum(self.tables.values())


def write_private_bytes(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, and flush it to the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(folder: Path) -> list[str]:
    """Every file of the copy except the list of digests, by its path within the folder."""
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() or path.is_symlink()]
    return sorted(name for name in names if name not in (SUMS, LOCK))


LOCK = ".being-written"


@contextmanager
def written_whole(folder: Path) -> Iterator[Path]:
    """Yield a new private folder beside `folder`, and rename it to `folder` when the block succeeds; otherwise delete
    it.

    Raises CopyRefused where `folder` is not empty, or another backup to it is being written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CopyRefused(f"{folder} already exists and is not empty. Name a folder that does not exist yet.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.with_name(f".{folder.name}.unfinished")
    _take_away_a_cut_off_one(partial)
    partial.mkdir(mode=0o700)
    lock = os.open(partial / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield partial
        (partial / LOCK).unlink()
        _sync(partial)
        partial.rename(folder)
        _sync(folder.parent)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    finally:
        os.close(lock)


def _take_away_a_cut_off_one(partial: Path) -> None:
    """Delete the unfinished folder of a backup that was killed. A backup in progress holds the lock of its folder."""
    if not partial.exists():
        return
    lock = os.open(partial / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(partial)
    except BlockingIOError:
        raise CopyRefused(f"Another backup to this folder is being written ({partial}). Wait for it.") from None
    finally:
        os.close(lock)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def seal_copy(folder: Path, manifest: Manifest) -> None:
    """Write the manifest and the digests: the last step of a backup."""
    write_private_bytes(folder / MANIFEST, (json.dumps(asdict(manifest), indent=1) + "\n").encode())
    lines = "".join(f"{digest(folder / name)}  {name}\n" for name in _files(folder))
    write_private_bytes(folder / SUMS, lines.encode())


def checked(folder: Path) -> Manifest:
    """Return the manifest of a copy after checking that every file is unchanged. Raises CopyRefused naming the changed
    file."""
    if not (folder / SUMS).is_file() or not (folder / MANIFEST).is_file():
        raise CopyRefused(f"{folder} is not a complete backup: {SUMS} or {MANIFEST} is not in it.")
    lines = [line.partition("  ") for line in (folder / SUMS).read_text().splitlines()]
    listed = {name: written for written, _, name in lines}
    there = _files(folder)
    for name in sorted({*listed, *there, MANIFEST, DUMP}):
        if name not in there:
            raise CopyRefused(f"The file {name} of the backup is missing.")
        if name not in listed:
            raise CopyRefused(f"The file {name} is not part of the backup: it is not in {SUMS}.")
        if (folder / name).is_symlink() or digest(folder / name) != listed[name]:
            raise CopyRefused(f"The file {name} of the backup has changed since it was written. Use another copy.")
    manifest = json.loads((folder / MANIFEST).read_text())
    if manifest.get("form") != FORM:
        raise CopyRefused("This backup was made by another version of Haven, with a different backup format.")
    return Manifest(**manifest)
