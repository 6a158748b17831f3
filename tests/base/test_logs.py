"""Lines of the log: what is ours stays, what may be somebody's is blackened."""

from __future__ import annotations

import json
import logging
import logging.config
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import IntegrityError

from app.base import logs
from app.base.logs import FACTS, JsonLines, Lines, belonging_to, blackened, brief, configuration
from config import SettingsError


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("张三 is asked", "… is asked"),
        ("阿依努尔·达吾提（女）", "…"),
        ("41147120050412077X", "…"),
        ("13800001111 +86-13800001111 025-83212345", "… … …"),
        ("li.si+1@mail.example.cn wrote", "… wrote"),
        ("/upload/q9Zt4vXy7Lk2Mn8Pq1Rs", "/upload/…"),
        ("DETAIL:  Key (username)=(lisi) already exists.", "…"),
        ("online_signing 4711 at app.workflow.jobs, 2026-12-01", "online_signing 4711 at app.workflow.jobs, …"),
        ("127.0.0.1:5432 answers 503 after 12.5 s", "127.0.0.1:5432 answers 503 after 12.5 s"),
    ],
)
def test_what_may_be_somebodys_is_blackened(text: str, clean: str) -> None:
    assert blackened(text) == clean


def test_an_error_is_told_without_its_values() -> None:
    assert brief(KeyError("mobile")) == "KeyError: 'mobile'"
    assert (
        brief(ValueError("could not read 'John Smith' as a day\nand more")) == "ValueError: could not read … as a day"
    )
    error = IntegrityError("INSERT INTO a", {"name": "Smith"}, Exception('unique constraint "uq_a_b"\nDETAIL: (Smith)'))
    assert brief(error) == 'IntegrityError: (builtins.Exception) unique constraint "uq_a_b"'


def _record(message: str, *args: object, failing: bool = False) -> logging.LogRecord:
    info, latin, name = None, "Li Si", "李四"  # the places in the code that a trace shows are ours
    if failing:
        try:
            try:
                raise ValueError(f"no '{latin}'")
            except ValueError as error:
                raise RuntimeError(f"{name} failed") from error
        except RuntimeError:
            info = sys.exc_info()
    return logging.LogRecord("app.x", logging.ERROR, __file__, 1, message, args, info)


def test_a_record_is_one_object_in_one_line() -> None:
    record = _record("delivery of %s message %d failed: %s", "notice", 12345678, ValueError("王五"), failing=True)
    setattr(record, FACTS, {"status": 500})
    with belonging_to("0123456789abcdef"):
        line = JsonLines().format(record)
    told = json.loads(line)
    assert "\n" not in line
    assert told["message"] == "delivery of notice message 12345678 failed: ValueError: …"
    assert (told["request"], told["status"], told["level"]) == ("0123456789abcdef", 500, "error")
    assert [one for one in told["trace"] if "Error" in one and "raise" not in one and "except" not in one] == [
        "ValueError: no …",
        "RuntimeError: … failed",
    ]
    assert "李" not in line
    assert "Li Si" not in line


def test_a_person_reads_a_line_and_the_trace_below() -> None:
    lines = Lines().format(_record("went wrong", failing=True)).splitlines()
    assert lines[0].endswith("ERROR app.x went wrong")
    assert lines[-1] == "RuntimeError: … failed"


@pytest.mark.parametrize("sent", ["", "short", "138000011112222", "with blank 12345678", "x" * 65, "a'b;c--12345678"])
def test_only_what_looks_like_a_number_is_taken_over(sent: str) -> None:
    with belonging_to(sent):
        assert logs.request_id() != sent
        assert len(logs.request_id()) == 16
    assert logs.request_id() == ""


def test_settings_of_the_log_are_checked() -> None:
    assert configuration({"APP_ENV": "production"})["formatters"]["house"]["()"] is JsonLines
    assert configuration({})["formatters"]["house"]["()"] is Lines
    for wrong in ({"LOG_FORMAT": "xml"}, {"LOG_LEVEL": "loud"}):
        with pytest.raises(SettingsError, match=r"^LOG_"):
            configuration(wrong)


@pytest.fixture
def restored() -> Iterator[None]:
    """The root logger as it was."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers, root.level = before, level


def test_python_takes_the_configuration(restored: None) -> None:
    del restored
    logging.config.dictConfig(configuration({"LOG_FORMAT": "json", "ACCESS_LOG": "0"}))
    assert isinstance(logging.getLogger().handlers[0].formatter, JsonLines)
    assert not logging.getLogger("access").isEnabledFor(logging.INFO)
