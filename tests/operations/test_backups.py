"""flask backup: a fresh machine gets the same rows and the same papers back, and nothing without the keys (R18.2)."""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import delete, select

from app.base.database import session, transaction
from app.base.settings import settings, use_settings
from app.documents.models import StoredFile
from app.documents.storage import LocalStorage, storage
from app.operations.backups.services import PAGE
from config import settings_from
from trial.postgres import Postgres
from trial.settings import ROOT

Run = Callable[..., Any]


@pytest.fixture
def flask(app_context: Flask, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`flask …` in this process, with the programs of the server that runs here."""
    monkeypatch.setenv("PATH", f"{postgres.binaries()}:{os.environ['PATH']}")
    return lambda *words: app_context.test_cli_runner().invoke(args=[*map(str, words)])


@pytest.fixture
def backup(flask: Run, tmp_path: Path) -> Path:
    """A backup of the demonstration and of one more file."""
    _keep(b"stamped copy")
    done = flask("backup", "create", tmp_path / "backup")
    assert done.exit_code == 0, done.output
    return tmp_path / "backup"


@pytest.fixture
def elsewhere(postgres: Postgres) -> Iterator[str]:
    """The address of an empty database on a fresh machine."""
    postgres.create_database("elsewhere")
    yield postgres.url("elsewhere")
    postgres.drop_database("elsewhere")


def _keep(content: bytes) -> str:
    key = storage().put(content)
    with transaction():
        names = {"workflow": "destination", "case_id": secrets.randbelow(10**9), "kind": "proof", "name": "x.jpg"}
        row = StoredFile(mime="image/jpeg", size=1, sha256=bytes.fromhex(key), created_by="x", **names)
        session.add(row)
    return key


def _rows(url: str) -> dict[str, str]:
    """Each table's content as one digest."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        tables = connection.execute("SELECT relname FROM pg_stat_user_tables ORDER BY 1").fetchall()
        digest = "SELECT md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM {} t"
        return {name: connection.execute(digest.format(f'"{name}"')).fetchone()[0] for (name,) in tables}  # type: ignore[index]


def test_a_fresh_machine_gets_the_same_rows_and_the_same_files(
    backup: Path, elsewhere: str, environment: dict[str, str], tmp_path: Path
) -> None:
    env = {**os.environ, "DATABASE_URL": elsewhere, "VAR_DIR": str(tmp_path / "var"), "FLASK_APP": "app:create_app"}
    command = [sys.executable, "-m", "flask", "backup", "restore", str(backup)]
    done, again = (
        subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False) for _ in range(2)
    )
    assert done.returncode == 0, done.stderr
    assert _rows(elsewhere) == _rows(environment["DATABASE_URL"])
    back = LocalStorage(tmp_path / "var" / "files")
    named = {digest.hex() for digest in session.scalars(select(StoredFile.sha256))}
    assert named
    assert named == set(back.digests()) & named
    for key in named:
        with back.open(key) as there, storage().open(key) as here:
            assert there.read() == here.read()
    assert again.returncode == 1
    assert "Traceback" not in again.stderr
    assert "空数据库" in again.stderr, "what is there is never written over"


def test_without_its_key_a_backup_is_refused_before_anything_is_touched(backup: Path, flask: Run) -> None:
    assert flask("backup", "verify", backup).exit_code == 0
    chosen = settings()
    other = {**chosen.environ, "DATA_KEY": base64.b64encode(secrets.token_bytes(32)).decode()}
    try:
        use_settings(settings_from(other))
        for word in ("verify", "restore"):
            refused = flask("backup", word, backup)
            assert refused.exit_code == 1
            assert "DATA_KEY" in refused.output
    finally:
        use_settings(chosen)


@pytest.mark.parametrize("harm", ["file changed", "file gone", "dump changed", "no page"])
def test_what_was_harmed_is_named(backup: Path, flask: Run, harm: str) -> None:
    page = json.loads((backup / PAGE).read_text())
    files = LocalStorage(backup / "files")
    key = next(files.digests())
    path = backup / "files" / key[:2] / key
    if harm == "file changed":
        path.write_bytes(path.read_bytes()[:-1] + b"!")
    elif harm == "file gone":
        path.unlink()
    elif harm == "dump changed":
        dump = backup / page["dump"]
        dump.write_bytes(dump.read_bytes() + b"!")
    else:
        (backup / PAGE).unlink()
    for word in ("verify", "restore"):
        said = flask("backup", word, backup)
        assert said.exit_code == 1, said.output
        assert {"file changed": key, "file gone": "缺少 1 个文件", "dump changed": page["dump"]}.get(
            harm, "没有备份"
        ) in said.output


def test_the_next_one_adds_what_is_new_and_lets_go_of_what_went(backup: Path, flask: Run) -> None:
    before = json.loads((backup / PAGE).read_text())
    gone, new = storage().put(b"stamped copy"), _keep(secrets.token_bytes(40))
    (settings().var_dir / "files" / gone[:2] / gone).unlink()
    done = flask("backup", "create", backup)
    assert done.exit_code == 1, "a record names what is not in the store"
    after = json.loads((backup / PAGE).read_text())
    assert after["lost"] == [gone]
    keys = set(LocalStorage(backup / "files").digests())
    assert {gone, new} <= keys, "what the store has lost the backup still has"
    assert after["files"] == before["files"] + 1
    with transaction():
        session.execute(delete(StoredFile).where(StoredFile.sha256 == bytes.fromhex(gone)))
    assert flask("backup", "create", backup).exit_code == 0
    assert gone not in set(LocalStorage(backup / "files").digests())


def test_a_backup_that_fails_leaves_the_one_before_as_it_was(
    backup: Path, flask: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (backup / PAGE).read_text()
    monkeypatch.setenv("PATH", "/nowhere")
    refused = flask("backup", "create", backup)
    assert refused.exit_code == 1
    assert "缺少 pg_dump" in refused.output
    assert (backup / PAGE).read_text() == page
    assert (backup / json.loads(page)["dump"]).exists()
