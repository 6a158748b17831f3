"""What comes by thousands on the last days: invitations that run out at once, and the notices that follow."""

from __future__ import annotations

from time import perf_counter

from tests.benchmarks.events import waiting_for
from tests.benchmarks.house import House
from tests.benchmarks.pages import SCHOOL_ACCOUNT, school_of

CASES = 500
_A_JOB = 50  # as many as one job of the queue gets


def season(house: House) -> str:
    """So many invitations that run out, and their notices, as the clock's job and one worker's jobs take them."""
    due = _run_out(house)
    _accounts(house, due)
    from app.deadlines.services import pass_time

    with house.app.app_context():
        begun = perf_counter()
        ended = pass_time(seconds=600)
        expiries = ended / (perf_counter() - begun) * 60
    told, seconds = _told(house)
    decided, each = _decided(house)
    return (
        f"{decided:,} verdicts of a school in one press, decided by a worker: {each:.1f} ms each."
        f" Invitations that run out: {expiries:,.0f} a minute ({ended:,} at once); notices into inboxes:"
        f" {told / seconds:,.0f} a second and worker ({told:,})."
    )


def _decided(house: House) -> tuple[int, float]:
    """A school's reviewer approves all that wait at once; how many, and milliseconds each in the job."""
    from app.access.accounts import account_named
    from app.access.actors import load_actor
    from app.cases.jobs import start_bulk
    from app.workflow import background

    with house.app.app_context(), house.connect() as connection:
        ids = [case_id for case_id, _school, _graduate in waiting_for(connection, school_of(connection))]
        account = account_named(SCHOOL_ACCOUNT)
        assert account is not None
        actor = load_actor(account.user_id)
        job_id = start_bulk("online_signing", ids, "approve", actor=actor, data={}).id
        begun = perf_counter()
        background.run(job_id, seconds=600)
        seconds = perf_counter() - begun
        done = sum(
            bool((item.outcome or {}).get("ok"))
            for item in background.items_of(background.job_for(job_id, actor=actor))
        )
    assert done == len(ids), f"{done} of {len(ids)} were approved"
    return done, seconds * 1000 / max(done, 1)


def _run_out(house: House) -> list[tuple[int, int]]:
    """Let the time of open invitations be over; returns graduate and unit of each."""
    query = """
    UPDATE online_signings SET valid_until = now() - interval '1 hour', due_at = now() - interval '1 hour',
           next_at = now() - interval '1 hour'
    WHERE id IN (SELECT id FROM online_signings WHERE state = 'invited' AND invalid_since IS NULL ORDER BY id LIMIT %s)
    RETURNING graduate_id, employer_id
    """
    with house.connect() as connection:
        return connection.execute(query, [CASES]).fetchall()


def _accounts(house: House, due: list[tuple[int, int]]) -> None:
    """Each of them has an account: without readers nothing is written."""
    from app.access.accounts import account_named, create_account
    from app.access.actors import EMPLOYER, GRADUATE, SYSTEM
    from app.base.database import session, transaction
    from app.roster.models import Graduate

    with house.app.app_context(), transaction():
        for unit in sorted({unit for _graduate, unit in due}):
            if account_named(f"bench-unit{unit}") is None:
                name = f"bench-unit{unit}"
                create_account(
                    username=name, name=name, kind=EMPLOYER, password_hash="!", employer_id=unit, actor=SYSTEM
                )
        for graduate_id in sorted({graduate for graduate, _unit in due}):
            name, person = f"bench-reader{graduate_id}", session.get_one(Graduate, graduate_id)
            if account_named(name) is None:
                own = {"person": person.id_number_index, "actor": SYSTEM}
                create_account(username=name, name=person.name, kind=GRADUATE, password_hash="!", **own)


def _told(house: House) -> tuple[int, float]:
    from sqlalchemy import select

    from app.base.database import session
    from app.workflow.jobs import deliver_job
    from app.workflow.models import OutboxMessage

    waiting = select(OutboxMessage.id).where(OutboxMessage.kind == "notice", OutboxMessage.status == "queued")
    with house.app.app_context():
        ids = session.scalars(waiting.order_by(OutboxMessage.id).limit(2 * CASES)).all()
        session.rollback()
        begun = perf_counter()
        for start in range(0, len(ids), _A_JOB):
            deliver_job([(one, 0) for one in ids[start : start + _A_JOB]])
        return len(ids), perf_counter() - begun
