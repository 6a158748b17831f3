"""Migrations run on databases that older versions of the program had filled, and lead to the tables of the models.

data/0001.zip holds the rows of the first version: the demonstration country and an online signing in each state;
data/0007.zip those of the last version before states had stages: cases of every workflow in each of their states, and
messages that the employment system had not taken yet; data/0015.zip those of the last version before what is sealed was
bound to its row: cases with telephone numbers in them, a letter and a payment that had not gone out yet.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import upgrade
from psycopg import sql
from sqlalchemy import select

from app.access.actors import DEPARTMENT, SCHOOL
from app.base import clock, datakeys
from app.base.database import session
from app.employers.models import Employer
from app.employers.renewal.services import open_renewals
from app.keys import services
from app.signing.online.models import OnlineSigning
from app.trail import heads
from app.trail.verifying import findings
from app.workflow import engine, registry
from app.workflow.chain import first_digest
from app.workflow.history import broken_links
from app.workflow.models import History, OutboxMessage
from app.workflow.stages import Stage
from tests.fixtures.database import TEST, Servers
from tests.keys.people import everything_sealed, lying_in_clear, secrets_of_people
from tests.migrations.recording import restore
from tests.signing.stage import fire, user
from trial.prepare import prepare
from trial.settings import ROOT

DATA = Path(__file__).with_name("data")
VERSIONS = sorted(file.stem for file in DATA.glob("*.zip"))
States = dict[str, dict[str, int]]  # table -> state -> how many cases


@dataclass(frozen=True)
class Aged:
    """The program on an upgraded database, and what the older version had in it."""

    app: Flask
    before: States


@pytest.fixture(scope="module", params=VERSIONS)
def aged(request: pytest.FixtureRequest, application: Flask, templates: None, servers: Servers) -> Iterator[Aged]:
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
        before = _states(connection)
    # The heads that another test's clock has sealed belong to another database.
    shutil.rmtree(servers.folder / "var" / "files" / heads.FOLDER, ignore_errors=True)
    prepare(application, servers.folder / "var", demonstration=False)
    yield Aged(application, before)
    with application.app_context():
        db.engine.dispose()


def _states(connection: psycopg.Connection) -> States:
    """The cases of every workflow that has a table already, counted by state."""
    found = {}
    for table in sorted({workflow.model.__tablename__ for workflow in registry.all_workflows()}):
        if connection.execute("SELECT to_regclass(%s)", (table,)).fetchone() != (None,):
            query = sql.SQL("SELECT state, count(*) FROM {} GROUP BY state").format(sql.Identifier(table))
            found[table] = dict(connection.execute(query).fetchall())
    return found


def test_tables_are_those_of_the_models(aged: Aged) -> None:
    from app.base.database import db

    with aged.app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        metadata = aged.app.extensions["migrate"].configure_args["metadata"]
        assert compare_metadata(context, metadata) == []


def test_no_case_is_lost_or_in_another_state(aged: Aged, servers: Servers) -> None:
    with servers.postgres.connect(TEST) as connection:
        after = _states(connection)
    assert {table: after[table] for table in aged.before} == aged.before
    assert {"invited", "dept_review", "school_review", "signed", "rejected"} <= set(after["online_signings"])


def test_stages_are_what_the_tables_say(aged: Aged) -> None:
    """Who has to act, too: what the engine would have written beside each state."""
    with aged.app.app_context():
        for workflow in registry.all_workflows():
            model = workflow.model
            written = session.execute(select(model.state, model.stage, model.waits_for).distinct()).all()
            said = [(one.name, one.stage, one.waits_for) for one in map(workflow.state, (row.state for row in written))]
            assert [tuple(row) for row in written] == said, workflow.name


def test_no_unit_is_late_with_its_renewal(aged: Aged) -> None:
    """Who was verified long ago has two months at least, and is asked a month ahead like everybody."""
    with aged.app.app_context():
        ends = session.execute(select(Employer.verified_at, Employer.verified_until)).all()
        assert any(verified for verified, _until in ends)
        for verified, until in ends:
            assert (until is None) == (verified is None)
            assert until is None or until > clock.now() + timedelta(days=59)
        assert open_renewals() == 0


def test_what_is_sealed_opens_in_its_row_and_nothing_of_people_is_left_in_clear(aged: Aged, servers: Servers) -> None:
    """Every row of every table that holds something sealed; messages that waited are whole."""
    with aged.app.app_context(), servers.postgres.connect(TEST) as connection:
        assert everything_sealed()["graduates"]
        assert {key for key, _column in services.uses().values} == {datakeys.newest().id}
        assert not set(lying_in_clear(connection, secrets_of_people()))
        messages = session.scalars(select(OutboxMessage).where(OutboxMessage.kind.in_(("letter", "payment")))).all()
        for message in messages:
            told = message.payload
            assert told.get("account", "1100123456784454") == "1100123456784454"
            assert told.get("address", "13900001111") in ("13900001111", "hr@example.com")
            assert not any(str(text).startswith("01") for text in told.get("secrets", {}).values())


def test_chain_of_the_history_holds(aged: Aged) -> None:
    with aged.app.app_context():
        assert not list(broken_links())


def test_work_goes_on(aged: Aged) -> None:
    """What waited for the department before is decided after, in every workflow; then by the school."""
    with aged.app.app_context():
        decided = set()
        for workflow in registry.all_workflows():
            waiting = select(workflow.model).where(workflow.model.waits_for == DEPARTMENT)
            case = session.scalars(waiting.order_by(workflow.model.id)).first()
            if case is not None:
                case = engine.fire(workflow.name, case.id, "approve", actor=user("dept10001a"))
                assert (case.stage, case.waits_for) == (Stage.REVIEW, SCHOOL), workflow.name
                decided.add(workflow.name)
        assert "online_signing" in decided
        last = select(OnlineSigning).where(OnlineSigning.waits_for == SCHOOL).order_by(OnlineSigning.id)
        signing = session.scalars(last).first()
        assert signing is not None
        assert fire(signing, "approve", user("school10001")).number


def test_rows_from_before_the_seals_cannot_be_written_anew(aged: Aged, servers: Servers) -> None:
    """Their end was sealed on the way; every case stands where its history has left it."""
    with aged.app.app_context(), servers.postgres.connect(TEST) as connection:
        assert not list(findings())
        chains = set(session.scalars(select(History.chain).where(History.seal.is_(None))))
        rows = session.scalars(select(History).where(History.seal.is_(None)).order_by(History.chain, History.seq)).all()
        session.expunge_all()
        session.rollback()
        ends: dict[int, bytes] = {}
        connection.execute("SET session_replication_role = replica")
        for row in rows:
            row.reason = "forged"
            ends[row.chain] = first_digest(row, ends.get(row.chain, b""))
            change = "UPDATE history SET reason = 'forged', hash = %s WHERE id = %s"
            connection.execute(change, (ends[row.chain], row.id))
        for chain, link in ends.items():
            connection.execute(
                "UPDATE history_heads SET hash = %s WHERE chain = %s AND seq < sealed_from", (link, chain)
            )
        assert {broken.chain for broken in broken_links()} == chains
