"""Running the import command on a laid-out school, and taking a fingerprint of everything that a file may change."""

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from haven.core.people.models import Identifier
from haven.core.schools.models import School
from tests.factories.registers import SchoolData
from tests.support.database_owner import owner

TABLES = (
    "schools_school", "schools_trust", "schools_localauthority", "schools_calendar", "schools_calendarspan", "people_pupil",
    "people_enrolment", "people_placement", "people_identifier", "people_contact", "people_status", "people_pupildetail",
    "people_vulnerablelisting", "people_registrationgroup", "registers_sheet", "registers_initialentry",
    "registers_markamendment", "registers_marknote", "imports_importrun", "imports_importfile",
)  # fmt: skip


def fingerprint(*, without: tuple[str, ...] = ()) -> dict[str, str]:
    """One checksum a table, over every row."""
    found = {}
    with owner(), connection.cursor() as cursor:
        for table in TABLES:
            if table not in without:
                cursor.execute(
                    f"select coalesce(string_agg(md5(t::text), '' order by md5(t::text)), '') from {table} t"
                )
                found[table] = hashlib.md5(cursor.fetchone()[0].encode()).hexdigest()
    return found


@dataclass(frozen=True)
class Said:
    """What a command said, and whether it refused (its exit status)."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run_import(*arguments: object) -> Said:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import", *map(str, arguments), stdout=out, stderr=err)
    except CommandError as refusal:
        return Said(refusal.returncode, out.getvalue(), err.getvalue() + str(refusal))
    return Said(0, out.getvalue(), err.getvalue())


def marks(school_data: SchoolData, path: Path) -> Said:
    return run_import("marks", path, "--school", school_data.school.urn)


def upns_of(school_data: SchoolData) -> list[str]:
    with owner():
        return [
            Identifier.objects.get(pupil_id=enrolment.pupil_id, kind="upn").value
            for enrolment in school_data.enrolments
        ]


def write(folder: Path, text: str | bytes, name: str = "register.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def school_of(urn: int) -> School:
    with owner():
        return School.objects.get(urn=urn)
