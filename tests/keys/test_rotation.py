"""From one key to the next: killed at any moment, begun again, and nothing lost; then the old key may go."""

from __future__ import annotations

import hmac
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from app.base import datakeys
from app.base.chainkeys import chain_keys
from app.base.database import db, session
from app.base.settings import settings, use_settings
from app.documents.storage import LocalStorage, storage
from app.keys import services
from app.keys.starting import demand_keys
from app.trail import heads
from app.trail.verifying import findings
from app.workflow.history import broken_links
from config import Settings, SettingsError
from tests.keys.people import everything_sealed
from tests.signing.crowd import crowd
from tests.signing.stage import Stage, user

NEW = bytes(range(32))


@pytest.fixture
def old(
    fresh_database: str, app_context: Flask, drain: Callable[..., int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """The settings before; there are people, a signed agreement and its paper, and a file in clear.

    The files are a copy: those of the other tests are of equal content and stay under their key.
    """
    usual = settings()
    shutil.copytree(usual.var_dir, tmp_path / "var")
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    before = replace(usual, var_dir=tmp_path / "var")
    use_settings(before)
    Stage("employer1", "graduate1", "dept10001a", "school10001").bring("signed")
    crowd(300, like=user("graduate7"), unit=None)
    drain()
    kept = storage()
    assert isinstance(kept, LocalStorage)
    key = kept.put(b"what a version before has kept")
    (kept.folder / key[:2] / key).write_bytes(b"what a version before has kept")
    yield before
    use_settings(usual)


def _everything() -> dict[str, Any]:
    """All that is sealed, in clear."""
    found: dict[str, Any] = dict(everything_sealed())
    kept = storage()
    for key in kept.digests():
        with kept.open(key) as file:
            found[key] = file.read()
    return found


def _killed_after(steps: int, app: Flask) -> bool:
    """Let another process rotate, and kill it once it has told so many steps; whether it was still at work."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            db.engine.dispose(close=False)
            session.remove()
            for _step in services.rotate():
                os.write(writing, b".")
            os.write(writing, b"!")
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        seen = told.read(steps)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        seen += told.read()
    return b"!" not in seen


def test_killed_at_any_moment_it_goes_on_until_the_old_key_may_go(
    old: Settings, app: Flask, sql: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _everything()
    use_settings(replace(old, data_keys=(NEW, *old.data_keys)))
    monkeypatch.setattr(services, "_ROWS", 7)
    monkeypatch.setattr(services, "_FILES", 1)
    assert [_killed_after(steps, app) for steps in (1, 2, 5, 11, 17)] == [True] * 5
    halfway = services.uses()
    assert {datakeys.id_of(NEW), datakeys.id_of(old.data_key)} <= halfway.keys(), "both are in use"
    assert _everything() == before
    assert not [step.problem for step in services.rotate() if step.problem]
    assert services.uses().keys() == {datakeys.id_of(NEW)}
    assert _everything() == before
    assert not list(services.rotate()), "nothing is left to do"

    follow = {"index_key": datakeys.index_key(old), "chain_keys": chain_keys(old)}
    use_settings(replace(old, data_keys=(NEW,), **follow))
    demand_keys(settings())
    assert _everything() == before
    shutil.rmtree(storage().folder / heads.FOLDER, ignore_errors=True)  # type: ignore[attr-defined]  # of other databases
    assert not list(broken_links())
    assert not list(findings())
    sql.execute("SELECT 1")


def test_a_moved_value_is_told_and_left(old: Settings, sql: psycopg.Connection) -> None:
    use_settings(replace(old, data_keys=(NEW, *old.data_keys)))
    sql.execute("UPDATE graduates SET email = mobile WHERE id = 2")
    problems = [step.problem for step in services.rotate() if step.problem]
    assert len(problems) == 1
    assert problems[0].startswith("graduates.email 2: ")
    use_settings(replace(old, data_keys=(NEW,)))
    with pytest.raises(SettingsError, match=f"key {datakeys.id_of(old.data_key).hex()}"):
        demand_keys(settings())


def test_a_start_without_the_right_key_is_refused_in_one_line(old: Settings) -> None:
    demand_keys(old)
    for wrong in ({"data_keys": (NEW,)}, {"index_key": NEW}):
        with pytest.raises(SettingsError) as refused:
            demand_keys(replace(old, **wrong))  # type: ignore[arg-type]
        assert "\n" not in str(refused.value)
    demand_keys(replace(old, data_keys=(NEW, *old.data_keys)))
    with pytest.raises(SettingsError, match=datakeys.id_of(NEW).hex()):
        demand_keys(old)  # values of the newest key may be there since that start


def test_commands_say_what_is_needed(old: Settings, app: Flask, environment: dict[str, str]) -> None:
    import base64

    both = f"{base64.b64encode(NEW).decode()} {environment['DATA_KEY']}"

    def run(*words: str, key: str = both) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "DATA_KEY": key, "FLASK_APP": "app:create_app"}
        command = [sys.executable, "-m", "flask", "keys", *words]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    first = run("check")
    assert (first.returncode, "run `flask keys rotate`" in first.stderr) == (1, True)
    assert f"key {datakeys.id_of(old.data_key).hex()}: " in first.stdout
    assert "in clear: 0 values, 1 files" in first.stdout
    turned = run("rotate")
    assert (turned.returncode, turned.stderr) == (0, ""), turned.stderr
    assert "graduates: " in turned.stdout
    last = run("check")
    assert last.returncode == 0
    assert f"key {datakeys.id_of(NEW).hex()} (the newest): " in last.stdout
    followed = run("follow").stdout
    index = base64.b64encode(hmac.digest(old.data_key, b"index", "sha256")).decode()
    assert f"INDEX_KEY={index}\n" in followed
    with session.begin_nested():
        assert session.scalar(text("SELECT count(*) FROM data_keys WHERE purpose = 'data'")) == 1
