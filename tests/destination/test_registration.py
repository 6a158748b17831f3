"""A graduate registers a destination: draft, proofs, review, correction, void; and what gives way to a signing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.base.database import session
from app.base.errors import AppError, Conflict, Forbidden, Invalid
from app.cases.proof import act_named
from app.cases.services import begin_case, edit_case
from app.destination.models import Destination
from app.destination.queries import amendments_of, record_rows
from app.roster.models import Claim, Graduate
from app.workflow import engine, history
from app.workflow.models import OutboxMessage
from tests.destination.stage import RETURN, STATES, Stage, draft, example, fire, ready, types
from tests.signing.stage import invite, user

pytestmark = pytest.mark.usefixtures("undone")


def _reports(graduate_id: int) -> list[dict[str, Any]]:
    rows = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "ems").order_by(OutboxMessage.id))
    told = [row.payload for row in rows if row.payload.get("graduate_id") == graduate_id]
    return [payload["destination"] for payload in told if "destination" in payload]


def _claim(graduate_id: int) -> tuple[str, str] | None:
    claim = session.get(Claim, graduate_id, populate_existing=True)
    return (claim.workflow, claim.kind) if claim else None


@pytest.mark.parametrize("state", STATES)
def test_every_state_can_be_reached(stage: Stage, state: str) -> None:
    case = stage.bring(state)
    bound = {"dept_review": "review", "school_review": "review", "approved": "in_force"}.get(state)
    assert _claim(case.graduate_id) == (("destination", bound) if bound else None)


def test_an_approved_destination_is_reported_with_its_code_and_the_unit(stage: Stage) -> None:
    case = stage.bring("approved", "10A")
    told = _reports(case.graduate_id)[-1]
    assert told["code"] == "10A"
    assert told["label"] == types()["10A"]["label"]
    for name in ("employer", "uscc", "nature", "industry", "region", "category", "contact", "phone"):
        assert told[name] == case.record[name]


def test_a_type_without_proofs_is_handed_in_at_once(stage: Stage) -> None:
    body = {"type": "70", "data": example(types()["70"])}
    case = begin_case("destination", body, actor=stage.graduate)
    assert case.state == "dept_review"


def test_a_type_with_proofs_is_not_handed_in_without_them_and_nothing_is_kept(stage: Stage) -> None:
    before = len(session.scalars(select(Destination)).all())
    with pytest.raises(Invalid) as refused, session.begin_nested():
        begin_case("destination", {"type": "11", "data": example(types()["11"])}, actor=stage.graduate)
    assert set(refused.value.errors) == {"labour_contract"}
    assert len(session.scalars(select(Destination)).all()) == before


def test_a_draft_is_checked_for_kinds_and_codes_only(stage: Stage) -> None:
    case = begin_case("destination", {"type": "11", "data": {"employer": " "}}, submit=False, actor=stage.graduate)
    assert case.data == {"type": "11", "data": {}}
    with pytest.raises(Invalid) as refused:
        edit_case(
            "destination",
            case.id,
            {"type": "11", "data": {"uscc": "1", "nature": "0", "phone": 5}},
            actor=stage.graduate,
        )
    assert set(refused.value.errors) == {"data.uscc", "data.nature", "data.phone"}
    with pytest.raises(Invalid) as refused:
        fire(case, "submit", stage.graduate)
    assert set(refused.value.errors) == {f"data.{name}" for name in types()["11"]["schema"]["required"]} | {
        "labour_contract"
    }


def test_groups_are_not_types(stage: Stage) -> None:
    for code in ("10", "27", "50", "51", "75", "80", "701", "G1", "", None, 11, ["11"]):
        with pytest.raises(Invalid) as refused:
            begin_case("destination", {"type": code, "data": {}}, submit=False, actor=stage.graduate)
        assert set(refused.value.errors) == {"type"}


def test_directed_students_see_only_their_own_type(stage: Stage) -> None:
    directed = user("graduate17")
    with pytest.raises(Conflict, match="定向"):
        draft(directed, "11")
    assert draft(directed, "10F").state == "draft"
    with pytest.raises(Conflict) as refused:
        draft(stage.graduate, "10F")
    assert refused.value.code == "type_not_open"


def test_a_withdrawn_destination_can_be_edited_and_submitted_again(stage: Stage) -> None:
    case = stage.bring("dept_review")
    with pytest.raises(Conflict):
        edit_case("destination", case.id, case.data, actor=stage.graduate)
    fire(case, "withdraw", stage.graduate)
    assert case.state == "draft"
    edit_case("destination", case.id, {"type": "11", "data": {**case.record, "contact": "王芳"}}, actor=stage.graduate)
    assert fire(case, "submit", stage.graduate).record["contact"] == "王芳"


def test_after_the_departments_approval_nothing_is_withdrawn(stage: Stage) -> None:
    with pytest.raises(Conflict) as refused:
        fire(stage.bring("school_review"), "withdraw", stage.graduate)
    assert refused.value.code == "already_decided"


def test_opinions_stand_at_the_fields_until_the_next_submission(stage: Stage) -> None:
    case = stage.bring("returned")
    assert case.opinions == RETURN
    edit_case("destination", case.id, case.data, actor=stage.graduate)
    assert case.opinions == RETURN
    assert fire(case, "submit", stage.graduate).opinions is None


def test_a_reviewer_corrects_the_record_and_the_graduate_sees_before_and_after(stage: Stage) -> None:
    case = stage.bring("dept_review")
    other = {"type": "12", "data": {**example(types()["12"]), "employer": "示例集团"}}
    fire(case, "amend", stage.department, **other, reason="与本人核实")
    assert (case.state, case.type, case.data) == ("dept_review", "12", other)
    told = amendments_of(case)[0]
    assert told["reason"] == "与本人核实"
    assert told["changes"][0][1:] == ("签劳动合同形式就业", "其他录用形式就业")
    assert ("单位名称", "示例科技有限公司", "示例集团") in told["changes"]
    assert any(
        row.event == "amend" and row.to_state == "dept_review" for row in history.of_case("destination", case.id)
    )
    fire(case, "approve", stage.department)
    fire(case, "approve", stage.school)  # without the proofs of the new type
    assert _reports(case.graduate_id)[-1]["code"] == "12"


def test_a_correction_is_complete_and_changes_something(stage: Stage) -> None:
    case = stage.bring("dept_review")
    with pytest.raises(Invalid) as refused:
        fire(case, "amend", stage.department, type="11", data={})
    assert {f"data.{name}" for name in types()["11"]["schema"]["required"]} == set(refused.value.errors)
    with pytest.raises(Conflict) as same:
        fire(case, "amend", stage.department, **case.data)
    assert same.value.code == "unchanged"
    with pytest.raises(Conflict):
        fire(case, "amend", stage.department, type="10F", data=example(types()["10F"]))
    with pytest.raises(Forbidden):
        fire(case, "amend", stage.graduate, **case.data)


def test_after_approval_nothing_changes_but_the_graduate_may_void_it(stage: Stage) -> None:
    case = stage.bring("approved")
    for actor, event in ((stage.school, "amend"), (stage.school, "return"), (stage.graduate, "withdraw")):
        with pytest.raises(AppError):
            fire(case, event, actor, **case.data)
    fire(case, "void", stage.graduate)
    assert (case.state, _claim(case.graduate_id)) == ("voided", None)
    assert _reports(case.graduate_id)[-1]["code"] == "70"


def test_one_destination_at_a_time(stage: Stage) -> None:
    stage.bring("approved")
    second = ready(stage.graduate, "12")
    with pytest.raises(Conflict) as refused:
        fire(second, "submit", stage.graduate)
    assert refused.value.code == "already_registered"


def test_a_destination_in_force_gives_way_to_a_signing(stage: Stage) -> None:
    case = stage.bring("approved")
    invitation = invite(user("employer1"), stage.graduate)
    told = act_named("online_signing", "accept", invitation.id, actor=stage.graduate).also
    assert ["待就业" in str(words) for words in told] == [True], "the sheet says so beforehand"
    engine.fire("online_signing", invitation.id, "accept", actor=stage.graduate)
    session.refresh(case)
    assert case.state == "voided"
    assert _claim(case.graduate_id) == ("online_signing", "review")
    assert _reports(case.graduate_id)[-1]["code"] == "70"
    last = history.of_case("destination", case.id)[-1]
    assert (last.event, last.role) == ("void", "system")
    assert "destination_given_up" in {
        row.payload.get("template")
        for row in session.scalars(select(OutboxMessage).where(OutboxMessage.case_id == case.id))
    }


def test_a_destination_under_review_hinders_a_signing(stage: Stage) -> None:
    stage.bring("school_review")
    invitation = invite(user("employer1"), stage.graduate)
    assert act_named("online_signing", "accept", invitation.id, actor=stage.graduate).also == []
    with pytest.raises(Conflict):
        engine.fire("online_signing", invitation.id, "accept", actor=stage.graduate)


def test_a_removed_graduate_and_a_closed_season_only_read(stage: Stage) -> None:
    for name, code in (("graduate20", "invalid"), ("graduate19", "cohort_closed")):
        with pytest.raises(Conflict) as refused:
            draft(user(name), "70")
        assert refused.value.code == code


def test_a_closed_school_refuses(stage: Stage) -> None:
    from app.schools.models import SchoolSetting

    graduate = session.get_one(Graduate, stage.graduate.graduate_id)
    setting = session.scalars(
        select(SchoolSetting).where(
            SchoolSetting.school_id == graduate.school_id,
            SchoolSetting.cohort == graduate.cohort,
            SchoolSetting.module == "employment",
        )
    ).one()
    setting.open = False
    session.flush()
    with pytest.raises(Conflict) as refused:
        draft(stage.graduate, "70")
    assert refused.value.code == "school_not_open"


def test_what_a_record_reads_like(stage: Stage) -> None:
    rows = dict(record_rows(draft(stage.graduate, "85")))
    assert rows["留学国家或地区"] == "中国香港"
    assert "境外留学" in rows.values()


@pytest.mark.parametrize("code", ["11", "12", "271", "10A", "10B", "10C"])
def test_units_of_the_armed_forces_need_no_credit_code(stage: Stage, code: str) -> None:
    data = example(types()[code])
    unit = {name: value for name, value in data.items() if name != "uscc"}
    with pytest.raises(Invalid) as refused, session.begin_nested():
        begin_case("destination", {"type": code, "data": {**unit, "nature": "40"}}, actor=stage.graduate)
    assert "data.uscc" not in refused.value.errors
    if code != "10B":
        with pytest.raises(Invalid) as refused, session.begin_nested():
            begin_case("destination", {"type": code, "data": {**unit, "nature": "31"}}, actor=stage.graduate)
        assert "data.uscc" in refused.value.errors
