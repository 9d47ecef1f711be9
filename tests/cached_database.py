"""Data folders that several files of tests begin with: each is made once a run, and copied with its database for whoever asks after that.

A cluster with its tables and a demonstration costs a processor half a minute; a copy of the folder costs next to nothing.
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
    """One process of this run at a time; gives a place, which is there when this was done before and its doer made it."""
    place = Path(os.environ["HAVEN_DATA"]) / "ready-made"
    place.mkdir(mode=0o711, exist_ok=True)
    place.chmod(0o711)  # the database's own account passes through
    with (place / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield place / name


def copy_of_cached(name: str, data: Path, make: Callable[[Path], None]) -> None:
    """Lay the data folder `data`, which must not be there yet, as `make` lays one. `make` leaves no server running."""
    with one_at_a_time(name) as kept:
        done = kept.with_name(f"{name}.done")
        if not done.exists():
            make(kept)
            assert not Cluster(kept).is_running()
            done.touch()
    facts = Cluster(kept).facts()
    home, sockets = data / "postgres", data / "postgres" / "s"
    if Path(facts["home"]) != kept / "postgres" or len(str(sockets)) > LONGEST_SOCKET_FOLDER:
        make(data)  # the cluster lies elsewhere, because its account may not pass or a path is too long
        return
    subprocess.run(["cp", "--archive", str(kept), str(data)], check=True)
    write_private(Cluster(data).description, json.dumps(facts | {"home": str(home), "sockets": str(sockets)}))
