"""flask setup and flask doctor: one command brings an empty database to the first log-in, one says what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text, update

from app.access.models import Account
from app.base.database import session, transaction
from app.operations.checks import OK, WARNING, WRONG, Finding, findings
from app.workflow.models import OutboxMessage
from trial.settings import ROOT

FLASK = [sys.executable, "-m", "flask"]


def _flask(env: dict[str, str], *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    whole = {**os.environ, **env, "FLASK_APP": "app:create_app"}
    return subprocess.run(
        [*FLASK, *words], cwd=ROOT, env=whole, input=typed, capture_output=True, text=True, check=False
    )


def test_an_empty_database_becomes_a_platform_with_somebody_to_log_in(
    empty_database: str, environment: dict[str, str], tmp_path: Path
) -> None:
    env = {**environment, "DATABASE_URL": empty_database, "VAR_DIR": str(tmp_path)}
    first = _flask(env, "setup")
    assert first.returncode == 0, first.stderr
    assert "flask setup --operator" in first.stdout, "nobody can log in yet"
    word = "Zhu-Ce-2031-Yun"
    second = _flask(env, "setup", "--operator", "admin", "--name", "管理员", typed=f"{word}\n{word}\n")
    assert second.returncode == 0, second.stderr
    assert "flask setup --operator" not in second.stdout
    again = _flask(env, "setup", "--operator", "admin2", "--name", "另一位")
    assert again.returncode == 0, again.stderr
    with psycopg.connect(empty_database.replace("+psycopg", "")) as connection:
        accounts = connection.execute("SELECT username FROM ab_user JOIN accounts ON user_id = ab_user.id").fetchall()
        assert accounts == [("admin",)], "a second one is made by the first, on the pages"
        assert connection.execute("SELECT count(*) FROM notice_templates").fetchone() != (0,)


def _found() -> dict[str, Finding]:
    return {finding.part: finding for finding in findings()}


def test_each_part_is_told_in_a_line(app_context: Flask, ems: object) -> None:
    found = _found()
    assert len(found) == 13
    assert found["数据库"].state == OK
    assert found["平台管理员账号"].state == OK
    assert found["就业管理系统"].state == OK
    assert found["短信与邮件"].state == WARNING, "the trial sends nothing"
    assert found["后台进程"].state == WARNING
    assert "clock" in found["后台进程"].text
    assert all("\n" not in finding.text and finding.text for finding in found.values())


def test_what_is_wrong_is_found(
    app_context: Flask, change_settings: Callable[..., None], tmp_path: Path, fresh_database: str
) -> None:
    with transaction():
        session.execute(text("UPDATE alembic_version SET version_num = '0001_first'"))
        session.execute(update(Account).where(Account.kind == "operator").values(kind="employer"))
        session.add(OutboxMessage(kind="notice", payload={}, key="doctor", status="failed"))
    change_settings(redis_url="redis://127.0.0.1:1/0", var_dir=tmp_path / "missing", seal=None)
    found = _found()
    assert {
        part: found[part].state for part in ("数据表", "Redis", "平台管理员账号", "文件存储", "电子签章", "待发消息")
    } == {
        "数据表": WRONG,
        "Redis": WRONG,
        "平台管理员账号": WRONG,
        "文件存储": WRONG,
        "电子签章": WARNING,
        "待发消息": WARNING,
    }
    assert "flask setup" in found["数据表"].text


def test_without_its_database_nothing_else_is_looked_at(environment: dict[str, str], postgres: object) -> None:
    env = {**environment, "DATABASE_URL": environment["DATABASE_URL"].replace("/test", "/no_such")}
    ended = _flask(env, "doctor")
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert len(ended.stdout.splitlines()) == 1
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("url", ["http://sign.example", "https://sign.example"])
def test_production_is_served_by_https(app_context: Flask, change_settings: Callable[..., None], url: str) -> None:
    change_settings(app_env="production", public_url=url)
    assert _found()["对外网址"].state == (WRONG if url.startswith("http:") else WARNING)
