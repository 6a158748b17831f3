"""What integrators are told is true: the ten lines run, and the page shows the same text."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

from flask import Flask

from tests.fixtures.application import PASSWORD
from tests.fixtures.servers import LiveServer

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def test_the_quick_start_runs_as_it_is_written(live_server: LiveServer) -> None:
    """With a real shell, curl and jq against a running platform; any line that fails ends it."""
    found = re.search(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    lines = found[1]
    assert lines.count("curl ") == len(lines.strip().splitlines()) == 10
    env = {"BASE": live_server.url, "PASSWORD": PASSWORD, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", lines], env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"withdrawn"' in done.stdout
    assert '"online_signing.withdrawn"' in done.stdout


def test_the_page_shows_it_to_everybody(client: Any) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    for heading in re.findall(r"^##? (.+)$", TEXT, re.MULTILINE):
        assert f">{heading}<" in page.text, heading
    assert "<table" in page.text
    assert "```" not in page.text
    assert "**" not in page.text


def test_limits_and_statuses_are_those_of_the_program(app: Flask) -> None:
    from app.cases.openapi import MOST_IN_BULK
    from app.fab.listing import EXPORT_CAP
    from app.fab.openapi import refusals
    from app.roster.imports.services.students import MOST
    from app.signing.online.jobs import MOST_IN_JOB

    for number in (MOST_IN_BULK, EXPORT_CAP, MOST, MOST_IN_JOB, app.config["FAB_API_MAX_PAGE_SIZE"]):
        assert re.search(rf"\| .*\b{number} ", TEXT), number
    for status in refusals():
        assert f"| {status} |" in TEXT, status


def test_the_last_change_is_told_under_the_version_of_the_description(client: Any) -> None:
    told = re.findall(r"^- \*\*(\d+\.\d+)（", TEXT, re.MULTILINE)
    assert told == sorted(told, key=lambda version: [*map(int, version.split("."))])
    assert client.get("/api/v1/_openapi").get_json()["info"]["version"] == told[-1]
