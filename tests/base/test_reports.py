"""Reports to a Sentry, read where they arrive: the error is told, and nobody's data."""

from __future__ import annotations

import gzip
import json
import logging.config
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import brotli
import pytest

from app.base import reports
from app.base.logs import belonging_to, configuration
from config import SettingsError
from trial.demo import country

OWN = country.GRADUATES[1]


class Sentry(ThreadingHTTPServer):
    """Takes envelopes as the service does."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        super().__init__(("127.0.0.1", 0), _Taking)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def dsn(self) -> str:
        """What an operator would fill in."""
        return f"http://0123456789abcdef@127.0.0.1:{self.server_address[1]}/7"


class _Taking(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Sentry)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        body = {"gzip": gzip.decompress, "br": brotli.decompress}.get(self.headers["Content-Encoding"], bytes)(body)
        assert self.path == "/api/7/envelope/"
        head, _item, event = body.split(b"\n")[:3]
        assert b"sentry_key=0123456789abcdef" in self.headers["X-Sentry-Auth"].encode() or b"dsn" in head
        self.server.events.append(json.loads(event))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_said: Any) -> None:
        """Nothing is said of it."""


@pytest.fixture
def sentry() -> Iterator[Sentry]:
    """A server, and logging that tells it of errors."""
    import sentry_sdk

    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    found = Sentry()
    logging.config.dictConfig(configuration({"SENTRY_DSN": found.dsn, "APP_ENV": "production"}))
    yield found
    root.handlers, root.level = before, level
    sentry_sdk.get_client().close()
    sentry_sdk.init(default_integrations=False, auto_enabling_integrations=False)
    found.shutdown()
    found.server_close()


def test_an_error_arrives_without_anybodys_data(sentry: Sentry) -> None:
    log, mobile = logging.getLogger("app.somewhere"), OWN.mobile
    log.warning("no error")
    with belonging_to("0123456789abcdef"):
        try:
            try:
                raise KeyError(OWN.name)
            except KeyError as error:
                raise ValueError(f"could not keep {OWN.name} {OWN.id_number} {mobile}") from error
        except ValueError:
            log.exception("record of %s %s failed", OWN.name, OWN.id_number)
    reports.send_what_waits()
    (event,) = sentry.events
    assert event["logentry"]["formatted"] == "record of … … failed"
    assert event["tags"]["request"] == "0123456789abcdef"
    assert [one["type"] for one in event["exception"]["values"]] == ["KeyError", "ValueError"]
    (frame,) = event["exception"]["values"][-1]["stacktrace"]["frames"]
    assert frame["function"] == "test_an_error_arrives_without_anybodys_data"
    assert event["environment"] == "production"
    told = json.dumps(event, ensure_ascii=False)
    for secret in (OWN.name, OWN.id_number, mobile):
        assert secret not in told
    assert not {"request", "user", "modules"} & set(event)
    assert event["breadcrumbs"]["values"] == []


def test_a_sentry_that_is_away_holds_nobody_up(sentry: Sentry) -> None:
    sentry.shutdown()
    sentry.server_close()
    logging.getLogger("app.somewhere").error("went wrong")
    reports.send_what_waits()


def test_what_is_no_address_is_told_at_the_start() -> None:
    with pytest.raises(SettingsError, match="SENTRY_DSN"):
        reports.ReportHandler("nowhere", "production")


def test_without_an_address_nothing_is_sent() -> None:
    assert set(configuration({})["handlers"]) == {"stderr"}
    reports.send_what_waits()
