"""The checks that a maker of an employment system runs: all hold on the stand-in, and a system that misbehaves is told of."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.ems import contract
from tests.fixtures.standin import ROOT, Standin


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app.ems.contract", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_every_check_holds_on_the_stand_in_and_again(standin: Standin) -> None:
    for _time in range(2):
        done = run(standin.url, "--token", standin.token)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "✗" not in done.stdout
    assert done.stdout.rstrip().endswith(f"{len(contract.CONTRACT.checks)}/{len(contract.CONTRACT.checks)}")


@pytest.mark.parametrize("fault", ["500", "garbage"])
def test_a_system_that_misbehaves_is_told_of(standin: Standin, fault: str) -> None:
    standin.fault(fault, count=3)
    done = run(standin.url, "--token", standin.token)
    assert done.returncode == 1
    assert "✗" in done.stdout
    assert "Traceback" not in done.stderr


def test_nobody_there() -> None:
    done = run("http://127.0.0.1:9", "--token", "x")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_every_check_has_its_words() -> None:
    assert list(contract.CONTRACT.words()) == [one.__name__ for one in contract.CONTRACT.checks]
