"""A real stand-in over HTTP: one process for all tests of this folder, healthy at the start of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.ems.standin import Standin, running
from trial.postgres import Postgres

_numbers = count(1)


@pytest.fixture(scope="session")
def standin_process(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standin]:
    """The process; its database is made by itself."""
    folder: Path = tmp_path_factory.mktemp("ems")
    with running(Standin(postgres.url("ems"), folder, "test-ems-token-0123456789")) as standin:
        yield standin


@pytest.fixture
def standin(standin_process: Standin) -> Iterator[Standin]:
    """The running stand-in, healthy at the start and afterwards."""
    standin_process.fault("none")
    yield standin_process
    standin_process.fault("none")


@pytest.fixture
def school() -> str:
    """A school code that no other test uses."""
    return f"9{next(_numbers):04d}"


@pytest.fixture
def student_of() -> Callable[..., dict[str, Any]]:
    """Builds the fields of an invented student."""

    def build(exam_number: str = "27110001000001", **changed: Any) -> dict[str, Any]:
        student = {
            "exam_number": exam_number,
            "student_number": "2023010001",
            "name": "林知远",
            "sex": "1",
            "id_number": "110101200501011237",
            "ethnicity": "01",
            "political_status": "03",
            "department": "信息科学技术学院",
            "major": "计算机科学与技术",
            "education": "31",
            "duration": "4",
            "training_mode": "1",
            "graduated_on": "2027-07-01",
            "origin_region": "110101",
            "hardship": "0",
            "normal_student": "2",
            "mobile": "13800000001",
            "email": "lin@example.com",
            "address": "北京市东城区",
        }
        return {**student, **changed}

    return build
