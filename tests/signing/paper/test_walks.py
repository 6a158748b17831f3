"""Long random walks over all kinds of signings: whoever presses whatever, every promise holds at each step."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.actors import SYSTEM, Actor
from app.base.database import session
from app.base.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from app.cases.attachments import attach_file
from app.cases.services import begin_case
from app.roster.models import Graduate
from app.roster.services.graduates import set_roster_presence
from app.signing.online.models import OnlineSigning
from app.signing.online.services.invitations import invite_graduates
from app.signing.paper.models import OfflineSigning, Supplementary
from app.signing.paper.services import visits
from app.signing.paper.services.upload_links import create_upload_link
from app.workflow import engine, registry
from tests.house.promises import check_promises
from tests.signing.paper.stage import REJECT, RETURN, VOID, application, picture, registration, upload
from tests.signing.stage import keep, letter, user

STEPS = 90
NAMES = ("graduate1", "graduate4", "graduate7")
ACCOUNTS = ("employer1", *NAMES, "dept10001a", "dept10001b", "school10001", "school10002", "province11", "operator")
MODELS: tuple[Any, ...] = (OfflineSigning, Supplementary, OnlineSigning)
DATA = {
    "return": RETURN,
    "reject": REJECT,
    "void": VOID,
    "withdraw": {"reason": "另有安排"},
    "edit_category": {"category": "21", "nature": "31"},
}


@pytest.fixture
def people(fresh_database: str, app_context: Flask) -> dict[str, Actor]:
    """Everybody who presses; the graduates are in the unit's favorites."""
    everybody = {name: user(name) for name in ACCOUNTS}
    for name in NAMES:
        keep(everybody["employer1"], everybody[name])
    return everybody


@pytest.mark.parametrize("seed", range(3))
def test_every_promise_holds_at_each_step(people: dict[str, Actor], seed: int) -> None:
    random = Random(seed)
    outcomes: Counter[str] = Counter()
    for _ in range(STEPS):
        try:
            outcomes[_step(random, people)] += 1
        except (NotFound, Forbidden, Conflict, Invalid) as refusal:
            session.rollback()
            outcomes[type(refusal).__name__] += 1
        check_promises()
    assert outcomes["Conflict"] > 0, outcomes
    assert sum(outcomes[event] for event in ("submit", "upload", "approve", "by link")) > 5, outcomes


def _step(random: Random, people: dict[str, Actor]) -> str:
    graduate = people[random.choice(NAMES)]
    kind = random.random()
    if kind < 0.12:
        begin_case("offline_signing", application(), actor=graduate, submit=random.random() < 0.5)
        return "begin offline"
    if kind < 0.2:
        case = begin_case("supplementary", registration(), actor=graduate, submit=False)
        attach_file("supplementary", case.id, "paper_agreement", upload(), actor=graduate)
        return "begin supplementary"
    if kind < 0.25:
        made = invite_graduates([graduate.graduate_id or 0], letter(), actor=people["employer1"]).created
        return "invite" if made else "nobody"
    if kind < 0.3:
        row = session.get_one(Graduate, graduate.graduate_id, populate_existing=True)
        set_roster_presence(row.id, present=row.invalid_since is not None, actor=SYSTEM)
        return "presence"
    return _press(random, people)


def _press(random: Random, people: dict[str, Actor]) -> str:
    cases = [case for model in MODELS for case in session.scalars(select(model).options(*model.eager_options()))]
    live = [case for case in cases if not registry.get(case.workflow_name).state(case.state).final]
    if not live:
        return "nobody"
    case = random.choice(live)
    able = [(one, event) for one in people.values() for event in _offered(case, one)]
    actor, event = random.choice(able) if able and random.random() < 0.9 else _anybody(random, people, case)
    if event == "upload" and actor.kind == "graduate":
        if random.random() < 0.5:
            return _by_link(random, case, actor)
        attach_file("offline_signing", case.id, "stamped_agreement", upload(random.randrange(250)), actor=actor)
    data = (
        {"category": "21"} if event == "edit_category" and case.workflow_name == "online_signing" else DATA.get(event)
    )
    engine.fire(case.workflow_name, case.id, event, actor=actor, data=data)
    return event


def _anybody(random: Random, people: dict[str, Actor], case: Any) -> tuple[Actor, str]:
    events = [row.event for row in registry.get(case.workflow_name).transitions]
    return random.choice(list(people.values())), random.choice(events)


def _by_link(random: Random, case: Any, actor: Actor) -> str:
    address = f"hr{random.randrange(10**9)}@example.com"
    _link, url = create_upload_link(case.id, {"email": address}, actor=actor)
    visits.upload_by_link(url.rpartition("/")[2], [(picture(random.randrange(250)), "a.jpg")], ip="203.0.113.5")
    return "by link"


def _offered(case: Any, actor: Actor) -> list[str]:
    try:
        engine.load(registry.get(case.workflow_name), case.id, actor=actor)
    except AppError:
        return []
    return engine.available(case, actor)
