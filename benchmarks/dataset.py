"""The data of the benchmarks: a demonstration of a fixed seed and day in a database of their own.

The data are kept between runs, and generated again when the generator has changed or on request.
"""

import fcntl
import hashlib
import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from benchmarks.entries import FILE, fill_file, name_wide_lead
from haven.core.schools.models import School
from haven.demonstration.build import Asked, fill
from haven.demonstration.load import referenced_at_once, settle
from haven.demonstration.people import sign_in
from haven.platform.accounts.context import AccessContext, access_context_for
from haven.platform.accounts.grants import write_grants
from haven.platform.accounts.models import Membership, User
from haven.platform.row_security.policies import APP_ROLE, OWNER_ROLE, ROW_POLICIES

MORNING = date(2026, 1, 14)
AT = time(9, 12)
FREE_ROLE = "haven_bench_free"
"""A role of the benchmark database to which no row policy applies, for comparison. It cannot log in."""
Say = Callable[[str], None]


class InUse(Exception):
    """Another benchmark uses the data; the text says what to do."""


@dataclass(frozen=True)
class Size:
    """The size of the data. `entries`: rows of the file added to those of the demonstration."""

    name: str
    pupils: int
    schools: int
    entries: int
    earlier_years: int = 1


SIZES = {
    size.name: size
    for size in (
        Size("small", 600, 3, 3_000, 0),
        Size("town", 20_000, 33, 500_000, 1),
        Size("authority", 180_000, 300, 3_000_000, 1),
    )
}


class Dataset:
    """One size of data, ready for measuring."""

    def __init__(self, size: Size, seed: int, say: Say) -> None:
        self.size, self.seed, self.say = size, seed, say
        self.random = random.Random(seed)

    @property
    def at(self) -> datetime:
        return timezone.make_aware(datetime.combine(MORNING, AT))

    @property
    def on(self) -> date:
        return MORNING

    # ---- the data ------------------------------------------------------------------------------------------------
    def prepare(self, *, fresh: bool = False) -> None:
        """Generate the data, unless the same generator has already generated them."""
        digest = f"{self.seed}/{self.size}/{_generator()}"
        kept = settings.DATA / "bench.json"
        made = json.loads(kept.read_text())["of"] if kept.exists() else ""
        if made != digest or fresh:
            kept.unlink(missing_ok=True)
            self._fill()
            kept.write_text(json.dumps({"of": digest}))
        _make_free_role()

    def _fill(self) -> None:
        size = self.size
        if School.objects.exists():
            self.say("Emptying the bench's own database ...")
            empty()
        self.say(f"Making {size.pupils:,} pupils at {size.schools} schools ...")
        fill(Asked(size.pupils, size.schools, size.earlier_years, self.seed, MORNING), lambda *told: None)
        self.say(f"Making {size.entries:,} entries of the file ...")
        with transaction.atomic():
            name_wide_lead(MORNING)
            with referenced_at_once(*FILE):
                fill_file(size.entries, seed=self.seed, at=self.at)
        settle(ROW_POLICIES)
        with connection.cursor() as cursor:
            cursor.execute("vacuum")

    # ---- who -----------------------------------------------------------------------------------------------------
    @cached_property
    def school(self) -> School:
        """The secondary school where the people of the demonstration work."""
        officer = User.objects.get(email=sign_in("attendance_officer").email)
        return School.objects.get(id__in=Membership.objects.filter(user=officer).values("school_id"))

    def person(self, key: str) -> User:
        """A person of the demonstration; "wide_lead" is a safeguarding lead of forty schools."""
        email = "wide-lead@larkfield.example" if key == "wide_lead" else sign_in(key).email
        return User.objects.get(email=email)

    def holders(self, role: str) -> list[tuple[User, School]]:
        """Everybody with a role at one school, with that school."""
        rows = Membership.objects.filter(role=role, school__isnull=False).select_related("user", "school")
        return [(row.user, row.school) for row in rows.order_by("school_id", "user_id") if row.school]

    @contextmanager
    def entered(self, user: User) -> Iterator[AccessContext]:
        """One transaction with the access context of a user; `as_app` and `as_free` then choose whether row policies
        apply."""
        with transaction.atomic():
            become(APP_ROLE)
            with connection.cursor() as cursor:
                cursor.execute("select app.set_access_context(%s, %s)", [user.id, MORNING])
            yield access_context_for(user=user, on=MORNING)
            transaction.set_rollback(True)

    @contextmanager
    def as_application(self) -> Iterator[None]:
        """Work as the application across transactions, as commands do."""
        with connection.cursor() as cursor:
            cursor.execute(f"set role {APP_ROLE}")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"set role {OWNER_ROLE}")

    def as_app(self) -> None:
        become(APP_ROLE)

    def as_free(self) -> None:
        become(FREE_ROLE)


@contextmanager
def alone() -> Iterator[None]:
    """Lock these data against other benchmarks. Raises InUse."""
    with (settings.DATA / "bench.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse(
                "Another bench is working on data of this size. Wait for it, or choose another --seed."
            ) from None
        yield


def become(role: str) -> None:
    """Work as a role until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"set local role {role}")


def empty() -> None:
    """Empty every table of the benchmark database except those that the row policies need."""
    kept = ("django_migrations", "django_content_type", "accounts_rolegrant")
    with transaction.atomic(), connection.cursor() as cursor:
        tables = [table for table in connection.introspection.table_names() if table not in kept]
        cursor.execute("truncate " + ", ".join(f'"{table}"' for table in tables) + " restart identity cascade")
        write_grants()


def _make_free_role() -> None:
    """Create the role without row policies. It reads what the application reads."""
    with connection.cursor() as cursor:
        cursor.execute("reset role")
        cursor.execute("select 1 from pg_roles where rolname = %s", [FREE_ROLE])
        if not cursor.fetchone():
            cursor.execute(f"create role {FREE_ROLE} nologin nosuperuser bypassrls")
        cursor.execute(f"grant {APP_ROLE} to {FREE_ROLE}")
        cursor.execute(f"set role {OWNER_ROLE}")


def _generator() -> str:
    """A digest of the code that generates the data."""
    here = Path(__file__).resolve().parent
    digest = hashlib.sha256()
    for path in (*sorted((here.parent / "haven" / "demonstration").glob("*.py")), here / "entries.py"):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def facts_of_data() -> dict[str, Any]:
    """The size of the data: schools, pupils, sheets, marks, entries."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select (select count(*) from schools_school), (select count(*) from people_pupil), count(*),"
            " coalesce(sum(length(marks)), 0), (select count(*) from records_entry) from registers_sheet"
        )
        schools, pupils, sheets, marks, entries = cursor.fetchone()
    return {"schools": schools, "pupils": pupils, "sheets": sheets, "places_for_marks": int(marks), "entries": entries}


def postgresql_number() -> int:
    """The server's version as a number: 180006 for 18.6."""
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('server_version_num')::int")
        return int(cursor.fetchone()[0])
