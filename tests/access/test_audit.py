"""What the audit trail has of log-ins: each one, its end, each failure, and that somebody had to wait."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.access import audit
from app.access.audit import AuditLine, content_of
from app.access.services import authenticate
from app.base import chainkeys
from app.base.database import session, transaction
from app.base.errors import Throttled, Unauthenticated
from tests.fixtures.application import PASSWORD
from tests.fixtures.pages import token
from tests.fixtures.servers import Servers


@pytest.fixture(autouse=True)
def _no_counts(app_context: Flask, servers: Servers) -> None:
    """Counters start at nothing."""
    with servers.valkey.connect() as client:
        client.flushall()


def _lines(*actions: str) -> list[AuditLine]:
    session.rollback()
    query = select(AuditLine).where(AuditLine.action.in_(actions)).order_by(AuditLine.id)
    return list(session.scalars(query))


def test_login_and_logout_are_written_down(client: FlaskClient) -> None:
    """By name, role, place and address."""
    form = {"username": "school10001", "password": PASSWORD}
    client.post("/login/school", data={**form, "csrf_token": token(client.get("/login/school").text)})
    client.post("/logout", data={"csrf_token": token(client.get("/staff/", follow_redirects=True).text)})
    login, logout = _lines(audit.LOGIN, audit.LOGOUT)[-2:]
    assert (login.action, login.actor, login.role, login.source) == ("login", "school10001", "school", "127.0.0.1")
    assert login.school_id
    assert login.detail["door"] == "school"
    assert (logout.action, logout.actor) == ("logout", "school10001")


def test_programs_are_written_down_too(client: FlaskClient) -> None:
    sent = {"username": "graduate1", "password": PASSWORD, "provider": "db"}
    assert client.post("/api/v1/security/login", json=sent).status_code == 200
    line = _lines(audit.LOGIN)[-1]
    assert (line.actor, line.role, line.detail["door"]) == ("graduate1", "graduate", "api")
    assert line.graduate_id


def test_failures_stay_and_lockouts_are_told_once() -> None:
    """Five failures, then any number of refusals: five lines and one."""
    before = len(_lines(audit.LOGIN_FAILED)), len(_lines(audit.LOCKED_OUT))
    refused = 0
    for _try in range(60):
        try:
            authenticate("school10002", "wrong", ip="10.0.0.1", door="school")
        except Unauthenticated:
            continue
        except Throttled:
            refused += 1
            if refused == 3:
                break
    failed, locked = _lines(audit.LOGIN_FAILED)[before[0] :], _lines(audit.LOCKED_OUT)[before[1] :]
    assert {line.subject for line in failed} == {"school10002"}
    assert {(line.role, line.actor_id) for line in failed} == {("stranger", None)}
    assert all(line.school_id for line in failed)
    assert len(locked) == 1


def test_a_password_in_the_wrong_field_is_not_kept() -> None:
    with pytest.raises(Unauthenticated):
        authenticate("Secret-Pass-99", "x", ip="10.0.0.2", door="school")
    line = _lines(audit.LOGIN_FAILED)[-1]
    assert line.subject == "Se***"
    assert "Secret" not in str(content_of(line))


def test_a_failure_outlives_the_transaction_that_it_undoes() -> None:
    with pytest.raises(Unauthenticated), transaction():
        authenticate("school10284", "wrong", ip="10.0.0.3", door="school")
    assert _lines(audit.LOGIN_FAILED)[-1].subject == "school10284"


def test_each_line_bears_a_seal_of_its_content() -> None:
    with pytest.raises(Unauthenticated):
        authenticate("school10001", "wrong", ip="10.0.0.4", door="school")
    session.expire_all()
    line = _lines(audit.LOGIN_FAILED)[-1]
    assert chainkeys.holds(line.seal, content_of(line))
    line.actor = "somebody else"
    assert not chainkeys.holds(line.seal, content_of(line))
    session.rollback()


def test_only_what_is_old_enough_can_go() -> None:
    """The database itself keeps the last 180 days."""
    added = "INSERT INTO audit_lines (at, action, actor, detail) VALUES (now() - interval '{} days', 'x', 'y', '{{}}')"
    with transaction():
        session.execute(text(added.format(181)))
        session.execute(text(added.format(179)))
    with transaction():
        gone = session.execute(text("DELETE FROM audit_lines WHERE action = 'x' AND at < now() - interval '180 days'"))
        assert gone.rowcount == 1
    with pytest.raises(Exception, match="can only be added"), transaction():
        session.execute(text("DELETE FROM audit_lines WHERE action = 'x'"))
