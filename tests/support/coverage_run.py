"""Measures which branches of the rules and of row security the tests take, and fails below 95 %: `python -m tests.support.coverage_run`."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
AT_LEAST = 95
"""The percentage of lines and branches that the tests must cover, in each of the two packages."""
PACKAGES = ("haven/rules", "haven/platform/row_security")
TESTS = (
    "tests/rules", "tests/analytics", "tests/platform/row_security",
    "tests/core/records/test_file_truth_table.py", "tests/safeguarding/test_concern_linked.py",
)  # fmt: skip


def main() -> int:
    """Run the tests under coverage and print the report of each package; returns 1 if a test fails or a package is below AT_LEAST."""
    coverage = [sys.executable, "-m", "coverage"]
    packages = ",".join(package.replace("/", ".") for package in PACKAGES)
    ran = subprocess.run([*coverage, "run", "--branch", f"--source={packages}", "-m", "pytest", "-q", *TESTS], cwd=ROOT)
    if ran.returncode:
        return ran.returncode
    status = 0
    for package in PACKAGES:
        report = [
            *coverage,
            "report",
            "--show-missing",
            "--skip-covered",
            f"--include={package}/*",
            f"--fail-under={AT_LEAST}",
        ]
        status |= subprocess.run(report, cwd=ROOT).returncode
    return status


if __name__ == "__main__":
    raise SystemExit(main())
