"""Long random walks: whoever presses whatever in whatever order, every promise holds at each step."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from flask import Flask
from sqlalchemy import ColumnElement, select

from app.access.actors import SYSTEM, Actor
from app.base import clock
from app.base.database import session
from app.base.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from app.roster.models import Graduate
from app.roster.services.graduates import set_roster_presence
from app.signing.online.models import OnlineSigning
from app.signing.online.services.invitations import invite_graduates
from app.signing.online.workflow import ONLINE_SIGNING
from app.workflow import engine
from tests.house.promises import LIVE, check_promises
from tests.signing.stage import keep, letter, user

STEPS = 150
# An agreement is amended by its amendment alone (tests/amendment).
EVENTS = tuple(dict.fromkeys(row.event for row in ONLINE_SIGNING.transitions if row.event != "amend"))
DATA = {
    "withdraw": {"reason": "岗位取消"},
    "reject": {"reason_code": "9", "reason": "信息有误"},
    "void": {"reason": "双方协商一致"},
    "extend": {"valid_until": (clock.today() + timedelta(days=20)).isoformat()},
}
NAMES = ("graduate1", "graduate4", "graduate7", "graduate13")
ACCOUNTS = (
    *("employer1", "employer1b", "employer2", *NAMES, "dept10001a", "dept10001b", "school10001", "school10002"),
    *("school10284", "province11", "operator"),
)


@pytest.fixture(scope="module")
def people(application: Flask, database: str) -> dict[str, Actor]:
    """Everybody who presses; the graduates are in the favorites of both units."""
    with application.app_context():
        everybody = {name: user(name) for name in ACCOUNTS}
        for unit in ("employer1", "employer2"):
            for name in NAMES:
                keep(everybody[unit], everybody[name])
        session.remove()
    return {**everybody, "system": SYSTEM}


@pytest.mark.parametrize("seed", range(3))
def test_every_promise_holds_at_each_step(app_context: Flask, people: dict[str, Actor], seed: int) -> None:
    random = Random(seed)
    outcomes: Counter[str] = Counter()
    for _ in range(STEPS):
        try:
            outcomes[_step(random, people)] += 1
        except (NotFound, Forbidden, Conflict, Invalid) as refusal:
            outcomes[type(refusal).__name__] += 1
        check_promises()
    assert any(outcomes[refusal] for refusal in ("NotFound", "Forbidden", "Conflict", "Invalid"))
    assert sum(outcomes[event] for event in EVENTS) > 5, outcomes
    assert outcomes["invite"] > 2, outcomes


def _step(random: Random, people: dict[str, Actor]) -> str:
    kind = random.random()
    if kind < 0.3:
        unit = people[random.choice(("employer1", "employer1b", "employer2"))]
        ids = [people[name].graduate_id or 0 for name in random.sample(NAMES, 2)]
        return "invite" if invite_graduates(ids, letter(), actor=unit).created else "nobody"
    if kind < 0.4:
        gone = session.scalars(select(Graduate.id).where(Graduate.invalid_since.is_not(None), _of(people))).all()
        graduate = people[random.choice(NAMES)].graduate_id or 0
        set_roster_presence(gone[0] if gone else graduate, present=bool(gone), actor=SYSTEM)
        return "presence"
    cases = session.scalars(select(OnlineSigning).options(*OnlineSigning.eager_options())).all()
    if not cases:
        return "nobody"
    live = [case for case in cases if case.state in LIVE]
    case = random.choice(live if live and random.random() < 0.8 else cases)
    actor, event = _likely(random, people, case)
    offered = engine.available(case, actor)
    data = DATA.get(event, {"category": random.choice(("13", "21"))} if event == "edit_category" else {})
    try:
        engine.fire("online_signing", case.id, event, actor=actor, data=data)
    except NotFound:
        raise  # what is offered goes by the role; whose case it is was asked before
    except AppError:
        # What is offered can be done; only a category or a day that is the present one already is seen no earlier.
        assert event not in offered or event in ("edit_category", "extend")
        raise
    assert event in offered
    return event


def _of(people: dict[str, Actor]) -> ColumnElement[bool]:
    return Graduate.id.in_([people[name].graduate_id for name in NAMES])


def _likely(random: Random, people: dict[str, Actor], case: OnlineSigning) -> tuple[Actor, str]:
    """Mostly somebody who may do something, so that walks get far; now and then anybody presses anything."""
    if random.random() < 0.7:
        able = [(one, event) for one in people.values() for event in _offered(case, one) if event in EVENTS]
        if able:
            return random.choice(able)
    return random.choice(list(people.values())), random.choice(EVENTS)


def _offered(case: OnlineSigning, actor: Actor) -> list[str]:
    try:
        engine.load(ONLINE_SIGNING, case.id, actor=actor)
    except AppError:
        return []
    return engine.available(case, actor)
