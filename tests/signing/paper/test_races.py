"""Several people press at once: one success, clear refusals for the others, and every promise kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.actors import SYSTEM
from app.base.database import session
from app.base.errors import AppError, Conflict, NotFound
from app.cases.attachments import files_of
from app.cases.services import begin_case
from app.roster.services.graduates import set_roster_presence
from app.signing.paper.models import OfflineSigning, Supplementary
from app.signing.paper.services import visits
from app.signing.paper.services.upload_links import create_upload_link, revoke_upload_link
from app.workflow import engine, history
from tests.house.promises import check_promises
from tests.signing.paper.stage import REJECT, VOID, PaperStage, application, picture, registration
from tests.signing.race import Press, Result, at_once
from tests.signing.stage import Stage, fire

ROUNDS = 3


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str, app: Flask) -> Iterator[None]:
    """Each race has its own cases; afterwards every promise holds."""
    yield
    with app.app_context():
        check_promises()
        session.remove()


@pytest.fixture
def stage(app_context: Flask) -> PaperStage:
    """graduate1 and the reviewers."""
    return PaperStage()


def press(case: Any, event: str, actor: Any, **data: Any) -> Press:
    """One press in a thread of its own."""
    return lambda: engine.fire(case.workflow_name, case.id, event, actor=actor, data=data).state


def one_winner(results: list[Result], *refusals: type[AppError]) -> Any:
    """One success; the others are refused in words. Returns the success."""
    won = [result.value for result in results if result.refusal is None]
    lost = [result.refusal for result in results if result.refusal is not None]
    assert len(won) == 1, [str(one) for one in (*won, *lost)]
    for refusal in lost:
        assert isinstance(refusal, refusals or (Conflict,)), refusal
        assert len(refusal.message) > 5
    return won[0]


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_copy_through_the_link_and_through_the_account(app: Flask, stage: PaperStage, _round: int) -> None:
    """Unit and graduate hand in at the same moment: one review begins, the other is told, no file is lost or doubled."""
    case = stage.offline("agreement_approved")
    stage.attach(case, "stamped_agreement", 10)
    _link, url = create_upload_link(case.id, {"phone": "13900001111"}, actor=stage.graduate)
    token = url.rpartition("/")[2]

    def by_link() -> str:
        visits.upload_by_link(token, [(picture(20), "a.jpg")], ip="203.0.113.9")
        return "unit"

    by_account = press(case, "upload", stage.graduate)
    winner = one_winner(at_once(app, [by_link, by_account]), Conflict, NotFound)
    session.expire_all()
    assert session.get_one(OfflineSigning, case.id).state == "dept_review"
    assert len(files_of(case, "stamped_agreement")) == (2 if winner == "unit" else 1)
    assert len([step for step in history.of_case("offline_signing", case.id) if step.event == "upload"]) == 1


def test_the_same_link_eight_times(app: Flask, stage: PaperStage) -> None:
    """Single purpose also at the same moment."""
    case = stage.offline("agreement_approved")
    _link, url = create_upload_link(case.id, {"phone": "13900001111"}, actor=stage.graduate)
    token = url.rpartition("/")[2]

    def by_link(shade: int) -> Press:
        return lambda: visits.upload_by_link(token, [(picture(shade), "a.jpg")], ip="203.0.113.9") or "unit"

    one_winner(at_once(app, [by_link(shade) for shade in range(8)]), Conflict, NotFound)
    assert len(files_of(case, "stamped_agreement")) == 1


def test_revoke_while_the_unit_hands_in(app: Flask, stage: PaperStage) -> None:
    """Either the link was taken back in time, or the copy has arrived."""
    case = stage.offline("agreement_approved")
    _link, url = create_upload_link(case.id, {"phone": "13900001111"}, actor=stage.graduate)
    token = url.rpartition("/")[2]
    hand_in = lambda: visits.upload_by_link(token, [(picture(), "a.jpg")], ip=None) or "unit"  # noqa: E731
    revoke = lambda: revoke_upload_link(case.id, actor=stage.graduate) or "revoked"  # noqa: E731
    winner = one_winner(at_once(app, [hand_in, revoke]), Conflict, NotFound)
    session.expire_all()
    expected = {"unit": "dept_review", "revoked": "agreement_approved"}[winner]
    assert session.get_one(OfflineSigning, case.id).state == expected


def test_eight_links_at_once_leave_one(app: Flask, stage: PaperStage) -> None:
    """Each new one ends the one before."""
    case = stage.offline("agreement_approved")

    def make(number: int) -> Press:
        body = {"email": f"hr{number}@example.com"}
        return lambda: create_upload_link(case.id, body, actor=stage.graduate)[1]

    results = at_once(app, [make(number) for number in range(8)])
    made = [result.value.rpartition("/")[2] for result in results if result.refusal is None]
    works = []
    for token in made:
        try:
            works.append(visits.look(token, ip=None))
        except NotFound:
            continue
    assert len(works) == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_submit_while_accepting_an_invitation(app: Flask, stage: PaperStage, _round: int) -> None:
    """Four ways to be bound at the same moment: the graduate is bound by one."""
    copy, paper, draft = stage.offline("agreement_approved"), stage.supplementary("draft"), stage.offline("draft")
    stage.attach(copy, "stamped_agreement")
    invited = Stage("employer1", "graduate1", "dept10001a", "school10001").bring("invited")
    graduate = stage.graduate
    one_winner(
        at_once(
            app,
            [
                lambda: fire(invited, "accept", graduate).state,
                press(copy, "upload", graduate),
                press(paper, "submit", graduate),
                press(draft, "submit", graduate),
            ],
        )
    )


def test_many_new_applications_at_once(app: Flask, stage: PaperStage) -> None:
    """Created and submitted in one call: one is taken, the others leave nothing."""
    make: Callable[[], Any] = lambda: begin_case("offline_signing", application(), actor=stage.graduate).state  # noqa: E731
    one_winner(at_once(app, [make] * 6))
    assert session.query(OfflineSigning).count() == 1


RACES: dict[str, tuple[str, str, Callable[[PaperStage, Any], list[Press]], set[str]]] = {
    "withdraw or approve": (
        "offline_signing",
        "agreement_dept_review",
        lambda s, c: [press(c, "withdraw", s.graduate), press(c, "approve", s.department)] * 3,
        {"draft", "agreement_school_review"},
    ),
    "approve or reject": (
        "offline_signing",
        "agreement_school_review",
        lambda s, c: [press(c, "approve", s.school), press(c, "reject", s.school, **REJECT)] * 3,
        {"agreement_approved", "agreement_rejected"},
    ),
    "approve or return the copy": (
        "offline_signing",
        "school_review",
        lambda s, c: [press(c, "approve", s.school), press(c, "return", s.school, reason="不清晰")] * 3,
        {"signed", "returned"},
    ),
    "void or terminate": (
        "offline_signing",
        "signed",
        lambda s, c: [press(c, "void", s.school, **VOID), press(c, "terminate", SYSTEM)] * 3,
        {"voided", "terminated"},
    ),
    "withdraw or reject a registration": (
        "supplementary",
        "dept_review",
        lambda s, c: [press(c, "withdraw", s.graduate), press(c, "reject", s.department, **REJECT)] * 3,
        {"draft", "rejected"},
    ),
}


@pytest.mark.parametrize("name", list(RACES))
def test_two_events_from_one_state(app: Flask, stage: PaperStage, name: str) -> None:
    """One of them happens."""
    workflow, state, presses, ends = RACES[name]
    case = stage.bring(workflow, state)
    one_winner(at_once(app, presses(stage, case)))
    session.expire_all()
    assert session.get_one(type(case), case.id).state in ends


def test_removal_while_submitting(app: Flask, stage: PaperStage) -> None:
    """Whichever comes first: the record is invalid afterwards, and a new application finds the removal."""
    case = stage.supplementary("draft")
    remove = lambda: set_roster_presence(case.graduate_id, present=False, actor=SYSTEM).id  # noqa: E731
    begin = lambda: begin_case("supplementary", registration(), actor=stage.graduate, submit=False).id  # noqa: E731
    results = at_once(app, [remove, press(case, "submit", stage.graduate), begin])
    assert results[0].refusal is None
    session.expire_all()
    for model in (OfflineSigning, Supplementary):
        assert all(one.invalid_since is not None for one in session.scalars(select(model)))
