"""The words follow the agreement type: 鉴证 with two parties, 审核 with three (R2.3), and the reader."""

from __future__ import annotations

import pytest
from flask import Flask

from app.base.database import session
from app.cases import progress
from app.signing.online import records
from app.signing.online.models import OnlineSigning
from app.signing.online.snapshots import agreement_content
from app.signing.online.workflow import ONLINE_SIGNING
from app.workflow import engine
from tests.signing.stage import STATES, Stage, fire, invite, user

pytestmark = pytest.mark.usefixtures("undone")

# The labels of the specification, written down a second time.
LABELS = {
    "invited": "等待学生应约",
    "dept_review": "学生已同意签约，等待学院审核",
    "school_review": "学生已同意签约，等待学校审核",
    "signed": "签约审核通过",
    "declined": "学生已拒绝签约（签约失败）",
    "expired": "签约邀请逾期未回应（签约失败）",
    "withdrawn": "单位已撤回签约（签约失败）",
    "aborted": "学生已中止签约（签约失败）",
    "rejected": "签约审核不通过（学院审核不通过）",
    "terminated": "已解约",
    "voided": "已作废",
}
UNDER_REVIEW = "学生已应约提交审核中"


def _reviewed(graduate: str, school: str) -> OnlineSigning:
    """A case of a school that reviews alone, accepted."""
    case = invite(user("employer1"), user(graduate))
    return fire(case, "accept", user(graduate))


def _buttons(case: OnlineSigning, school: str) -> dict[str, str]:
    return {row.event: str(row.label(case)) for row in engine.available_transitions(case, user(school))}


def test_verb_is_witness_with_two_parties_and_review_with_three(app_context: Flask) -> None:
    two, three = _reviewed("graduate7", "school10002"), _reviewed("graduate13", "school10284")
    assert (two.agreement_type, three.agreement_type) == ("two_party", "three_party")
    assert _buttons(two, "school10002") == {"approve": "鉴证通过", "reject": "鉴证不通过"}
    assert _buttons(three, "school10284") == {"approve": "审核通过", "reject": "审核不通过"}
    assert (records.verb(two), records.verb(three)) == ("鉴证", "审核")


def test_timeline_speaks_of_witnessing_or_review(app_context: Flask) -> None:
    for graduate, school, word in (("graduate7", "school10002", "鉴证"), ("graduate13", "school10284", "审核")):
        case = fire(_reviewed(graduate, school), "approve", user(school), note="材料齐全")
        last = progress.timeline(case, user(graduate))[-1]
        assert word in last["label"]
        assert last["reason"] == "材料齐全"
        assert agreement_content(case)["agreement_type"] == case.agreement_type


@pytest.mark.parametrize("state", STATES)
def test_labels_are_those_of_the_specification(stage: Stage, state: str) -> None:
    """A province with two parties: the state labels are the same all the same."""
    case = stage.bring(state)
    for reader in (stage.graduate, stage.school, stage.department, user("province11"), None):
        assert ONLINE_SIGNING.label_of(case, reader) == LABELS[state]
    of_unit = UNDER_REVIEW if state in ("dept_review", "school_review") else LABELS[state]
    assert ONLINE_SIGNING.label_of(case, stage.employer) == of_unit


def test_school_that_rejects_is_named(stage: Stage) -> None:
    case = fire(stage.bring("school_review"), "reject", stage.school, reason_code="9", reason="信息有误")
    assert ONLINE_SIGNING.label_of(case, stage.graduate) == "签约审核不通过（学校审核不通过）"
    assert progress.timeline(case, stage.graduate)[-1]["reason"] == "其他：信息有误"


@pytest.mark.parametrize(
    ("state", "mine"),
    [("invited", "graduate"), ("dept_review", "department"), ("school_review", "school"), ("signed", None)],
)
def test_colour_says_who_has_to_act(stage: Stage, state: str, mine: str | None) -> None:
    case_id = stage.bring(state).id
    session.expunge_all()
    for reader in (stage.employer, stage.graduate, stage.department, stage.school):
        case = engine.load(ONLINE_SIGNING, case_id, actor=reader)
        tone = progress.tone_for(case, reader)
        assert tone == ("mine" if reader.kind == mine else "in_force" if state == "signed" else "theirs")
        assert bool(progress.waiting_sentence(case, reader)) == (state != "signed")


def test_invitation_that_cannot_be_accepted_is_not_the_graduates_turn(stage: Stage) -> None:
    stage.bring("signed")
    other = invite(user("employer2"), stage.graduate)
    assert progress.tone_for(other, stage.graduate) == "theirs"
    assert progress.waiting_sentence(other, stage.graduate) == ""


def test_withdrawing_after_acceptance_says_what_to_do(stage: Stage) -> None:
    case = stage.bring("dept_review")
    with pytest.raises(Exception, match="请联系学生中止签约"):
        fire(case, "withdraw", stage.employer, reason="岗位取消")
    session.rollback()
