"""W5: people press at once; one success, clear refusals, and every promise kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.actors import SYSTEM
from app.base.database import session
from app.base.errors import Conflict
from app.roster.models import Claim
from app.roster.services.graduates import set_roster_presence
from app.termination import guards
from app.termination.offline.models import LETTER, OfflineTermination
from app.workflow import history
from tests.signing.race import Press, Result, at_once
from tests.termination.offline_stage import REJECT, RETURN, Desk, fire

CODES = {"wrong_state", "signing_not_in_force", "termination_open", "raced", "invalid", "termination_limit"}


@pytest.fixture
def desk(fresh_database: str, app_context: Flask) -> Desk:
    """A graduate of 10002, which reviews in one round."""
    return Desk("graduate7", "school10002")


@pytest.fixture(autouse=True)
def _everything_holds(fresh_database: str, app: Flask) -> Iterator[None]:
    """After each race the chain is whole, and claim, signing and application tell the same."""
    yield
    with app.app_context():
        assert list(history.broken_links()) == []
        for case in session.scalars(select(OfflineTermination)):
            steps = history.of_case("offline_termination", case.id)
            assert steps[-1].to_state == case.state
            signing = history.of_case(case.signing_workflow, case.signing_id)[-1].to_state
            claim = session.get(Claim, case.graduate_id)
            assert (claim is not None) == (signing == "signed")
            assert case.state != "approved" or signing == "terminated"
        session.remove()


def _press(case: Any, event: str, actor: Any, **data: Any) -> Press:
    return lambda: fire(case, event, actor, **data).state


def _won(results: list[Result]) -> list[Any]:
    refusals = [one.refusal for one in results if one.refusal is not None]
    assert all(isinstance(one, Conflict) and one.code in CODES for one in refusals), refusals
    return [one.value for one in results if one.refusal is None]


def test_two_verdicts_at_once(app: Flask, desk: Desk) -> None:
    """Eight reviewers approve, return and reject: one of them decides."""
    case = desk.submitted(desk.registered())
    presses = [
        _press(case, "approve", desk.school, settlement="mutual"),
        _press(case, "return", desk.school, **RETURN),
        _press(case, "reject", desk.school, **REJECT),
    ]
    assert len(_won(at_once(app, [presses[place % 3] for place in range(8)]))) == 1


def test_an_approval_while_the_school_voids(app: Flask, desk: Desk) -> None:
    """Under an application in review nothing is voided, and after the approval there is nothing to void."""
    signing = desk.registered()
    case = desk.submitted(signing)
    void = _press(signing, "void", desk.school, reason="单位倒闭")
    approve = _press(case, "approve", desk.school, settlement="mutual")
    assert _won(at_once(app, [approve, void, void, void])) == ["approved"]
    session.expire_all()
    assert session.get_one(type(signing), signing.id).state == "terminated"


def test_a_submission_while_the_school_voids(app: Flask, desk: Desk) -> None:
    """Either the application is in review and the signing stands, or it is void and the application stays a draft."""
    signing = desk.registered()
    case = desk.draft(signing, LETTER)
    void = _press(signing, "void", desk.school, reason="单位倒闭")
    submit = _press(case, "submit", desk.graduate)
    assert _won(at_once(app, [submit, void, submit, void])) in (["school_review"], ["voided"])


def test_two_submissions_of_one_application(app: Flask, desk: Desk) -> None:
    """A press twice counts once."""
    case = desk.draft(desk.registered(), LETTER)
    assert _won(at_once(app, [_press(case, "submit", desk.graduate)] * 4)) == ["school_review"]
    session.expire_all()
    assert (
        guards.left(session.get_one(OfflineTermination, case.id, options=OfflineTermination.eager_options()).graduate)
        == 1
    )


def test_two_applications_at_once(app: Flask, desk: Desk) -> None:
    """Two drafts about one signing: one of them is handed in."""
    signing = desk.registered()
    drafts = [desk.draft(signing, LETTER) for _ in range(4)]
    assert _won(at_once(app, [_press(case, "submit", desk.graduate) for case in drafts])) == ["school_review"]


def test_an_approval_while_the_graduate_withdraws(app: Flask, desk: Desk) -> None:
    """One of the two comes too late and is told so."""
    case = desk.submitted(desk.registered())
    approve = _press(case, "approve", desk.school, settlement="mutual")
    withdraw = _press(case, "withdraw", desk.graduate)
    assert _won(at_once(app, [approve, withdraw])) in (["approved"], ["draft"])


def test_an_approval_while_the_graduate_is_removed(app: Flask, desk: Desk) -> None:
    """失效 or released, never half of it."""
    case = desk.submitted(desk.registered())
    approve = _press(case, "approve", desk.school, settlement="mutual")
    graduate_id = desk.graduate.graduate_id
    remove = lambda: bool(set_roster_presence(graduate_id, present=False, actor=SYSTEM).invalid_since)  # noqa: E731
    assert True in _won(at_once(app, [approve, remove]))
