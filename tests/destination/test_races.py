"""People press at the same moment: one success, clear refusals for the others, every promise kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.actors import SYSTEM, Actor
from app.base.database import session
from app.base.errors import AppError, Conflict, Invalid
from app.cases.services import edit_case
from app.destination.models import Destination
from app.destination.workflow import DESTINATION
from app.roster.models import Graduate
from app.roster.services.graduates import set_roster_presence
from app.signing.online.models import OnlineSigning
from app.workflow import engine, history
from tests.destination.stage import REJECT, RETURN, Stage, example, fire, ready, types
from tests.house.promises import check_promises
from tests.signing.race import Press, Result, at_once
from tests.signing.stage import invite, user

PEOPLE = 6


@pytest.fixture(autouse=True)
def _everything_holds(fresh_database: str, app: Flask) -> Iterator[None]:
    """After each race history and claims are whole."""
    yield
    with app.app_context():
        check_promises()
        session.remove()


def _press(case: Destination | OnlineSigning, event: str, actor: Actor, **data: object) -> Press:
    return lambda: engine.fire(case.workflow_name, case.id, event, actor=actor, data=data).state


def _successes(results: list[Result]) -> int:
    assert all(result.refusal is None or isinstance(result.refusal, Conflict) for result in results)
    return sum(result.refusal is None for result in results)


def test_the_same_destination_submitted_by_many_presses(app: Flask, stage: Stage) -> None:
    case = ready(stage.graduate)
    assert _successes(at_once(app, [_press(case, "submit", stage.graduate)] * PEOPLE)) == 1


def test_of_several_destinations_one_is_submitted(app: Flask, stage: Stage) -> None:
    cases = [ready(stage.graduate, code) for code in ("11", "12", "801", "70")]
    assert _successes(at_once(app, [_press(case, "submit", stage.graduate) for case in cases])) == 1


def test_a_destination_in_force_is_voided_once(app: Flask, stage: Stage) -> None:
    case = stage.bring("approved")
    invitations = [invite(user(unit), stage.graduate) for unit in ("employer1", "employer2")]
    presses = [_press(one, "accept", stage.graduate) for one in invitations]
    assert _successes(at_once(app, [*presses, *presses])) == 1
    steps = [row.event for row in history.of_case("destination", case.id)]
    assert steps.count("void") == 1


def test_voided_by_hand_and_by_a_signing_at_once(app: Flask, stage: Stage) -> None:
    case = stage.bring("approved")
    invitation = invite(user("employer1"), stage.graduate)
    by_hand, by_signing = at_once(
        app, [_press(case, "void", stage.graduate), _press(invitation, "accept", stage.graduate)]
    )
    assert [row.event for row in history.of_case("destination", case.id)].count("void") == 1
    assert by_hand.refusal is None or by_signing.refusal is None


def test_submitting_and_accepting_at_once_binds_once(app: Flask, stage: Stage) -> None:
    case, invitation = ready(stage.graduate), invite(user("employer1"), stage.graduate)
    presses = [_press(case, "submit", stage.graduate), _press(invitation, "accept", stage.graduate)]
    assert _successes(at_once(app, presses)) == 1


def test_reviewers_and_the_graduate_decide_at_once(app: Flask, stage: Stage) -> None:
    case = stage.bring("dept_review")
    presses = [
        _press(case, "approve", stage.department),
        _press(case, "return", stage.department, **RETURN),
        _press(case, "reject", stage.department, **REJECT),
        _press(case, "withdraw", stage.graduate),
    ]
    assert _successes(at_once(app, presses)) == 1


def test_a_correction_and_an_approval_at_once_are_told_apart(app: Flask, stage: Stage) -> None:
    case = stage.bring("school_review")
    amended = {"type": "70", "data": example(types()["70"])}
    results = at_once(app, [_press(case, "approve", stage.school), _press(case, "amend", stage.school, **amended)])
    assert _successes(results) >= 1
    session.expire_all()
    last = session.get_one(Destination, case.id)
    assert last.state == "approved"
    assert last.type == ("70" if results[1].refusal is None else "11")


def test_editing_and_submitting_at_once_hands_in_what_is_kept(app: Flask, stage: Stage) -> None:
    case = ready(stage.graduate)
    changed = {"type": "11", "data": {**case.record, "contact": "王芳"}}
    edit: Press = lambda: edit_case("destination", case.id, changed, actor=stage.graduate).state  # noqa: E731
    results = at_once(app, [edit, _press(case, "submit", stage.graduate)])
    assert results[1].refusal is None
    session.expire_all()
    kept = session.get_one(Destination, case.id).record["contact"]
    assert kept == ("王芳" if results[0].refusal is None else "李敏")


STEPS = 90
NAMES = ("graduate1", "graduate4", "graduate7")
EVENTS = [event for event in DESTINATION.events[1:] if event != "replace"]


@pytest.mark.parametrize("seed", range(2))
def test_random_walks_keep_every_promise(app_context: Flask, seed: int) -> None:
    random, outcomes = Random(seed), Counter[str]()
    accounts = ("dept10001a", "dept10001b", "school10001", "school10002", "province11", "operator")
    people = {name: user(name) for name in (*NAMES, *accounts)} | {"system": SYSTEM}
    for name in NAMES:
        invite(user("employer1"), people[name])
        ready(people[name], random.choice(("11", "76", "801")))
    for _ in range(STEPS):
        try:
            outcomes[_step(random, people)] += 1
        except AppError as refusal:
            outcomes[type(refusal).__name__] += 1
        check_promises()
    assert outcomes["submit"] > 2, outcomes
    assert outcomes["approve"] > 2, outcomes


def _step(random: Random, people: dict[str, Actor]) -> str:
    kind = random.random()
    if kind < 0.05:
        graduate = people[random.choice(NAMES)].graduate_id or 0
        row = session.get_one(Graduate, graduate, populate_existing=True)
        set_roster_presence(graduate, present=row.invalid_since is not None, actor=SYSTEM)
        return "presence"
    if kind < 0.15:
        ready(people[random.choice(NAMES)], random.choice(("12", "85", "70")))
        return "draft"
    model = OnlineSigning if kind < 0.25 else Destination
    cases = session.scalars(select(model).options(*model.eager_options()).order_by(model.id)).all()
    live = [case for case in cases if case.state not in ("rejected", "voided", "declined", "replaced")]
    case = random.choice(live or cases)
    table = DESTINATION if model is Destination else None
    able = [
        (actor, event)
        for actor in people.values()
        for event in engine.available(case, actor)
        # An agreement is amended by its amendment, a destination replaced by what takes its place.
        if event != "replace" and (event != "amend" if table is None else _sees(case, actor))
        for _weight in range({"approve": 12, "accept": 12, "uphold": 1}.get(event, 3))
    ]
    if not able or random.random() < 0.15:
        actor, event = (
            random.choice(list(people.values())),
            random.choice(EVENTS),
        )
    else:
        actor, event = random.choice(able)
    data: dict[str, object] = {"return": RETURN, "reject": REJECT}.get(event, {})
    if event == "amend":
        data = {"type": "72", "data": example(types()["72"])}
    engine.fire(case.workflow_name, case.id, event, actor=actor, data=data)
    return event


def _sees(case: Destination, actor: Actor) -> bool:
    try:
        engine.load(DESTINATION, case.id, actor=actor)
    except AppError:
        return False
    return True


def test_a_removed_graduates_destination_stands_still_and_comes_back(app_context: Flask, stage: Stage) -> None:
    case, draft = stage.bring("dept_review"), ready(stage.graduate, "12")
    set_roster_presence(case.graduate_id, present=False, actor=SYSTEM)
    session.expire_all()
    for actor, event, data in (
        (stage.department, "approve", {}),
        (stage.department, "reject", REJECT),
        (stage.graduate, "withdraw", {}),
    ):
        with pytest.raises(Conflict) as refused:
            fire(case, event, actor, **data)
        assert refused.value.code == "invalid"
        assert event not in engine.available(case, actor)
    with pytest.raises(Conflict):
        edit_case("destination", draft.id, {"type": "12", "data": {}}, actor=stage.graduate)
    set_roster_presence(case.graduate_id, present=True, actor=SYSTEM)
    session.expire_all()
    assert fire(case, "approve", stage.department).state == "school_review"
    with pytest.raises((Conflict, Invalid)):
        fire(draft, "submit", stage.graduate)
