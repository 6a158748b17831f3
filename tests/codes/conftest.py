"""Reference data on a database of its own: nothing of the other rooms is needed to test it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import event

from app.access.audit import AuditLine
from app.base.database import db, session
from app.codes import cache
from app.codes.models import CodeEntry, CodesVersion, Region, University
from app.codes.seeds import seed_codes

TABLES = [model.__table__ for model in (AuditLine, CodeEntry, CodesVersion, Region, University)]


@pytest.fixture(scope="module")
def reference_app(empty_database: str) -> Iterator[Flask]:
    """A bare application with the tables of reference data, loaded as shipped."""
    app = Flask("reference")
    app.config.update(SQLALCHEMY_DATABASE_URI=empty_database, SECRET_KEY="test")
    db.init_app(app)
    with app.app_context():
        for table in TABLES:
            table.create(db.engine)
        seed_codes()
        cache.forget()
        yield app
        session.remove()
        db.engine.dispose()
    cache.forget()


@pytest.fixture
def reference(reference_app: Flask) -> Iterator[Flask]:
    """The same for one test: what it changes is put back, unless it commits by itself."""
    with reference_app.app_context():
        yield reference_app
        session.rollback()
        session.remove()
    cache.forget()


@pytest.fixture
def statements(reference: Flask) -> Iterator[list[str]]:
    """Every SQL statement that runs during the test."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)
