"""Data folders that several test files start with: each is created once a run, and copied with its database for every later use.

Creating a cluster with its tables and a demonstration takes half a minute of processor time; a copy of the folder takes almost none.
"""

import fcntl
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from haven.operations.cluster import LONGEST_SOCKET_FOLDER, Cluster, write_private


@contextmanager
def one_at_a_time(name: str) -> Iterator[Path]:
    """Allow one process of this run at a time. Yields a path, which exists if an earlier process completed the work and created it."""
    place = Path(os.environ["HAVEN_DATA"]) / "ready-made"
    place.mkdir(mode=0o711, exist_ok=True)
    place.chmod(0o711)  # the database's own account needs access
    with (place / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield place / name


def copy_of_cached(name: str, data: Path, make: Callable[[Path], None]) -> None:
    """Create the data folder `data`, which must not exist yet, as a copy of the one that `make` creates. `make` leaves no server
    running."""
    with one_at_a_time(name) as kept:
        done = kept.with_name(f"{name}.done")
        if not done.exists():
            make(kept)
            assert not Cluster(kept).is_running()
            done.touch()
    facts = Cluster(kept).facts()
    home, sockets = data / "postgres", data / "postgres" / "s"
    if Path(facts["home"]) != kept / "postgres" or len(str(sockets)) > LONGEST_SOCKET_FOLDER:
        make(data)  # the cluster is elsewhere, because its account has no access or a path is too long
        return
    subprocess.run(["cp", "--archive", str(kept), str(data)], check=True)
    write_private(Cluster(data).description, json.dumps(facts | {"home": str(home), "sockets": str(sockets)}))
