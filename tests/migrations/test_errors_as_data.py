"""0008: what stood as text in three tables is a code and a detail afterwards, and the same text after going back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade

from tests.fixtures.database import TEST, Servers
from trial.settings import ROOT

OUTBOX = {
    "EmsUnavailable: answered 500": ("ems_unavailable", "answered 500"),
    "EmsRefused: unknown_student: no such student": ("unknown_student", "unknown_student: no such student"),
    "GiveUp: EmsRefused: invalid: code: wrong": ("ems_refused", "invalid: code: wrong"),
    "GiveUp: a later report is held there that this platform never sent": (
        "later_report",
        "a later report is held there that this platform never sent",
    ),
    "GiveUp: the graduate of this message does not exist": (
        "no_graduate",
        "the graduate of this message does not exist",
    ),
    "GiveUp: 无法生成协议书：“补充条款”": ("given_up", "无法生成协议书：“补充条款”"),
    "Refused: too_late": ("too_late", ""),
    "Unavailable: limit_reached: 45009 limit: 5": ("limit_reached", "45009 limit: 5"),
    "KeyError: 'name'": ("unexpected", "KeyError: 'name'"),
}
TRIES = {
    "no_address": ("no_address", ""),
    "provider_busy: HTTP 503": ("provider_busy", "HTTP 503"),
    "no_credit: isv.X: low": ("no_credit", "isv.X: low"),
    "'name'": ("unexpected", "'name'"),
    "something: else": ("unexpected", "something: else"),
}
TABLES: dict[str, dict[Any, Any]] = {
    "outbox": {**OUTBOX, None: (None, None)},
    "notice_deliveries": {**TRIES, None: (None, None)},
    "verification_codes": {**TRIES, None: (None, None)},
}


@pytest.fixture
def before(application: Flask, templates: None, servers: Servers) -> Iterator[psycopg.Connection]:
    """A connection to a database as it was before, with a row for each text."""
    from app.base.database import db

    with application.app_context():
        db.engine.dispose()
        servers.postgres.drop_database(TEST)
        servers.postgres.create_database(TEST)
        upgrade(str(ROOT / "migrations"), "0007_files_by_digest")
        with servers.postgres.connect(TEST) as connection:
            connection.autocommit = True
            _fill(connection)
            yield connection
        db.engine.dispose()


def _fill(connection: psycopg.Connection) -> None:
    connection.execute(
        "INSERT INTO ab_user (id, first_name, last_name, username, email) VALUES (1, 'a', 'b', 'c', 'd')"
    )
    for number, text in enumerate(TABLES["outbox"]):
        connection.execute(
            "INSERT INTO outbox (kind, key, payload, status, attempts, next_attempt_at, last_error, created_at) "
            "VALUES ('ems', %s, '{}', 'failed', 1, now(), %s, now())",
            (str(number), text),
        )
    for number, text in enumerate(TABLES["notice_deliveries"]):
        connection.execute(
            "INSERT INTO notifications (id, user_id, outbox_id, template, reader, event, title, text, created_at) "
            "VALUES (%s, 1, %s, 't', 'r', 'e', 't', 't', now())",
            (number, number),
        )
        connection.execute(
            "INSERT INTO notice_deliveries (notification_id, channel, facts, status, attempts, last_error, at) "
            "VALUES (%s, 'sms', '{}', 'failed', 1, %s, now())",
            (number, text),
        )
    for text in TABLES["verification_codes"]:
        connection.execute(
            "INSERT INTO verification_codes (purpose, subject, reader, channel, digest, tries, created_at, expires_at, "
            "status, attempts, last_error, at) "
            "VALUES ('recovery', '\\x00', 'r', 'sms', '\\x00', 0, now(), now(), 'failed', 1, %s, now())",
            (text,),
        )


def test_texts_are_taken_apart_and_put_together_again(before: psycopg.Connection) -> None:
    kept = {table: before.execute(f"SELECT last_error FROM {table} ORDER BY id").fetchall() for table in TABLES}
    upgrade(str(ROOT / "migrations"), "0008_errors_as_data")
    for table, texts in TABLES.items():
        rows = before.execute(f"SELECT error_code, error_detail FROM {table} ORDER BY id").fetchall()
        assert rows == list(texts.values()), table
    assert before.execute("SELECT last_error FROM outbox ORDER BY id").fetchall() == kept["outbox"]
    downgrade(str(ROOT / "migrations"), "0007_files_by_digest")
    for table, texts in kept.items():
        assert before.execute(f"SELECT last_error FROM {table} ORDER BY id").fetchall() == texts
