"""A step is its rows, a workflow its folder, a channel its file, a grouping its entry: tried in programs of their own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.fixtures.servers import ROOT


@pytest.mark.parametrize("program", ["declared", "used_channel", "used_entries"])
def test_what_is_declared_needs_no_other_file(fresh_database: str, environment: dict[str, str], program: str) -> None:
    """Pages, API, list, review, counts, export and workers know what only a declaration says."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.house.{program}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-6000:]
