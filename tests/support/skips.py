"""Turns each skipped test into a failure, except those that `ALLOWED` names with their reason.

A skipped test protects nothing. Tests create what they need or find it in the repository, so a skip is right only if the machine lacks
something that Haven itself does not need.
"""

from collections.abc import Generator
from typing import Any

import pytest

ALLOWED = {
    "test_another_account_of_the_machine_reaches_neither_the_data_nor_the_server": (
        "only root can act as another account of the machine"
    ),
    "test_the_server_does_not_run_as_root_and_changes_no_folder_that_was_there": (
        "only root is refused by PostgreSQL and needs an account of its own for it"
    ),
    "test_what_is_committed_is_what_the_sources_give": "Node's packages are not installed (make assets)",
    "test_spark.py": "the extra spark is not installed",
    "test_two_workers_give_what_one_process_gives": "Spark needs a Java",
}
"""The name of a test, or of a file if all of its tests are skipped together, and the only permitted reason to skip it."""


def complaint(nodeid: str, reason: str) -> str | None:
    """Why a skip fails the run, or None if it is permitted.

    `nodeid` is pytest's name of the test or the file; `reason` is the text of the skip.
    """
    last = nodeid.rsplit("::", 1)[-1].rsplit("/", 1)[-1].split("[", 1)[0]
    if last in ALLOWED and ALLOWED[last] in reason:
        return None
    return f"{nodeid} was skipped ({reason}), and tests/support/skips.py does not allow this skip for this reason."


def _refuse(report: Any) -> None:
    if report.outcome != "skipped" or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    words = complaint(report.nodeid, reason)
    if words is not None:
        report.outcome, report.longrepr = "failed", words


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    report = yield
    _refuse(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    report = yield
    _refuse(report)
    return report
