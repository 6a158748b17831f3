"""The checks that who takes over a company register runs: all hold on the stand-in, and what does not is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.base.contract import main
from app.company_register.contract import CONTRACT

PATIENT = replace(CONTRACT, seconds=60.0)


def test_every_check_holds_on_the_stand_in(
    register_url: str, code_ending: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    known, unknown = code_ending("3"), code_ending("T")
    assert main(PATIENT, [register_url, "--unit", known, "--unknown", unknown]) == 0, capsys.readouterr().out
    assert capsys.readouterr().out.rstrip().endswith(f"{len(CONTRACT.checks)}/{len(CONTRACT.checks)}")


@pytest.mark.parametrize("ending", ["E", "T"])
def test_what_does_not_hold_is_told(
    register_url: str, code_ending: Callable[[str], str], capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    assert main(PATIENT, [register_url, "--unit", code_ending(ending), "--unknown", code_ending("3")]) == 1
    told = capsys.readouterr().out
    assert told.count("✗") == 4, told


def test_nobody_there_and_words() -> None:
    assert main(PATIENT, ["http://127.0.0.1:9", "--unit", "x"]) == 2
    assert list(CONTRACT.words()) == [one.__name__ for one in CONTRACT.checks]
