"""Each report is one folder that declares its own pages."""

from pathlib import Path

import pytest
from django.urls import reverse

from haven.attendance import reports as package
from haven.attendance.reports.registry import Subject, reports

FOLDERS = sorted(path.parent for path in Path(package.__path__[0]).glob("*/__init__.py"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_report_is_a_folder_with_query_page_and_template(folder: Path) -> None:
    assert (folder / "query.py").exists() and (folder / "page.py").exists()
    assert list(folder.glob("*.html"))


def test_the_registry_has_the_pages_of_every_folder() -> None:
    assert {report.view.__module__.split(".")[-2] for report in reports()} == {folder.name for folder in FOLDERS}
    assert len({report.name for report in reports()}) == len(reports())


def test_the_menu_keeps_its_order() -> None:
    assert [report.name for report in reports() if report.title and report.subject is Subject.SCHOOL] == [
        "school", "unusual", "groups", "anonymised", "schools",
    ]  # fmt: skip
    assert [report.name for report in reports() if report.title and report.subject is Subject.PUPILS] == [
        "thresholds", "pupils_at_threshold", "suspended", "estimate", "severe",
    ]  # fmt: skip


def test_addresses_begin_alike() -> None:
    assert reverse("reports:severe") == "/schools/attendance/severe/"
    assert reverse("reports:unusual", args=[900001]) == "/s/900001/attendance/unusual/"
