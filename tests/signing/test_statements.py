"""What an event and a page cost in SQL statements, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.actors import SYSTEM, Actor
from app.base.database import session
from app.employers.models import Favorite
from app.roster.models import Graduate
from app.signing.online.models import OnlineSigning
from app.signing.online.services.invitations import invite_graduates
from app.workflow import engine
from tests.fixtures.application import PASSWORD
from tests.fixtures.pages import token
from tests.signing.stage import Stage, letter, user
from trial.demo.generator.generate import generate_country

MOST_OF_AN_EVENT, MOST_OF_A_STAFF_LIST = 12, 7
# The code, whose number it went to, that it is spent; how long the school may take; and its contact, who is printed.
PROOF = {("accept", "graduate"): 5}
# What every request reads to know who asks; it is not counted.
AUTHENTICATION = ("login_sessions", "accounts", "ab_user", "ab_role", "ab_permission")

EVENTS = (
    ("invited", "accept", "graduate", {}),
    ("invited", "decline", "graduate", {"reason": "另有去向"}),
    ("invited", "withdraw", "employer", {"reason": "岗位取消", "reason_code": "9"}),
    ("dept_review", "abort", "graduate", {}),
    ("dept_review", "approve", "department", {}),
    ("dept_review", "reject", "department", {"reason_code": "9", "reason": "信息有误"}),
    ("school_review", "approve", "school", {"note": "材料齐全"}),
    ("school_review", "reject", "school", {"reason_code": "9", "reason": "信息有误"}),
    ("signed", "edit_category", "school", {"category": "21"}),
    ("signed", "terminate", "system", {}),
    ("signed", "void", "school", {"reason": "双方协商一致"}),
)


@pytest.mark.parametrize(("state", "event", "kind", "data"), EVENTS)
def test_event_costs_at_most_twelve(
    undone: None, stage: Stage, statements: list[str], state: str, event: str, kind: str, data: dict[str, str]
) -> None:
    actor: Actor = SYSTEM if kind == "system" else getattr(stage, kind)
    case_id = stage.bring(state).id
    session.expunge_all()  # as a request begins: nothing is known yet
    statements.clear()
    engine.fire("online_signing", case_id, event, actor=actor, data=data)
    assert len(statements) <= MOST_OF_AN_EVENT + PROOF.get((event, kind), 0), statements


@pytest.fixture(scope="module")
def crowd(application: Flask, database: str) -> list[int]:
    """Graduates of several schools with nothing signed, all kept by employer1, in a country of some hundred more."""
    with application.app_context():
        generate_country(600, seed=7, processes=1)
        employer = user("employer1")
        live = select(OnlineSigning.graduate_id)
        free = select(Graduate).where(
            Graduate.id.not_in(live),
            Graduate.training_mode == "1",
            Graduate.invalid_since.is_(None),
            Graduate.cohort == session.get_one(Graduate, user("graduate1").graduate_id).cohort,
        )
        graduates = session.scalars(free.order_by(Graduate.id.desc()).limit(60)).all()
        session.add_all(
            Favorite(employer_id=employer.employer_id, graduate_id=one.id, cohort=one.cohort, added_by="测试")
            for one in graduates
        )
        session.commit()
        session.remove()
        return [one.id for one in graduates]


def test_fifty_invitations_cost_as_much_as_five(undone: None, crowd: list[int], statements: list[str]) -> None:
    costs, employer = [], user("employer1")
    for ids in (crowd[:5], crowd[5:55]):
        session.expunge_all()
        statements.clear()
        outcome = invite_graduates(ids, letter(), actor=employer)
        costs.append(len(statements))
        assert len(outcome.created) == len(ids), outcome.refused[:1]
    assert costs[1] == costs[0] <= MOST_OF_AN_EVENT + 1, statements  # the texts that hold in the provinces


@pytest.mark.parametrize(
    ("account", "path"),
    [
        ("operator", "/staff/online-signings/list/"),
        ("province11", "/staff/online-signings/list/"),
        ("school10002", "/staff/online-signings/list/"),
        ("dept10001a", "/staff/online-signings/list/"),
        ("operator", "/staff/online-signings/list/?_flt_0_state=signed&page_OnlineSigningAdmin=2"),
        ("school10002", "/staff/"),
    ],
)
def test_staff_list_costs_at_most_seven(
    app: Flask, crowd: list[int], statements: list[str], account: str, path: str
) -> None:
    read = _reader(app, account, "school")
    read("/staff/online-signings/list/")  # a page of the module: from then on one works in it
    read(path)
    statements.clear()
    assert "签约" in read(path)
    asked = [one for one in statements if not any(name in one for name in AUTHENTICATION)]
    assert len(asked) <= MOST_OF_A_STAFF_LIST, asked


@pytest.mark.parametrize(
    ("account", "door", "path"),
    [
        ("employer1", "employer", "/employer/"),
        ("employer1", "employer", "/employer/signings?tab=signed"),
        ("employer1", "employer", "/employer/favorites"),
        ("graduate1", "graduate", "/graduate/"),
    ],
)
def test_hand_made_page_costs_the_same_for_one_row_and_many(
    app: Flask, crowd: list[int], statements: list[str], account: str, door: str, path: str
) -> None:
    read = _reader(app, account, door)
    read(path)
    statements.clear()
    read(path)
    asked = [one for one in statements if not any(name in one for name in AUTHENTICATION)]
    # The graduate's home looks into each of the eight workflows once.
    assert len(asked) <= (13 if path == "/graduate/" else 10), "\n".join(one[:150].replace("\n", " ") for one in asked)


def _reader(app: Flask, account: str, door: str) -> Callable[[str], str]:
    client = app.test_client()
    form = {"username": account, "password": PASSWORD, "csrf_token": token(client.get(f"/login/{door}").text)}
    assert client.post(f"/login/{door}", data=form).status_code == 302

    def read(path: str) -> str:
        answer = client.get(path)
        assert answer.status_code == 200
        return str(answer.text)

    return read


def test_the_graduates_home_reads_the_own_row_and_the_days_of_the_school_once(
    app: Flask, crowd: list[int], statements: list[str]
) -> None:
    read = _reader(app, "graduate1", "graduate")
    read("/graduate/")
    statements.clear()
    read("/graduate/")
    assert sum("WHERE graduates.id = " in one for one in statements) == 1, statements
    assert sum("FROM school_seasons" in one for one in statements) == 1, statements
