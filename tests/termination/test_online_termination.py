"""W4 beyond its table: what a termination does to the agreement, the graduate, the employment system and the limit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.access.actors import SYSTEM
from app.base.database import session
from app.base.errors import Conflict, Forbidden, Invalid, NotFound
from app.roster.models import Claim, Graduate
from app.roster.services.graduates import set_roster_presence
from app.signing.online.models import OnlineSigning
from app.signing.online.queries import signings_in_tab, tab_counts
from app.termination import guards
from app.termination.online.models import OnlineTermination
from app.workflow import engine, history
from app.workflow.models import OutboxMessage
from tests.signing.stage import Stage, invite, user
from tests.signing.stage import fire as fire_signing
from tests.termination.stage import (
    BY_GRADUATE,
    BY_UNIT,
    FORCE,
    REJECT,
    TerminationStage,
    allow_terminations,
    ask,
    fire,
    start_termination,
)

pytestmark = pytest.mark.usefixtures("undone")


def _messages(case: Any, kind: str) -> list[OutboxMessage]:
    query = select(OutboxMessage).where(
        OutboxMessage.workflow == case.workflow_name, OutboxMessage.case_id == case.id, OutboxMessage.kind == kind
    )
    return list(session.scalars(query.order_by(OutboxMessage.id)))


def _limits_of(stage: TerminationStage) -> guards.Allowance:
    return guards.allowance(session.get_one(Graduate, stage.graduate.graduate_id))


# What an end does --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["approved", "forced"])
def test_end_frees_the_graduate_and_reports_waiting_for_employment(stage: TerminationStage, end: str) -> None:
    """The agreement is terminated in the same transaction, by the program; 待就业 is on its way (R4.9)."""
    case = stage.bring(end)
    signing = session.get_one(OnlineSigning, case.signing_id)
    assert signing.state == "terminated"
    last = history.of_case("online_signing", signing.id)[-1]
    assert (last.event, last.role, last.from_state) == ("terminate", SYSTEM.kind, "signed")
    assert session.get(Claim, stage.graduate.graduate_id) is None
    assert _messages(signing, "ems")[-1].payload["destination"]["code"] == "70"
    assert list(history.broken_links()) == []


def test_terminated_graduate_accepts_another_invitation_at_once(stage: TerminationStage) -> None:
    """Also one that came while the agreement was in force (R7.1)."""
    signing = stage.sign()
    other = invite(user("employer2"), stage.graduate)
    case = stage.bring("school_review", signing)
    with pytest.raises(Conflict) as refusal:
        fire_signing(other, "accept", stage.graduate)
    assert refusal.value.code == "already_signed"
    fire(case, "approve", stage.school)
    assert fire_signing(other, "accept", stage.graduate).state == "dept_review"


@pytest.mark.parametrize("end", ["refused", "withdrawn", "rejected"])
@pytest.mark.parametrize("by", ["graduate", "employer"])
def test_what_failed_leaves_the_agreement_in_force_and_hinders_no_new_start(
    stage: TerminationStage, end: str, by: str
) -> None:
    case = stage.bring(end, by=by)
    signing = session.get_one(OnlineSigning, case.signing_id)
    assert signing.state == "signed"
    claim = session.get_one(Claim, stage.graduate.graduate_id)
    assert (claim.workflow, claim.case_id, claim.kind) == ("online_signing", signing.id, "in_force")
    assert not [one for one in _messages(signing, "ems") if one.payload["destination"]["code"] == "70"]
    assert ask(signing, stage.employer).state == "waiting_graduate"


def test_agreement_is_not_voided_under_an_application(stage: TerminationStage) -> None:
    """The school is told to settle the application first; afterwards it may void (R8.9)."""
    case = stage.bring("waiting_employer")
    signing = session.get_one(OnlineSigning, case.signing_id)
    for event, actor in (("agree", stage.employer), ("approve", stage.department), ("reject", stage.school)):
        with pytest.raises(Conflict) as refusal:
            fire_signing(signing, "void", stage.school, reason="单位注销")
        assert refusal.value.code == "termination_open"
        assert "void" not in engine.available(engine.load(_workflow(), signing.id, actor=SYSTEM), stage.school)
        fire(case, event, actor, **(REJECT if event == "reject" else {}))
    assert fire_signing(signing, "void", stage.school, reason="单位注销").state == "voided"


def _workflow() -> Any:
    from app.signing.online.workflow import ONLINE_SIGNING

    return ONLINE_SIGNING


@pytest.mark.parametrize("state", ["invited", "dept_review", "voided", "terminated"])
def test_only_an_agreement_in_force_is_terminated(stage: TerminationStage, state: str) -> None:
    signing = stage.people.bring(state)
    for actor in (stage.graduate, stage.employer):
        with pytest.raises(Conflict) as refusal:
            ask(signing, actor)
        assert refusal.value.code == "not_signed"


@pytest.mark.parametrize("by", ["graduate", "employer"])
def test_one_application_at_a_time(stage: TerminationStage, by: str) -> None:
    """Neither side starts a second one, not even with the program alone in front of the database."""
    case = stage.bring("waiting_graduate" if by == "employer" else "waiting_employer")
    for actor in (stage.graduate, stage.employer):
        with pytest.raises(Conflict) as refusal:
            ask(session.get_one(OnlineSigning, case.signing_id), actor)
        assert refusal.value.code == "termination_open"


# Who is told -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "by", "notices"),
    [
        ("waiting_employer", "graduate", [("asked", ["employer"])]),
        ("waiting_graduate", "employer", [("asked", ["graduate"])]),
        ("refused", "graduate", [("asked", ["employer"]), ("refused", ["graduate"])]),
        ("withdrawn", "employer", [("asked", ["graduate"]), ("withdrawn", ["graduate"])]),
        ("forced", "graduate", [("asked", ["employer"]), ("forced", ["graduate", "employer"])]),
        (
            "approved",
            "employer",
            [
                *(("asked", ["graduate"]), ("agreed", ["employer"])),
                *(("department_approved", ["graduate", "employer"]), ("approved", ["graduate", "employer"])),
            ],
        ),
        (
            "rejected",
            "graduate",
            [("asked", ["employer"]), ("agreed", ["graduate"]), ("rejected", ["graduate", "employer"])],
        ),
    ],
)
def test_both_sides_are_told(
    stage: TerminationStage, state: str, by: str, notices: list[tuple[str, list[str]]]
) -> None:
    case = stage.bring(state, by=by)
    told = [(one.payload["template"], one.payload["to"]) for one in _messages(case, "notice")]
    assert told == [(f"online_termination_{name}", to) for name, to in notices]


# The limit ---------------------------------------------------------------------------------------------------------


def test_every_application_of_the_graduate_counts_whatever_its_end(stage: TerminationStage) -> None:
    """The demonstration allows two; those of the unit are not counted (R3.4)."""
    signing = stage.sign()
    assert (_limits_of(stage).most, _limits_of(stage).used) == (2, 0)
    stage.bring("refused", signing)
    stage.bring("withdrawn", signing)
    stage.bring("rejected", signing, by="employer")
    assert guards.left(session.get_one(Graduate, stage.graduate.graduate_id)) == 0
    with pytest.raises(Conflict) as refusal:
        ask(signing, stage.graduate)
    assert refusal.value.code == "termination_limit"
    assert "2" in refusal.value.message
    assert stage.bring("withdrawn", signing, by="employer").state == "withdrawn"


def test_setting_decides_at_the_moment_of_the_start(stage: TerminationStage) -> None:
    """Lowered below what was used nothing breaks; raised again the next start is taken."""
    signing = stage.sign()
    stage.bring("withdrawn", signing)
    allow_terminations(0)
    assert _limits_of(stage).left == 0
    with pytest.raises(Conflict):
        ask(signing, stage.graduate)
    allow_terminations(1)
    with pytest.raises(Conflict):
        ask(signing, stage.graduate)
    allow_terminations(2)
    case = ask(signing, stage.graduate)
    allow_terminations(0)
    assert fire(case, "agree", stage.employer).state == "dept_review"


def test_applications_of_an_earlier_agreement_count_too(stage: TerminationStage) -> None:
    """Counted per graduate and cohort, over all agreements."""
    stage.bring("approved")
    second = stage.bring("forced")
    assert second.state == "forced"
    third = stage.sign()
    with pytest.raises(Conflict) as refusal:
        ask(third, stage.graduate)
    assert refusal.value.code == "termination_limit"


# What is sent ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "data", "field"),
    [
        ("graduate", {"reason": "另有去向"}, "reason_code"),
        ("graduate", {"reason_code": "77", "reason": "x"}, "reason_code"),
        ("graduate", {"reason_code": "16", "reason": "长" * 501}, "reason"),
        ("employer", {}, "reason"),
        ("employer", {"reason": "   "}, "reason"),
        ("employer", {"reason_code": "16"}, "reason"),
    ],
)
def test_graduate_chooses_and_unit_writes(stage: TerminationStage, who: str, data: dict[str, Any], field: str) -> None:
    signing = stage.sign()
    with pytest.raises(Invalid) as refusal:
        start_termination(signing.id, data, actor=getattr(stage, who))
    assert list(refusal.value.errors) == [field]
    assert session.get_one(OnlineSigning, signing.id).termination is None


def test_data_are_kept_as_they_were_given(stage: TerminationStage) -> None:
    signing = stage.sign()
    case = ask(signing, stage.graduate, reason_code="11")
    assert case.data == {"signing_id": signing.id, "reason_code": "11"}
    assert (case.number, case.started_by) == (signing.number, "graduate")
    fire(case, "withdraw", stage.graduate)
    case = ask(signing, stage.employer, reason="业务调整", reason_code="ignored")
    assert case.data == {"signing_id": signing.id, "reason": "业务调整"}


def test_explanation_is_needed_to_force(stage: TerminationStage) -> None:
    case = stage.bring("waiting_employer")
    with pytest.raises(Invalid) as refusal:
        fire(case, "force", stage.school)
    assert list(refusal.value.errors) == ["explanation"]
    fire(case, "force", stage.school, **FORCE)
    assert history.of_case("online_termination", case.id)[-1].reason == FORCE["explanation"]


@pytest.mark.parametrize("signing_id", [None, "1", True, 1.5, [1]])
def test_agreement_that_is_no_number_is_a_wrong_field(stage: TerminationStage, signing_id: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        start_termination(signing_id, BY_UNIT, actor=stage.employer)
    assert list(refusal.value.errors) == ["signing_id"]


@pytest.mark.parametrize("who", ["employer2", "graduate2", "school10002", "dept10001b"])
def test_agreement_of_others_is_not_there(stage: TerminationStage, who: str) -> None:
    signing = stage.sign()
    for number in (signing.id, 0, -1, 2**63):
        with pytest.raises(NotFound):
            start_termination(number, BY_GRADUATE, actor=user(who))


# Where it is seen --------------------------------------------------------------------------------------------------

TABS = {
    "waiting_employer": {"terminating"},
    "waiting_graduate": {"terminating"},
    "dept_review": {"terminating"},
    "school_review": {"terminating"},
    "approved": {"terminated"},
    "forced": {"terminated"},
    "refused": {"termination_failed", "signed"},
    "rejected": {"termination_failed", "signed"},
    "withdrawn": {"signed"},
}


@pytest.mark.parametrize("state", TABS)
def test_tabs_of_the_unit(stage: TerminationStage, state: str) -> None:
    """As the specification's last sentence of W4 says; 失效 replaces every other tab (R6.6)."""
    case = stage.bring(state)
    assert _tabs(stage, case) == TABS[state]
    set_roster_presence(case.graduate_id, present=False, actor=SYSTEM)
    assert _tabs(stage, case) == {"invalid"}


def test_newest_termination_decides_the_tab(stage: TerminationStage) -> None:
    signing = stage.sign()
    stage.bring("refused", signing)
    assert _tabs(stage, stage.bring("waiting_graduate", signing)) == {"terminating"}


def _tabs(stage: TerminationStage, case: OnlineTermination) -> set[str]:
    counts = tab_counts(stage.employer, case.cohort)
    found = set()
    for tab in counts:
        ids = [one.id for one in session.scalars(signings_in_tab(stage.employer, tab, case.cohort))]
        assert counts[tab] == len(ids), tab
        if case.signing_id in ids:
            found.add(tab)
    return found


def test_removed_graduate_stands_still_and_comes_back(stage: TerminationStage) -> None:
    """失效: the state is kept, every event is refused; restored it goes on (R4.7)."""
    case = stage.bring("waiting_employer")
    set_roster_presence(case.graduate_id, present=False, actor=SYSTEM)
    presses: list[tuple[str, Any, dict[str, Any]]] = [
        ("agree", stage.employer, {}),
        ("refuse", stage.employer, {}),
        ("withdraw", stage.graduate, {}),
        ("force", stage.school, FORCE),
    ]
    for event, actor, data in presses:
        with pytest.raises(Conflict) as refusal:
            fire(case, event, actor, **data)
        assert refusal.value.code == "invalid"
    session.refresh(case)
    assert (case.state, case.invalid_since is None) == ("waiting_employer", False)
    set_roster_presence(case.graduate_id, present=True, actor=SYSTEM)
    assert fire(case, "agree", stage.employer).state == "dept_review"


def test_school_that_reviews_alone(undone: None) -> None:
    """The mode is stamped when the application enters the review (R3.3)."""
    people = Stage("employer1", "graduate7", "dept10001a", "school10002")
    signing = invite(people.employer, people.graduate)
    fire_signing(signing, "accept", people.graduate)
    fire_signing(signing, "approve", people.school)
    case = ask(signing, people.graduate)
    assert case.review_mode is None
    case = fire(case, "agree", people.employer)
    assert (case.state, case.review_mode) == ("school_review", "school")
    assert case.student is not None
    assert fire(case, "approve", people.school).state == "approved"


@pytest.fixture
def words() -> Callable[[Any, Any], str]:
    """A function: what the reader calls the state."""
    from app.termination.online.workflow import ONLINE_TERMINATION

    return ONLINE_TERMINATION.label_of


def test_refusal_says_who_refused(stage: TerminationStage, words: Callable[[Any, Any], str]) -> None:
    signing = stage.sign()
    assert words(stage.bring("refused", signing), stage.school) == "单位拒绝解约（解约失败）"
    assert words(stage.bring("refused", signing, by="employer"), stage.school) == "学生拒绝解约（解约失败）"


@pytest.mark.parametrize("account", ["operator", "province11", "school10001", "dept10001a"])
def test_staff_start_nothing(stage: TerminationStage, account: str) -> None:
    """Only the two sides may ask for the end of their agreement."""
    with pytest.raises(Forbidden):
        start_termination(stage.sign().id, {"reason": "x"}, actor=user(account))
