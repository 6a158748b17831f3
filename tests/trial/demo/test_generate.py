"""The generated country keeps every promise that one made by hand would keep."""

from __future__ import annotations

from collections import Counter
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select

from app.base.crypto import blind_index
from app.base.database import session
from app.base.values.id_numbers import is_id_number
from app.documents.numbering import is_agreement_number
from app.roster.models import Graduate
from app.roster.snapshots import student_facts
from app.signing.online.models import OnlineSigning
from app.signing.online.snapshots import agreement_content
from app.signing.online.workflow import ONLINE_SIGNING
from app.workflow.history import broken_links
from trial.demo.generator.generate import generate_country

SIZE = 900


@pytest.fixture(scope="module")
def generated(application: Flask, database: str) -> dict[str, int]:
    """A small country beside the demonstration, written by two processes."""
    with application.app_context():
        return _generate(SIZE, processes=2)


def _generate(size: int, processes: int = 1) -> dict[str, int]:
    return generate_country(size, seed=5, processes=processes)


def test_as_many_as_asked_with_about_one_signing_each(generated: dict[str, int]) -> None:
    assert generated["graduates"] == SIZE
    assert 0.8 * SIZE < generated["online_signings"] < 1.2 * SIZE
    assert generated["schools"] > 5


def test_every_state_is_there(generated: dict[str, int], sql: psycopg.Connection[Any]) -> None:
    states = {row[0] for row in sql.execute("SELECT DISTINCT state FROM online_signings")}
    assert states == {state.name for state in ONLINE_SIGNING.states}


def test_history_holds_as_a_chain(generated: dict[str, int], app_context: Flask) -> None:
    assert list(broken_links()) == []


def test_history_follows_the_table(generated: dict[str, int], sql: psycopg.Connection[Any]) -> None:
    allowed = {
        (row.event, source, role) for row in ONLINE_SIGNING.transitions for source in row.sources for role in row.who
    }
    query = "SELECT case_id, event, from_state, to_state, role, at FROM history ORDER BY case_id, id"
    last: dict[int, tuple[str, Any]] = {}
    for case_id, event, origin, target, role, at in sql.execute(query):
        if event == "invite":
            assert (origin, target, role) == (None, "invited", "employer")
        else:
            assert (event, origin, role) in allowed
            assert last[case_id][0] == origin
            assert last[case_id][1] <= at
        last[case_id] = (target, at)
    states = dict(sql.execute("SELECT id, state FROM online_signings").fetchall())
    assert {case_id: state for case_id, (state, _at) in last.items()} == states


def test_versions_count_the_events(generated: dict[str, int], sql: psycopg.Connection[Any]) -> None:
    wrong = sql.execute(
        "SELECT count(*) FROM online_signings s WHERE version <>"
        " (SELECT count(*) FROM history h WHERE h.workflow = 'online_signing' AND h.case_id = s.id)"
    ).fetchone()
    assert wrong == (0,)


def test_claims_are_those_of_binding_cases(generated: dict[str, int], sql: psycopg.Connection[Any]) -> None:
    kinds = {"signed": "in_force", "dept_review": "review", "school_review": "review"}
    binding = sql.execute("SELECT graduate_id, id, state FROM online_signings WHERE state = ANY(%s)", [list(kinds)])
    expected = {graduate: (case_id, kinds[state]) for graduate, case_id, state in binding}
    claims = sql.execute("SELECT graduate_id, case_id, kind FROM claims")
    assert {graduate: (case_id, kind) for graduate, case_id, kind in claims} == expected


def test_numbers_are_valid_and_counted(generated: dict[str, int], sql: psycopg.Connection[Any]) -> None:
    numbers = [row[0] for row in sql.execute("SELECT number FROM online_signings WHERE number IS NOT NULL")]
    assert numbers
    assert all(is_agreement_number(number) for number in numbers)
    given = Counter(number[:10] for number in numbers)
    counters = sql.execute(
        "SELECT cohort || s.code || level_digit, last FROM agreement_serials JOIN schools s ON s.id = school_id"
    )
    assert dict(counters.fetchall()) == dict(given)


def test_invitations_can_still_be_answered(generated: dict[str, int], sql: psycopg.Connection[Any]) -> None:
    overdue = "SELECT count(*) FROM online_signings WHERE state = 'invited' AND valid_until <= now()"
    assert sql.execute(overdue).fetchone() == (0,)


def test_frozen_data_are_what_the_program_would_freeze(generated: dict[str, int], app_context: Flask) -> None:
    query = select(OnlineSigning).where(OnlineSigning.snapshot.is_not(None)).limit(20)
    for case in session.scalars(query.options(*OnlineSigning.eager_options())):
        now = {**agreement_content(case), "confirmations": None}
        assert {**(case.snapshot or {}), "confirmations": None} == now
        assert [one["role"] for one in (case.snapshot or {})["confirmations"]][:2] == ["employer", "graduate"]
        assert case.student == student_facts(case.graduate)


def test_personal_data_are_encrypted_and_can_be_found(generated: dict[str, int], app_context: Flask) -> None:
    people = session.scalars(select(Graduate).order_by(Graduate.id.desc()).limit(50)).all()
    for person in people:
        assert is_id_number(person.id_number)
        assert bytes(person.id_number_index) == blind_index(person.id_number)
    assert len({person.id_number for person in people}) == len(people)


def test_second_run_adds_as_many_again(generated: dict[str, int], app_context: Flask) -> None:
    again = _generate(100)
    assert again["graduates"] == 100
    assert list(broken_links()) == []


def test_all_of_them_at_one_school_whose_account_opens_it(
    generated: dict[str, int], application: Flask, sql: psycopg.Connection[Any]
) -> None:
    runner = application.test_cli_runner()
    before = _students(sql, "10002")
    done = runner.invoke(args=["demo", "generate", "--graduates", "60", "--school", "10002", "--processes", "1"])
    assert done.exit_code == 0, done.output
    assert "school10002" in done.output
    assert _students(sql, "10002") == before + 60
    for wrong in ("99999", "10558"):
        refused = runner.invoke(args=["demo", "generate", "--graduates", "60", "--school", wrong])
        assert refused.exit_code == 2, refused.output
        assert "--school" in refused.output


def _students(sql: psycopg.Connection[Any], school: str) -> int:
    row = sql.execute(
        "SELECT count(*) FROM graduates JOIN schools ON schools.id = school_id WHERE code = %s", [school]
    ).fetchone()
    assert row is not None
    return int(row[0])
