"""Events of the online signing through the API, against the same statements by psycopg alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from time import perf_counter
from typing import Any

import psycopg

from tests.benchmarks.house import House
from tests.benchmarks.pages import SCHOOL_ACCOUNT, Figure, school_of
from tests.benchmarks.recording import Statement, recording, replay, usual, without_authentication

ROUNDS = 15
EMPLOYER_ACCOUNT = "bench-employer"
# What the accounts of the measuring have accepted waits until their numbers are theirs for long enough.
_WAITS = "s.state = 'school_review' AND s.unconfirmed_since IS NULL"


class _Undo(Exception):
    """Ends a transaction whose statements were only to be written down."""


CODE = "271828"  # as if it had been read off the phone


@dataclass(frozen=True)
class Press:
    """One event on one record: how the API is asked, and how the service is called."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]
    call: Callable[[], Any]


def measured_events(house: House) -> Iterator[Figure]:
    """Inviting, accepting, approving: each on records of its own."""
    for name, made in (
        ("employer invites a graduate", _invitations),
        ("graduate accepts", _acceptances),
        ("school approves (number, snapshot, agreement ordered)", _approvals),
    ):
        presses = made(house)
        if len(presses) < ROUNDS:
            print(f"{name}: not measured, this country has only {len(presses)} records for it", file=sys.stderr)
            continue
        yield _measure(house, name, presses)


def _measure(house: House, name: str, presses: Sequence[Press]) -> Figure:
    """The first half goes through the API, the second half by psycopg; every one is committed."""
    half = len(presses) // 2
    client = house.app.test_client()
    times, seen = [], []
    for press in presses[:half]:
        with recording(house.app) as statements:
            begun = perf_counter()
            answer = client.post(press.path, json=press.body, headers=press.headers)
            times.append((perf_counter() - begun) * 1000)
        assert answer.status_code in (200, 201), (name, answer.status_code, answer.text[:500])
        seen.append(without_authentication(statements))
    written = [_written_down(house, press) for press in presses[half:]]
    with house.connect() as connection:
        bare = [replay(connection, statements) for statements in written]
    return Figure(name, max(seen[3:]), usual(times[3:]), usual(bare[3:]))


def _written_down(house: House, press: Press) -> list[Statement]:
    """The statements of an event that is then undone: what psycopg has to send for it."""
    from app.base.database import transaction

    with recording(house.app) as statements, house.app.app_context():
        try:
            with transaction():
                press.call()
                raise _Undo
        except _Undo:
            pass
    return statements


def _approvals(house: House) -> list[Press]:
    from app.access.actors import load_actor
    from app.workflow import engine

    headers = house.token(SCHOOL_ACCOUNT)
    with house.app.app_context(), house.connect() as connection:
        actor = load_actor(_user_id(connection, SCHOOL_ACCOUNT))
        own = school_of(connection)
        mine = waiting_for(connection, own)[:ROUNDS]
        # Of each school one: the chain of its history has moved on after that.
        others = _one_of_each_school(connection, f"{_WAITS} AND s.school_id <> %s", [own])[:ROUNDS]

    def press(case_id: int, school_id: int) -> Press:
        its = replace(actor, school_id=school_id)
        call = lambda: engine.fire("online_signing", case_id, "approve", actor=its, data={})  # noqa: E731
        return Press(f"/api/v1/online_signing/{case_id}/approve", {}, headers, call)

    return [press(case_id, school_id) for case_id, school_id, _graduate in _balanced(mine, others)]


def _acceptances(house: House) -> list[Press]:
    from app.access.accounts import account_named, create_account, hash_password
    from app.access.actors import SYSTEM, load_actor
    from app.base.database import session
    from app.passcodes.acts import Act
    from app.roster.models import Graduate
    from app.signing.online.models import OnlineSigning
    from app.workflow import engine
    from trial.demo.codes import lay_code
    from trial.demo.country import PASSWORD

    presses: list[Press] = []
    unbound = (
        "s.state = 'invited' AND NOT EXISTS (SELECT FROM claims c WHERE c.graduate_id = s.graduate_id)"
        " AND EXISTS (SELECT FROM graduates g WHERE g.id = s.graduate_id AND g.confirmed_at IS NOT NULL)"
    )
    with house.app.app_context(), house.connect() as connection:
        rows = _one_of_each_school(connection, unbound, [])[: 2 * ROUNDS]
        password = hash_password(PASSWORD)
        for position, (case_id, _school_id, graduate_id) in enumerate(rows):
            person = session.get(Graduate, graduate_id)
            assert person is not None
            username = f"bench-graduate{graduate_id}"
            account = account_named(username) or create_account(
                username=username,
                name=person.name,
                kind="graduate",
                password_hash=password,
                person=person.id_number_index,
                actor=SYSTEM,
            )
            session.commit()
            actor = load_actor(account.user_id)
            headers = house.token(username) if position < len(rows) // 2 else {}
            shown = session.get_one(OnlineSigning, case_id).version
            lay_code(Act(account.user_id, "online_signing", "accept", case_id, shown), CODE)
            call = _firing(engine.fire, case_id, "accept", replace(actor, code=CODE))
            presses.append(Press(f"/api/v1/online_signing/{case_id}/accept", {"code": CODE}, headers, call))
    return presses


def _firing(fire: Callable[..., Any], case_id: int, event: str, actor: Any) -> Callable[[], Any]:
    return lambda: fire("online_signing", case_id, event, actor=actor, data={})


def _invitations(house: House) -> list[Press]:
    from app.access.accounts import account_named, create_account, hash_password
    from app.access.actors import SYSTEM, load_actor
    from app.base import clock
    from app.employers.services import unit_by_code
    from app.signing.online.services.invitations import invite_graduates
    from trial.demo.country import PASSWORD, UNITS

    with house.app.app_context(), house.connect() as connection:
        unit = unit_by_code(UNITS[0].facts["uscc"])
        assert unit is not None
        if account_named(EMPLOYER_ACCOUNT) is None:
            password = hash_password(PASSWORD)
            create_account(
                username=EMPLOYER_ACCOUNT,
                name="bench",
                kind="employer",
                password_hash=password,
                employer_id=unit.id,
                actor=SYSTEM,
            )
        actor = load_actor(_user_id(connection, EMPLOYER_ACCOUNT))
        graduates = _free_graduates(connection, unit.id)[: 2 * ROUNDS]
    position = {
        "title": "研发工程师",
        "category": "13",
        "region": "110108",
        "salary_month": "12000.00",
        "report_by": (clock.today() + timedelta(days=90)).isoformat(),
        "contact": "苗望舒",
        "phone": "010-55551001",
    }
    letter = {"position": position, "valid_until": (clock.today() + timedelta(days=7)).isoformat()}
    headers = house.token(EMPLOYER_ACCOUNT)

    def press(graduate_id: int) -> Press:
        body = {"graduate_ids": [graduate_id], **letter}
        return Press(
            "/api/v1/online_signing/", body, headers, lambda: invite_graduates([graduate_id], letter, actor=actor)
        )

    return [press(graduate_id) for graduate_id in graduates]


def _free_graduates(connection: psycopg.Connection[Any], unit: int) -> list[int]:
    """Graduates of different schools whom nobody has invited, put into the unit's favorites."""
    rows = connection.execute(
        "SELECT DISTINCT ON (g.school_id) g.id, g.cohort FROM graduates g JOIN history_heads h ON h.chain = g.school_id"
        " WHERE g.cohort = (SELECT max(cohort) FROM graduates) AND g.training_mode = '1' AND g.invalid_since IS NULL"
        " AND NOT EXISTS (SELECT FROM online_signings s WHERE s.graduate_id = g.id) ORDER BY g.school_id, g.id DESC"
    ).fetchall()
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO favorites (employer_id, graduate_id, cohort, added_by, created_at)"
            " VALUES (%s, %s, %s, 'bench', now()) ON CONFLICT DO NOTHING",
            [(unit, graduate, cohort) for graduate, cohort in rows],
        )
    connection.commit()
    return [graduate for graduate, _cohort in rows]


Row = tuple[int, int, int]  # case, school, graduate


def waiting_for(connection: psycopg.Connection[Any], school_id: int) -> list[Row]:
    """What waits for this school, a thousand at most."""
    return connection.execute(
        "SELECT s.id, s.school_id, s.graduate_id FROM online_signings s"  # type: ignore[arg-type]
        f" WHERE s.invalid_since IS NULL AND s.school_id = %s AND {_WAITS} ORDER BY s.id LIMIT 1000",
        [school_id],
    ).fetchall()


def _one_of_each_school(connection: psycopg.Connection[Any], condition: str, values: list[Any]) -> list[Row]:
    return connection.execute(
        "SELECT DISTINCT ON (s.school_id) s.id, s.school_id, s.graduate_id FROM online_signings s"  # type: ignore[arg-type]
        f" WHERE s.invalid_since IS NULL AND {condition} ORDER BY s.school_id, s.id",
        values,
    ).fetchall()


def _balanced(first: list[Row], second: list[Row]) -> list[Row]:
    size = min(len(first), len(second))
    return [*first[:size], *second[:size]]


def _user_id(connection: psycopg.Connection[Any], username: str) -> int:
    row = connection.execute("SELECT id FROM ab_user WHERE username = %s", [username]).fetchone()
    assert row is not None
    return int(row[0])
