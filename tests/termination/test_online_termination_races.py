"""Eight people press at once around the end of an agreement: one success, clear refusals, every promise kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle, islice
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.access.actors import SYSTEM, Actor
from app.base.database import session
from app.base.errors import Conflict
from app.roster.services.graduates import set_roster_presence
from app.signing.online.models import OnlineSigning
from app.termination.online.models import OnlineTermination
from app.workflow import engine
from tests.house.promises import check_promises
from tests.signing.race import Press, Result, at_once
from tests.signing.stage import fire as fire_signing
from tests.signing.stage import invite, user
from tests.termination.stage import (
    BY_GRADUATE,
    BY_UNIT,
    FORCE,
    OPEN,
    REJECT,
    TerminationStage,
    allow_terminations,
    fire,
    start_termination,
)

PEOPLE = 8
REFUSE = {"reason": "请继续履行"}


@pytest.fixture(autouse=True)
def _everything_holds(app: Flask, app_context: Flask) -> Iterator[None]:
    """After each race every promise holds; then the graduate is free for the next one."""
    allow_terminations(99)
    yield
    check_promises(ends_by_application=True)
    stage = TerminationStage()
    for case in session.scalars(select(OnlineTermination).where(OnlineTermination.state.in_(OPEN))).all():
        _settle(case, stage)
    for signing in session.scalars(select(OnlineSigning)).all():
        if signing.state == "signed":
            fire_signing(signing, "void", stage.school, reason="测试结束")
        elif signing.state == "dept_review":
            fire_signing(signing, "abort", stage.graduate)
        elif signing.state == "invited":
            fire_signing(signing, "decline", stage.graduate)
    session.remove()


def _settle(case: OnlineTermination, stage: TerminationStage) -> None:
    other = stage.employer if case.started_by == "graduate" else stage.graduate
    verdicts: dict[str, tuple[str, Actor, dict[str, Any]]] = {
        "dept_review": ("reject", stage.department, REJECT),
        "school_review": ("reject", stage.school, REJECT),
    }
    event, actor, data = verdicts.get(case.state, ("refuse", other, REFUSE))
    fire(case, event, actor, **data)


def _press(case: OnlineTermination, event: str, actor: Actor, **data: Any) -> Press:
    return lambda: engine.fire("online_termination", case.id, event, actor=actor, data=data).state


def _start(signing: OnlineSigning, actor: Actor) -> Press:
    data = BY_GRADUATE if actor.kind == "graduate" else BY_UNIT
    return lambda: start_termination(signing.id, data, actor=actor).state


def _void(signing_id: int, stage: TerminationStage) -> Press:
    data = {"reason": "单位注销"}
    return lambda: engine.fire("online_signing", signing_id, "void", actor=stage.school, data=data).state


def _eight(*presses: Press) -> list[Press]:
    return list(islice(cycle(presses), PEOPLE))


def _one_winner(results: list[Result]) -> Any:
    """One success; the others are told in a Conflict, with a message that is no program text."""
    won = [result.value for result in results if result.refusal is None]
    lost = [result.refusal for result in results if result.refusal is not None]
    assert len(won) == 1, [str(one) for one in (*won, *lost)]
    for refusal in lost:
        assert isinstance(refusal, Conflict)
        assert len(refusal.message) > 8
    return won[0]


Presses = Callable[[TerminationStage, OnlineTermination], list[Press]]
RACES: dict[str, tuple[str, Presses, set[str]]] = {
    "agree": ("waiting_employer", lambda s, c: _eight(_press(c, "agree", s.employer)), {"dept_review"}),
    "agree or refuse": (
        "waiting_graduate",
        lambda s, c: _eight(_press(c, "agree", s.graduate), _press(c, "refuse", s.graduate, **REFUSE)),
        {"dept_review", "refused"},
    ),
    "agree or withdraw": (
        "waiting_employer",
        lambda s, c: _eight(_press(c, "agree", s.employer), _press(c, "withdraw", s.graduate)),
        {"dept_review", "withdrawn"},
    ),
    "force while the unit agrees": (
        "waiting_employer",
        lambda s, c: _eight(_press(c, "force", s.school, **FORCE), _press(c, "agree", s.employer)),
        {"forced", "dept_review"},
    ),
    "force while the unit refuses": (
        "waiting_employer",
        lambda s, c: _eight(_press(c, "force", s.school, **FORCE), _press(c, "refuse", s.employer)),
        {"forced", "refused"},
    ),
    "force while the graduate withdraws": (
        "waiting_employer",
        lambda s, c: _eight(_press(c, "force", s.school, **FORCE), _press(c, "withdraw", s.graduate)),
        {"forced", "withdrawn"},
    ),
    "approve": ("school_review", lambda s, c: _eight(_press(c, "approve", s.school)), {"approved"}),
    "approve or reject": (
        "school_review",
        lambda s, c: _eight(_press(c, "approve", s.school), _press(c, "reject", s.school, **REJECT)),
        {"approved", "rejected"},
    ),
    "approve while the school voids": (
        "school_review",
        lambda s, c: _eight(_press(c, "approve", s.school), _void(c.signing_id, s)),
        {"approved"},
    ),
    "force while the school voids": (
        "waiting_employer",
        lambda s, c: _eight(_press(c, "force", s.school, **FORCE), _void(c.signing_id, s)),
        {"forced"},
    ),
}


@pytest.mark.parametrize("race", RACES)
def test_one_of_eight_succeeds(app: Flask, stage: TerminationStage, race: str) -> None:
    start, presses, ends = RACES[race]
    case = stage.bring(start)
    session.remove()
    assert _one_winner(at_once(app, presses(stage, case))) in ends


def test_both_sides_start_at_once(app: Flask, stage: TerminationStage) -> None:
    """Both users of the unit and the graduate: one application, the others are told of it."""
    signing = stage.sign()
    session.remove()
    results = at_once(
        app,
        _eight(_start(signing, stage.graduate), _start(signing, stage.employer), _start(signing, user("employer1b"))),
    )
    assert _one_winner(results) in ("waiting_employer", "waiting_graduate")
    assert {result.refusal.code for result in results if result.refusal} == {"termination_open"}


def test_start_or_void(app: Flask, stage: TerminationStage) -> None:
    """Either the agreement is void, or its termination is in progress; never both."""
    signing = stage.sign()
    session.remove()
    won = _one_winner(at_once(app, _eight(_start(signing, stage.employer), _void(signing.id, stage))))
    assert won in ("waiting_graduate", "voided")


def test_last_application_is_used_once(app: Flask, stage: TerminationStage) -> None:
    signing = stage.sign()
    used = len(session.scalars(select(OnlineTermination.id).where(OnlineTermination.started_by == "graduate")).all())
    allow_terminations(used + 1)
    session.remove()
    assert _one_winner(at_once(app, _eight(_start(signing, stage.graduate)))) == "waiting_employer"


def test_graduate_accepts_another_invitation_while_the_school_approves(app: Flask, stage: TerminationStage) -> None:
    """Too early is refused, not lost: pressed again it is taken."""
    case = stage.bring("school_review")
    other = invite(user("employer2"), stage.graduate)
    session.remove()
    accept: Press = lambda: engine.fire("online_signing", other.id, "accept", actor=stage.graduate).state  # noqa: E731
    results = at_once(app, [_press(case, "approve", stage.school), *([accept] * (PEOPLE - 1))])
    assert results[0].value == "approved"
    assert [result.value for result in results[1:]].count("dept_review") <= 1
    for result in results[1:]:
        assert result.refusal is None or isinstance(result.refusal, Conflict)
    if session.get_one(OnlineSigning, other.id).state == "invited":
        fire_signing(other, "accept", stage.graduate)


def test_removal_while_the_unit_agrees(app: Flask, stage: TerminationStage) -> None:
    """Whichever comes first, the record stands still afterwards (R4.7)."""
    case = stage.bring("waiting_employer")
    session.remove()
    remove: Press = lambda: set_roster_presence(case.graduate_id, present=False, actor=SYSTEM).invalid_since  # noqa: E731
    results = at_once(app, [remove, *([_press(case, "agree", stage.employer)] * (PEOPLE - 1))])
    assert results[0].refusal is None
    found = session.get_one(OnlineTermination, case.id)
    assert found.invalid_since is not None
    assert found.state in ("waiting_employer", "dept_review")
    set_roster_presence(case.graduate_id, present=True, actor=SYSTEM)


def test_database_alone_keeps_one_application(stage: TerminationStage) -> None:
    """A second one that got past every guard breaks the unique index."""
    case = stage.bring("waiting_employer")
    columns = [column.name for column in OnlineTermination.__table__.columns if column.name != "id"]
    copied = ", ".join(columns)
    with pytest.raises(IntegrityError, match="uq_online_terminations_open"):
        session.execute(
            text(f"INSERT INTO online_terminations ({copied}) SELECT {copied} FROM online_terminations WHERE id = :id"),
            {"id": case.id},
        )
    session.rollback()
