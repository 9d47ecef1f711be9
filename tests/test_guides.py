"""The guides to adding a definition or a report: each is followed exactly, with the files that it shows."""

import csv
import importlib
import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import clear_url_caches

from haven.attendance import reports
from haven.attendance.registers.actions.registers import take_marks
from haven.attendance.reports import registry
from haven.core.people.models import Enrolment, Pupil
from haven.core.records.models import Entry
from haven.core.schools.models import School
from haven.core.tasks.models import Task
from haven.exchange.imports.formats.pupils import pupils_csv
from haven.exchange.imports.formats.registry import formats
from haven.platform.accounts.models import Membership, User
from haven.platform.row_security.context import access_context
from tests.exchange.imports.files import sorted_out, upload
from tests.factories.registers import AT, YEAR, build_school, key
from tests.support.database_owner import owner
from tests.support.definitions import installed_with

ROOT = Path(__file__).resolve().parents[1]
URN = 900001


def shown_in(guide: str, language: str) -> str:
    """The code block of a language in a guide."""
    text = (ROOT / "docs" / "how-to" / guide).read_text(encoding="utf-8")
    (block,) = re.findall(rf"```{language}\n(.*?)```", text, re.S)
    return str(block)


def saved_as(guide: str) -> Path:
    """The path at which a guide saves its file."""
    text = (ROOT / "docs" / "how-to" / guide).read_text(encoding="utf-8")
    (path,) = re.findall(r"^Save this as `(.*)`:$", text, re.M)
    return ROOT / str(path)


@pytest.mark.parametrize("guide", ["add-a-form.md", "add-an-import-layout.md"])
def test_the_file_goes_to_a_folder_of_its_kind_and_is_new(guide: str) -> None:
    path = saved_as(guide)
    kind = re.match(r'kind = "\w+"', shown_in(guide, "toml"))
    assert kind and not path.exists()
    neighbours = list(path.parent.glob("*.toml"))
    assert neighbours and all(kind[0] in each.read_text(encoding="utf-8") for each in neighbours)


@pytest.fixture
def people(db: None) -> dict[str, Any]:
    with owner():
        school = School.objects.create(urn=URN, name="Larkfield Academy")
        user = User.objects.create_user("pastoral@example.test", "Pastoral")
        Membership.objects.create(user=user, role="pastoral_coordinator", school=school, begins_on=date(2020, 1, 1))
        pupil = Pupil.objects.create(surname="Rahman", forename="Aisha", surname_key="rahman", forename_key="aisha")
        Enrolment.objects.create(
            school=school,
            author_id=user.id,
            pupil=pupil,
            begins_on=date(2024, 9, 1),
        )
    return {"user": user, "pupil": pupil}


def test_add_a_form(people: dict[str, Any], tmp_path: Path, settings: Any) -> None:
    settings.FIXED_NOW = "2026-11-30T10:00:00"
    (tmp_path / saved_as("add-a-form.md").name).write_text(shown_in("add-a-form.md", "toml"), encoding="utf-8")
    client = Client()
    client.force_login(people["user"])
    address = f"/s/{URN}/pupils/{people['pupil'].ref}/file/new/"
    assert client.get(f"{address}check_in/").status_code == 404
    with installed_with(tmp_path):
        assert "Check-in with a pupil" in client.get(address).content.decode()
        assert "How is the pupil today?" in client.get(f"{address}check_in/").content.decode()
        refused = client.post(f"{address}check_in/", {"happened_at": "30 November 2026, 09:00", "mood": ""})
        assert refused.status_code == 422 and "Choose an option." in refused.content.decode()
        sent = {
            "happened_at": "30 November 2026, 09:00",
            "mood": "low",
            "own_words": "I am tired",
            "next_on": "4 December 2026",
        }
        assert client.post(f"{address}check_in/", sent).status_code == 302
        page = client.get(address.removesuffix("new/")).content.decode()
    assert "Check-in with a pupil" in page and "Low" in page and "I am tired" in page
    with owner():
        entry, task = Entry.objects.get(), Task.objects.get()
    assert (entry.form, entry.form_version) == ("check_in", "1")
    assert entry.fields == {"mood": "low", "own_words": "I am tired", "next_on": "2026-12-04"}
    assert task.title == "Check in with the pupil again, as agreed"
    assert task.due_at == datetime(2026, 12, 4, 9, 0, tzinfo=UTC)


def test_add_an_import_layout(tmp_path: Path) -> None:
    guide = "add-an-import-layout.md"
    (tmp_path / saved_as(guide).name).write_text(shown_in(guide, "toml"), encoding="utf-8")
    file = shown_in(guide, "csv")
    rows, problems = sorted_out(pupils_csv.read(upload(file)))
    assert rows == [] and problems
    with installed_with(tmp_path):
        assert "Pupil list of the Example system" in formats()["pupils"].layouts
        with pupils_csv.read(upload(file)) as reading:
            (row,), problems = sorted_out(reading)
            assert problems == []
            assert reading.layout == "Pupil list of the Example system"
    assert (row.surname, row.forename, row.dob) == ("Rahman", "Aisha", date(2013, 3, 4))
    assert row.registration_group == "8 Kestrel"
    assert [(each.name, each.phone) for each in row.contacts] == [("Nadia Rahman", "01632 960001")]


def saved_files(guide: str) -> dict[Path, str]:
    """The files that a guide shows, by the path at which it saves each."""
    text = (ROOT / "docs" / "how-to" / guide).read_text(encoding="utf-8")
    blocks = re.findall(r"^Save this as `([^`\n]*)`:\n\n```\w+\n(.*?)```", text, re.M | re.S)
    return {Path(path): block for path, block in blocks}


@contextmanager
def reports_with(folder: Path) -> Iterator[None]:
    """The installed reports together with those of a further folder, which holds `reports/NAME/`."""
    reports.__path__.append(str(folder / "reports"))
    templates: Any
    (templates,) = settings.TEMPLATES
    further: dict[str, Any] = {**templates, "DIRS": [*templates["DIRS"], folder]}
    before = set(sys.modules)
    try:
        with override_settings(TEMPLATES=[further]):
            _reload_addresses()
            yield
    finally:
        reports.__path__.remove(str(folder / "reports"))
        for name in set(sys.modules) - before:
            if name.startswith("haven.attendance.reports."):
                del sys.modules[name]
        _reload_addresses()


def _reload_addresses() -> None:
    registry.reports.cache_clear()
    for name in ("haven.attendance.reports.urls", "haven.attendance.urls", "haven.project.urls"):
        importlib.reload(importlib.import_module(name))
    clear_url_caches()


@override_settings(FIXED_NOW="2026-01-14T09:30:00")
def test_add_a_report(db: None, tmp_path: Path) -> None:
    """Pupils 0, 2 and 4 are in 8 Kestrel, the others in 9 Osprey; it is Wednesday 14 January 2026."""
    files = saved_files("add-a-report.md")
    assert {path.parent for path in files} == {Path("haven/attendance/reports/late_arrivals")}
    assert {path.name for path in files} == {"query.py", "page.py", "late_arrivals.html"}
    folder = tmp_path / "reports" / "late_arrivals"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    for path, text in files.items():
        assert not (ROOT / path).exists()
        (folder / path.name).write_text(text, encoding="utf-8")
    school_data = build_school()
    marks = [
        (school_data.enrolments[number].id, key(place), code)
        for place, codes in enumerate(("LL", "LU", "L/"))
        for number, code in enumerate(codes)
    ]
    with access_context(school_data.users["officer"].id):
        take_marks(
            by=school_data.viewer("officer"),
            at=AT,
            school_id=school_data.school.id,
            year=YEAR,
            marks=marks,
            source="page",
        )
    officer, outsider = Client(), Client()
    officer.force_login(school_data.users["officer"])
    outsider.force_login(school_data.users["admin"])
    address = school_data.url("attendance/late-arrivals/")
    assert officer.get(address).status_code == 404
    with reports_with(tmp_path):
        assert f'href="{address}"' in officer.get(school_data.url("attendance/groups/")).content.decode()
        page = officer.get(address)
        assert page.status_code == 200
        assert [(row.name, row.late_before, row.late_after) for row in page.context["table"].rows] == [
            ("8 Kestrel", 3, 0),
            ("9 Osprey", 1, 1),
        ]
        assert "8 Kestrel" in page.content.decode()
        assert officer.get(address, {"from_on": "14 January 2026", "to_on": "5 January 2026"}).status_code == 422
        export = officer.get(address, {"format": "csv"})
        assert outsider.get(address).status_code == 404
    exported = b"".join(export) if export.streaming else export.content
    assert list(csv.reader(io.StringIO(exported.decode("utf-8-sig")))) == [
        ["Class", "Late (L)", "Late after registers closed (U)"],
        ["8 Kestrel", "3", "0"],
        ["9 Osprey", "1", "1"],
    ]
    assert officer.get(address).status_code == 404
