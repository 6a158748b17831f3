"""An approved destination changes by a reviewed new version; the old one is in force and reported until then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.access.actors import SYSTEM
from app.base import clock
from app.base.database import session
from app.base.errors import Conflict, Invalid, NotFound
from app.cases.attachments import attach_file
from app.cases.services import begin_case
from app.destination.models import Destination
from app.destination.services import begin_change
from app.roster.models import Claim, Graduate
from app.schools.seasons.services import save_province_season
from app.workflow.models import OutboxMessage
from tests.destination.stage import RETURN, Stage, example, fire, picture, types
from tests.signing.stage import Stage as Signing
from tests.signing.stage import fire as sign
from tests.signing.stage import invite, user

pytestmark = pytest.mark.usefixtures("undone")


@pytest.fixture
def stage(app_context: Any) -> Stage:
    """graduate1 and the reviewers."""
    return Stage()


def _body(old: Destination, code: str = "12", **more: Any) -> dict[str, Any]:
    return {"type": code, "data": example(types()[code]), "change_of": old.id, **more}


def _ready(old: Destination, stage: Stage, code: str = "12") -> Destination:
    case: Destination = begin_case("destination", _body(old, code), submit=False, actor=stage.graduate)
    for proof in types()[code]["proofs"]:
        attach_file("destination", case.id, proof["kind"], picture(), actor=stage.graduate)
    return case


def _claim(stage: Stage) -> tuple[str, int, str]:
    session.flush()
    claim = session.scalars(
        select(Claim).where(Claim.graduate_id == stage.graduate.graduate_id).execution_options(populate_existing=True)
    ).one()
    return claim.workflow, claim.case_id, claim.kind


def _reported() -> list[str]:
    rows = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "ems").order_by(OutboxMessage.id))
    return [row.payload["destination"]["code"] for row in rows if "destination" in row.payload]


def _reviewed(stage: Stage) -> None:
    cohort = session.get_one(Graduate, stage.graduate.graduate_id).cohort
    save_province_season({"destination_change": "reviewed"}, cohort, actor=user("province11"))


def test_the_old_one_stays_until_the_new_one_is_approved(stage: Stage) -> None:
    old = stage.bring("approved")
    new = _ready(old, stage)
    fire(new, "submit", stage.graduate)
    assert (old.state, _claim(stage)) == ("approved", ("destination", old.id, "in_force"))
    fire(new, "approve", stage.department)
    assert (old.state, _reported()) == ("approved", ["11"])
    fire(new, "approve", stage.school)
    session.refresh(old)
    assert (old.state, new.state) == ("replaced", "approved")
    assert (_claim(stage), _reported()) == (("destination", new.id, "in_force"), ["11", "12"])
    third = _ready(new, stage, "11")
    fire(third, "submit", stage.graduate)
    assert new.state == "approved"


@pytest.mark.parametrize("event", ["withdraw", "return", "reject"])
def test_a_change_that_fails_leaves_what_is_in_force(stage: Stage, event: str) -> None:
    old = stage.bring("approved")
    new = fire(_ready(old, stage), "submit", stage.graduate)
    data = {"withdraw": {}, "return": RETURN, "reject": {"reason_code": "9", "reason": "材料不符"}}[event]
    fire(new, event, stage.graduate if event == "withdraw" else stage.department, **data)
    assert (old.state, _claim(stage), _reported()) == ("approved", ("destination", old.id, "in_force"), ["11"])
    if event != "reject":
        fire(new, "submit", stage.graduate)
    assert old.state == "approved"


def test_one_change_at_a_time_and_only_of_what_is_in_force(stage: Stage) -> None:
    old = stage.bring("approved")
    new = _ready(old, stage)
    with pytest.raises(Conflict) as refused:
        begin_case("destination", _body(old), actor=stage.graduate)
    assert refused.value.code == "change_in_progress"
    fire(new, "submit", stage.graduate)
    with pytest.raises(Conflict) as refused:
        begin_case("destination", _body(old), submit=False, actor=stage.graduate)
    assert refused.value.code == "change_in_progress"
    with pytest.raises(Conflict) as refused:
        fire(old, "void", stage.graduate)
    assert refused.value.code == "change_in_progress"
    with pytest.raises(Conflict) as refused:
        begin_case("destination", {**_body(old), "change_of": None}, actor=stage.graduate)
    assert refused.value.code == "in_review_elsewhere"
    with pytest.raises(Conflict) as refused:
        begin_case("destination", _body(new), actor=stage.graduate)
    assert refused.value.code == "not_approved"
    with pytest.raises(NotFound):
        begin_case("destination", _body(old), actor=user("graduate7"))
    with pytest.raises(Invalid):
        begin_case("destination", {**_body(old), "change_of": "x"}, actor=stage.graduate)
    assert begin_change(old.id, actor=stage.graduate).id == new.id


def test_where_changes_are_reviewed_nobody_voids_alone(stage: Stage) -> None:
    old = stage.bring("approved")
    _reviewed(stage)
    with pytest.raises(Conflict) as refused:
        fire(old, "void", stage.graduate)
    assert refused.value.code == "change_reviewed"


def test_after_the_day_of_the_year_too(stage: Stage) -> None:
    old = stage.bring("approved")
    cohort = session.get_one(Graduate, stage.graduate.graduate_id).cohort
    day = clock.today() - timedelta(days=1)
    save_province_season({"changes_until": day.isoformat()}, cohort, actor=user("province11"))
    with pytest.raises(Conflict) as refused:
        fire(old, "void", stage.graduate)
    assert refused.value.code == "change_reviewed"


@pytest.mark.parametrize("outcome", ["approve", "abort", "reject"])
def test_a_signing_replaces_it_when_it_is_signed(stage: Stage, outcome: str) -> None:
    old = stage.bring("approved")
    _reviewed(stage)
    people = Signing("employer1", "graduate1", "dept10001a", "school10001")
    signing = invite(people.employer, people.graduate)
    sign(signing, "accept", people.graduate)
    assert (old.state, _claim(stage), _reported()) == ("approved", ("destination", old.id, "in_force"), ["11"])
    with pytest.raises(Conflict) as refused:
        begin_case("destination", _body(old), actor=stage.graduate)
    assert refused.value.code == "in_review_elsewhere"
    if outcome == "abort":
        sign(signing, "abort", people.graduate)
    elif outcome == "reject":
        sign(signing, "reject", people.department, reason_code="9", reason="信息有误")
    else:
        sign(signing, "approve", people.department)
        sign(signing, "approve", people.school)
    session.refresh(old)
    if outcome == "approve":
        assert (old.state, _claim(stage)) == ("replaced", ("online_signing", signing.id, "in_force"))
        assert len(_reported()) == 2
    else:
        assert (old.state, _claim(stage), _reported()) == ("approved", ("destination", old.id, "in_force"), ["11"])


def test_where_they_are_free_it_is_voided_at_once(stage: Stage) -> None:
    old = stage.bring("approved")
    people = Signing("employer1", "graduate1", "dept10001a", "school10001")
    signing = invite(people.employer, people.graduate)
    sign(signing, "accept", people.graduate)
    session.refresh(old)
    assert (old.state, _claim(stage)) == ("voided", ("online_signing", signing.id, "review"))


def test_what_waits_for_the_place_of_a_record_found_untrue_is_reviewed_like_any(stage: Stage) -> None:
    old = stage.bring("approved")
    new = fire(_ready(old, stage), "submit", stage.graduate)
    fire(old, "uphold", SYSTEM, reason="情况属实")
    assert (old.state, _claim(stage)) == ("voided", ("destination", new.id, "review"))
    fire(new, "approve", stage.department)
    fire(new, "approve", stage.school)
    assert (new.state, _claim(stage)) == ("approved", ("destination", new.id, "in_force"))


def test_a_change_found_untrue_leaves_the_old_one_reported(stage: Stage) -> None:
    old = stage.bring("approved")
    new = fire(_ready(old, stage), "submit", stage.graduate)
    fire(new, "uphold", SYSTEM, reason="情况属实")
    assert (new.state, old.state, _reported()) == ("voided", "approved", ["11"])
    assert _claim(stage) == ("destination", old.id, "in_force")
