"""Random walks over signings on paper and their terminations: every promise holds at each step; what a list costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.actors import SYSTEM, Actor
from app.base.database import session
from app.base.errors import Conflict, Forbidden, Invalid, NotFound
from app.roster.models import Graduate
from app.roster.services.graduates import set_roster_presence
from app.signing.paper.models import Supplementary
from app.termination.offline.models import LETTER, STATEMENT, OfflineTermination
from app.termination.offline.queries import offline_terminations_visible_to
from app.workflow import engine
from tests.fixtures.statements import counted
from tests.house.promises import check_promises
from tests.signing.stage import user
from tests.termination.offline_stage import EXPLANATION, REJECT, RETURN, Desk, allow

STEPS = 150
PEOPLE = ("graduate1", "graduate7", "dept10001a", "school10001", "school10002", "employer1", "province11")
EVENTS = ("submit", "submit", "withdraw", "approve", "approve", "return", "reject")
DATA: dict[str, dict[str, Any]] = {"return": RETURN, "reject": REJECT}
SETTLEMENTS = (
    {"settlement": "mutual"},
    {"settlement": "unilateral", "explanation": EXPLANATION},
    {"settlement": "unilateral"},
    {},
)


@pytest.fixture
def desks(fresh_database: str, app_context: Flask) -> list[Desk]:
    """A graduate of a school with two levels of review and one of a school with one."""
    found = [Desk("graduate1", "school10001", "dept10001a"), Desk("graduate7", "school10002")]
    for desk in found:
        allow(desk.graduate, 9)
        desk.registered()
    return found


@pytest.mark.parametrize("seed", range(2))
def test_every_promise_holds_at_each_step(desks: list[Desk], seed: int) -> None:
    """Whoever presses whatever: refused aloud or done whole."""
    random, outcomes = Random(seed), Counter[str]()
    people = {name: user(name) for name in PEOPLE}
    for _ in range(STEPS):
        try:
            outcomes[_step(random, desks, people)] += 1
        except (Conflict, Forbidden, NotFound, Invalid) as refusal:
            outcomes[refusal.code] += 1
        session.rollback()
        session.expire_all()
        check_promises()
    assert {"begin", "submit"} <= set(outcomes), outcomes


def _step(random: Random, desks: list[Desk], people: dict[str, Actor]) -> str:
    kind, desk = random.random(), random.choice(desks)
    if kind < 0.04 or (kind < 0.15 and _is_removed(desk)):
        row = session.get_one(Graduate, desk.graduate.graduate_id)
        set_roster_presence(row.id, present=row.invalid_since is not None, actor=SYSTEM)
        return "roster"
    signings = session.scalars(select(Supplementary.id).where(Supplementary.state == "signed")).all()
    if not signings:
        desk.registered()
        return "sign"
    signing = session.get_one(Supplementary, random.choice(signings))
    if kind < 0.1:
        engine.fire(
            "supplementary", signing.id, "void", actor=random.choice(list(people.values())), data={"reason": "撤"}
        )
        return "void"
    if kind < 0.3:
        desk.draft(signing, *random.sample([LETTER, STATEMENT], random.randint(0, 2)))
        return "begin"
    query = select(OfflineTermination).options(*OfflineTermination.eager_options())
    cases = session.scalars(query.order_by(OfflineTermination.id.desc()).limit(4)).all()
    if not cases:
        desk.draft(signing, LETTER, STATEMENT)
        return "begin"
    case, actor = random.choice(cases), random.choice(list(people.values()))
    can = [(who, name) for who in people.values() for name in engine.available(case, who)]
    name = random.choice(EVENTS)
    if can and random.random() < 0.6:
        actor, name = random.choice(can)
    data = random.choice(SETTLEMENTS) if name == "approve" else DATA.get(name, {})
    engine.fire("offline_termination", case.id, name, actor=actor, data=data)
    return name


def _is_removed(desk: Desk) -> bool:
    return session.get_one(Graduate, desk.graduate.graduate_id).invalid_since is not None


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """The SQL statements of what the test does next."""
    with counted(app) as seen:
        yield seen


def test_a_list_costs_the_same_for_any_number_of_rows(desks: list[Desk], statements: list[str]) -> None:
    """What each reviewer may do is known from the rows themselves."""
    signing = session.scalars(
        select(Supplementary).where(Supplementary.graduate_id == desks[1].graduate.graduate_id)
    ).one()
    costs = []
    for _ in range(3):
        desks[1].draft(signing, LETTER)
        school = desks[1].school
        session.expunge_all()
        statements.clear()
        for case in session.scalars(offline_terminations_visible_to(school)):
            engine.available(case, school)
        costs.append(len(statements))
    assert len(set(costs)) == 1, costs
