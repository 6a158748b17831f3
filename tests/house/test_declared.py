"""A step is its rows, a workflow is its folder: both are declared in a program of its own and used through every door."""

from __future__ import annotations

import subprocess
import sys

from tests.fixtures.servers import ROOT


def test_a_step_and_a_workflow_need_no_other_file(fresh_database: str, environment: dict[str, str]) -> None:
    """Pages, API, list, review, counts and export know what only a declaration says."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.house.declared"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-6000:]
