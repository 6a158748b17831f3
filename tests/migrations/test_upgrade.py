"""Migrations run on databases that older versions of the program had filled, and lead to the tables of the models.

data/0001.zip holds the rows of the first version: the demonstration country and an online signing in each state.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import upgrade

from tests.fixtures.database import TEST, Servers
from tests.migrations.recording import restore
from tests.signing.stage import fire, user
from trial.prepare import prepare
from trial.settings import ROOT

DATA = Path(__file__).with_name("data")
VERSIONS = sorted(file.stem for file in DATA.glob("*.zip"))


@pytest.fixture(scope="module", params=VERSIONS)
def aged(request: pytest.FixtureRequest, application: Flask, templates: None, servers: Servers) -> Iterator[Flask]:
    """The program on a database that an older version has filled, just upgraded."""
    from app.base.database import db

    with application.app_context():
        db.engine.dispose()
        servers.postgres.drop_database(TEST)
        servers.postgres.create_database(TEST)
        upgrade(str(ROOT / "migrations"), request.param)
        db.engine.dispose()
    with servers.postgres.connect(TEST) as connection:
        restore(connection, DATA / f"{request.param}.zip")
    prepare(application, servers.folder / "var", demonstration=False)
    yield application
    with application.app_context():
        db.engine.dispose()


def test_tables_are_those_of_the_models(aged: Flask) -> None:
    from app.base.database import db

    with aged.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        metadata = aged.extensions["migrate"].configure_args["metadata"]
        assert compare_metadata(context, metadata) == []


def test_nothing_is_lost_and_the_chain_holds(aged: Flask, servers: Servers) -> None:
    from app.workflow.history import broken_links

    with servers.postgres.connect(TEST) as connection:
        states = {state for (state,) in connection.execute("SELECT DISTINCT state FROM online_signings")}
    assert {"invited", "dept_review", "school_review", "signed", "rejected"} <= states
    with aged.app_context():
        assert not list(broken_links())


def test_work_goes_on(aged: Flask) -> None:
    """A case begun before is decided after."""
    from sqlalchemy import select

    from app.base.database import session
    from app.signing.online.models import OnlineSigning

    with aged.app_context():
        waiting = select(OnlineSigning).where(OnlineSigning.state == "dept_review").order_by(OnlineSigning.id)
        case = session.scalars(waiting).first()
        assert case is not None
        decided = fire(case, "approve", user("dept10001a"))
        assert decided.state == "school_review"
        assert fire(decided, "approve", user("school10001")).number
