"""Long random walks over agreements and their terminations: every promise holds at each step."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.actors import SYSTEM, Actor
from app.base.database import session
from app.base.errors import AppError, Conflict, Forbidden, NotFound
from app.roster.models import Claim
from app.roster.services.graduates import set_roster_presence
from app.signing.online.models import OnlineSigning
from app.signing.online.workflow import ONLINE_SIGNING
from app.termination.online.models import OnlineTermination
from app.termination.online.workflow import ONLINE_TERMINATION
from app.workflow import engine
from app.workflow.table import Workflow
from tests.house.promises import check_promises
from tests.signing.stage import invite, user
from tests.termination.stage import FORCE, OPEN, REJECT, allow_terminations, start_termination

STEPS = 120
ACCOUNTS = (
    *("employer1", "employer2", "graduate1", "graduate4", "graduate7", "dept10001a", "dept10001b"),
    *("school10001", "school10002", "province11"),
)
GRADUATES = ("graduate1", "graduate4", "graduate7")
EVENTS = tuple(dict.fromkeys(row.event for row in ONLINE_TERMINATION.transitions))
DATA = {
    "reject": REJECT,
    "force": FORCE,
    "void": {"reason": "单位注销"},
    "withdraw": {"reason": "改变主意"},
    "edit_category": {"category": "21"},
}


@pytest.fixture(scope="module")
def people(application: Flask, database: str) -> dict[str, Actor]:
    with application.app_context():
        for school in ("school10001", "school10002"):
            allow_terminations(6, school)
        everybody = {name: user(name) for name in ACCOUNTS}
        session.remove()
    return {**everybody, "system": SYSTEM}


@pytest.mark.parametrize("seed", range(3))
def test_every_promise_holds_at_each_step(app_context: Flask, people: dict[str, Actor], seed: int) -> None:
    random = Random(seed)
    outcomes: Counter[str] = Counter()
    for _ in range(STEPS):
        try:
            outcomes[_step(random, people)] += 1
        except (NotFound, Forbidden, Conflict) as refusal:
            outcomes[refusal.code] += 1
        check_promises(ends_by_application=True)
    assert outcomes["start"] > 5, outcomes
    assert sum(outcomes[event] for event in EVENTS) > 10, outcomes


def _step(random: Random, people: dict[str, Actor]) -> str:
    kind = random.random()
    signings = session.scalars(select(OnlineSigning).options(*OnlineSigning.eager_options())).all()
    signed = [one for one in signings if one.state == "signed"]
    if kind < 0.05 or len(signed) < 2:
        return _sign(random, people)
    if kind < 0.1:
        graduate = people[random.choice(GRADUATES)].graduate_id or 0
        set_roster_presence(graduate, present=random.random() < 0.5, actor=SYSTEM)
        return "presence"
    if kind < 0.4:
        return _start(random, people, random.choice(signed if random.random() < 0.9 else list(signings)))
    terminations = session.scalars(select(OnlineTermination).options(*OnlineTermination.eager_options())).all()
    if terminations and kind < 0.9:
        live = [one for one in terminations if one.state in OPEN]
        return _press(random, people, ONLINE_TERMINATION, live if live and random.random() < 0.8 else terminations)
    return _press(random, people, ONLINE_SIGNING, signed)


def _start(random: Random, people: dict[str, Actor], signing: OnlineSigning) -> str:
    """Mostly one of the two sides, now and then a stranger."""
    sides = [one for one in people.values() if one.graduate_id == signing.graduate_id]
    sides += [one for one in people.values() if one.employer_id == signing.employer_id]
    starter = random.choice(sides if random.random() < 0.8 else [people[name] for name in ACCOUNTS])
    start_termination(signing.id, {"reason_code": "16", "reason": "协商一致"}, actor=starter)
    return "start"


def _sign(random: Random, people: dict[str, Actor]) -> str:
    """An agreement of a graduate with one of the units, all the way through the review."""
    for name in GRADUATES:
        set_roster_presence(people[name].graduate_id or 0, present=True, actor=SYSTEM)
    unit, name = people[random.choice(("employer1", "employer2"))], random.choice(GRADUATES)
    held = select(Claim).where(Claim.graduate_id == people[name].graduate_id)
    if session.scalar(held) is not None:
        return "bound"
    case = invite(unit, people[name])
    for actor, event in ((people[name], "accept"), *((one, "approve") for one in people.values() if one.is_staff)):
        if event in _offered(ONLINE_SIGNING, case, actor):
            case = engine.fire("online_signing", case.id, event, actor=actor)
    assert case.state == "signed"
    return "sign"


def _press(random: Random, people: dict[str, Actor], workflow: Workflow, cases: list) -> str:  # type: ignore[type-arg]
    case = random.choice(cases)
    able = [(one, event) for one in people.values() if not one.is_system for event in _offered(workflow, case, one)]
    everybody = [one for one in people.values() if not one.is_system]
    actor, event = (
        random.choice(able) if able and random.random() < 0.8 else (random.choice(everybody), random.choice(EVENTS))
    )
    offered = _offered(workflow, case, actor)
    try:
        engine.fire(workflow.name, case.id, event, actor=actor, data=DATA.get(event, {}))
    except AppError:
        # What is offered can be done; only a category that is the present one already is seen no earlier.
        assert event not in offered or event == "edit_category"
        raise
    assert event in offered
    return event


def _offered(workflow: Workflow, case: OnlineSigning | OnlineTermination, actor: Actor) -> list[str]:
    try:
        engine.load(workflow, case.id, actor=actor)
    except AppError:
        return []
    return engine.available(case, actor)
