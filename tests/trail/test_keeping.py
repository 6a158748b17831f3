"""How long lines of the audit trail are kept: whole blocks go when their time is over, and the proof stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.access import audit
from app.access.audit import AuditLine
from app.base import clock
from app.base.database import session
from app.trail import blocks
from config import SettingsError, settings_from
from tests.signing.stage import user

Verify = Callable[..., tuple[int, str]]


@pytest.fixture(autouse=True)
def _database(fresh_database: str, app_context: Flask, no_heads: None) -> None:
    """A trail of its own, in which what the demonstration wrote is linked already."""
    with time_machine.travel(clock.now() + timedelta(minutes=10)):
        blocks.close_blocks()


def _written(subject: str, days_ago: int) -> None:
    with time_machine.travel(clock.now() - timedelta(days=days_ago)):
        audit.record("kept", actor=user("operator"), subject=subject)
    with time_machine.travel(clock.now() - timedelta(days=days_ago - 1)):
        blocks.close_blocks()


def _kept() -> list[str | None]:
    return list(session.scalars(select(AuditLine.subject).where(AuditLine.action == "kept").order_by(AuditLine.id)))


def test_old_blocks_go_and_the_proof_stays(verify: Verify) -> None:
    for subject, days in (("old", 800), ("older than half a year", 200), ("new", 2)):
        _written(subject, days)
    assert blocks.forget_old_lines() == 1
    assert _kept() == ["older than half a year", "new"]
    code, said = verify()
    assert code == 0, said


def test_the_database_keeps_half_a_year_whatever_the_program_asks_for() -> None:
    _written("young", 170)
    with time_machine.travel(clock.now() + timedelta(days=900)), pytest.raises(Exception, match="can only be added"):
        blocks.forget_old_lines()
    session.rollback()
    assert _kept() == ["young"]


def test_no_shorter_time_can_be_set() -> None:
    environment = {"APP_ENV": "test", "DATABASE_URL": "postgresql://nobody@localhost/none"}
    with pytest.raises(SettingsError, match="at least 180"):
        settings_from({**environment, "AUDIT_DAYS": "179"})
    assert settings_from({**environment, "AUDIT_DAYS": "180"}).audit_days == 180
