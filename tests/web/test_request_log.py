"""What a request leaves in the log: a line with its number, by which it is found again, and nobody's data."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.base.logs import JsonLines, belonging_to
from app.web.requestids import HEADER
from app.workflow import queues
from tests.signing.stage import Stage
from trial.demo import country

Api = Callable[..., Any]
NUMBER = "0123456789abcdef0123456789abcdef"
OWN = country.GRADUATES[1]


class Kept(logging.Handler):
    """Lines as they would be written."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JsonLines())
        self.lines: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging."""
        self.lines.append(json.loads(self.format(record)))

    @property
    def answers(self) -> list[dict[str, Any]]:
        """Those about answered requests."""
        return [line for line in self.lines if line["logger"] == "access"]


@pytest.fixture
def kept() -> Iterator[Kept]:
    """All that is said on the way, whatever the level that a platform would choose."""
    handler, root = Kept(), logging.getLogger()
    before = {one: logging.getLogger(one).level for one in ("", "app", "access")}
    root.addHandler(handler)
    for one in before:
        logging.getLogger(one).setLevel(logging.DEBUG if one == "app" else logging.INFO)
    yield handler
    root.removeHandler(handler)
    for one, level in before.items():
        logging.getLogger(one).setLevel(level)


def test_an_answer_bears_the_number_of_its_lines(client: FlaskClient, database: str, kept: Kept) -> None:
    answer = client.get("/verify?number=202710001300000016&name=陈", headers={HEADER: NUMBER})
    assert answer.headers[HEADER] == NUMBER
    (line,) = kept.answers
    assert (line["request"], line["route"], line["status"]) == (NUMBER, "/verify", 200)
    assert set(line) - {"time", "process", "level", "logger", "message"} == {
        "request",
        "method",
        "route",
        "endpoint",
        "status",
        "ms",
    }
    other = client.get("/nowhere/at/all", headers={HEADER: OWN.mobile})
    assert re.fullmatch(r"[0-9a-f]{16}", other.headers[HEADER]), "what does not look like a number is not taken over"
    assert other.headers[HEADER] in other.text, "it can be told to who helps"
    told = len(kept.answers)
    for silent in ("/ready", "/static/js/app.js"):
        assert HEADER in client.get(silent).headers
    assert len(kept.answers) == told, "what is asked every few seconds, and files, fill no log"


def test_a_job_works_for_the_request_that_asked_for_it(app_context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(queues.Queue, "enqueue", lambda _self, *_args, **how: asked.append(how["meta"]))
    with belonging_to(NUMBER):
        queues.enqueue_job("bulk", "app.workflow.jobs.none")
    assert asked == [{"request": NUMBER}]


def test_nothing_of_anybody_is_written_down(
    fresh_database: str, app: Flask, client: FlaskClient, api: Api, drain: Callable[..., int], kept: Kept
) -> None:
    """Log-ins right and wrong, a sheet with faults, an agreement with its notices, and mistakes of the program."""
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/login/graduate").text)
    assert token is not None
    for password in ("Wrong@2027-password", country.PASSWORD):
        form = {"username": OWN.id_number, "password": password, "csrf_token": token[1]}
        client.post("/login/graduate", data=form)
    with app.app_context():
        Stage("employer1", "graduate2", "dept10001a", "school10001").bring("signed")
    drain()
    school = api("school10001")
    school.post("/roster/import", data={"cohort": "2027", "file": (io.BytesIO(b"no sheet"), f"{OWN.name}.xlsx")})
    school.get(f"/online_signing/?name={OWN.name}&words={OWN.id_number}")
    school.get(f"/graduates/{OWN.id_number}")

    latin = "Wei Long"

    def fails(*_args: Any, **_kept: Any) -> Any:
        raise ValueError(f"could not keep {OWN.name} {OWN.id_number} '{latin}' {OWN.mobile}")

    endpoint = next(rule.endpoint for rule in app.url_map.iter_rules() if rule.rule == "/verify")
    before = app.view_functions[endpoint]
    app.view_functions[endpoint] = fails
    try:
        answer = client.get(f"/verify?name={OWN.name}")
    finally:
        app.view_functions[endpoint] = before
    assert answer.status_code == 500
    assert {200, 302, 404, 500} <= {line["status"] for line in kept.answers}
    assert any("trace" in line for line in kept.lines)
    written = json.dumps(kept.lines, ensure_ascii=False)
    people = [one for one in country.GRADUATES if one.name in written]
    assert not people
    for secret in (
        *(one.id_number for one in country.GRADUATES),
        *(one.mobile for one in country.GRADUATES),
        latin,
        country.PASSWORD,
        "Wrong@2027",
        "@student.invalid",
        "@unit.invalid",
        token[1],
        school.headers["Authorization"].split()[1],
    ):
        assert secret not in written, secret
