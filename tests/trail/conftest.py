"""A school's chain in a database of its own, and hands that no trigger holds."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import psycopg
import pytest
from flask import Flask

from app.base.database import session
from app.documents.storage import LocalStorage, storage
from app.trail import heads

Owner = Callable[..., None]


@pytest.fixture
def no_heads(app_context: Flask) -> Iterator[None]:
    """No file of sealed heads from another database."""
    kept = storage()
    assert isinstance(kept, LocalStorage)
    shutil.rmtree(kept.folder / heads.FOLDER, ignore_errors=True)
    yield
    shutil.rmtree(kept.folder / heads.FOLDER, ignore_errors=True)


@pytest.fixture
def owner(app_context: Flask, sql: psycopg.Connection) -> Owner:
    """What the owner of the tables can do: any statement, with every trigger off."""

    def act(statement: str, *values: object) -> None:
        session.rollback()
        sql.execute("SET session_replication_role = replica")
        sql.execute(statement, values or None)  # type: ignore[arg-type]
        session.expire_all()

    return act


@pytest.fixture
def verify(app: Flask) -> Callable[..., tuple[int, str]]:
    """`flask audit verify`: its exit code and what it says."""

    def run(*options: str) -> tuple[int, str]:
        session.rollback()
        result = app.test_cli_runner().invoke(args=["audit", "verify", *options])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.output

    return run
