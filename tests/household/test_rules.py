"""Rules of archive and hukou: settings, types on offer, needed fields, what replaces what, what the unit's letter locks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from app.access.actors import SYSTEM
from app.base.clock import SHANGHAI
from app.base.database import savepoint, session
from app.base.errors import Conflict, Forbidden, Invalid
from app.cases.services import begin_case, edit_case
from app.household.models import model_of
from app.household.proposals import proposal_for
from app.household.records import warnings_of
from app.household.types import FIELDS, NOT_AT_SCHOOL, TO_UNIT, needs_of
from app.roster.models import Graduate
from app.schools.models import SchoolSetting
from app.workflow import engine, registry
from app.workflow.models import History, OutboxMessage
from tests.household.stage import REJECT, RETURN, Stage, body, data_of, declared_types, kept_of, reload
from tests.signing.stage import ARCHIVE, fire, invite, user

EVENTS = ("submit", "withdraw", "amend", "approve", "return", "reject", "replace", "ems_change")
pytestmark = pytest.mark.usefixtures("undone")


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_is_refused_for_removed_graduates(stage: Stage, event: str) -> None:
    """失效 keeps the state and refuses every step (R4.7)."""
    case = stage.create()
    case.invalid_since = case.created_at
    session.flush()
    for actor in (stage.graduate, stage.department, stage.school, SYSTEM):
        with pytest.raises((Forbidden, Conflict)):
            engine.fire(stage.kind, case.id, event, actor=actor, data=data_of(stage.kind, event))
    assert reload(case).state == "dept_review"


@pytest.mark.parametrize(("holds", "works_on"), [("archive", "hukou"), ("hukou", "archive"), ("employment", "hukou")])
def test_a_module_does_not_open_another(stage_of: Callable[..., Stage], holds: str, works_on: str) -> None:
    """读写 on one module alone opens nothing of another (R1.4)."""
    stage = stage_of(works_on)
    case = stage.create()
    stranger = replace(stage.department, modules={holds: "rw"})
    for event in ("approve", "return", "reject"):
        with pytest.raises(Forbidden):
            engine.fire(works_on, case.id, event, actor=stranger, data=data_of(works_on, event))
    reader = replace(stage.department, modules={works_on: "ro"})
    assert engine.load(registry.get(works_on), case.id, actor=reader).id == case.id
    with pytest.raises(Forbidden) as refused:
        engine.fire(works_on, case.id, "approve", actor=reader)
    assert refused.value.code == "read_only"


def _setting(kind: str, **values: object) -> None:
    session.execute(update(SchoolSetting).where(SchoolSetting.module == kind).values(**values))
    session.expire_all()


def test_nothing_can_be_registered_before_the_school_has_opened(stage: Stage) -> None:
    """The module's own settings gate it, not those of signing (R3.6)."""
    draft = stage.create(submit=False)
    _setting(stage.kind, open=False)
    with pytest.raises(Conflict) as refused:
        stage.fire(draft, "submit", stage.graduate)
    assert refused.value.code == "school_not_open"
    other = Stage(stage.kind, "graduate2")
    for submit in (True, False):
        with pytest.raises(Conflict) as refused:
            other.create(submit=submit)
        assert refused.value.code == "school_not_open"


def test_only_types_on_offer_can_be_submitted(stage: Stage) -> None:
    """What the school does not offer is refused at the type; a draft may still hold it (R3.6)."""
    _setting(stage.kind, types=["4", "9"])
    with pytest.raises(Invalid) as refused, savepoint():
        stage.create("3")
    assert list(refused.value.errors) == ["transfer_type"]
    draft = stage.create("3", submit=False)
    with pytest.raises(Invalid):
        stage.fire(draft, "submit", stage.graduate)
    edit_case(stage.kind, draft.id, body(stage.kind, "9"), actor=stage.graduate)
    assert stage.fire(draft, "submit", stage.graduate).state == "dept_review"


def test_each_type_needs_exactly_its_fields(stage: Stage) -> None:
    """For every type: complete is taken, each required field left out is refused there, the rest may be missing."""
    for transfer_type in declared_types(stage.kind):
        needs = needs_of(stage.kind, transfer_type)
        for name in FIELDS[stage.kind]:
            draft = stage.create(transfer_type, submit=False, **{name: None})
            if name in needs.required:
                with pytest.raises(Invalid) as refused:
                    stage.fire(draft, "submit", stage.graduate)
                assert list(refused.value.errors) == [name], (transfer_type, name)
            else:
                assert stage.fire(draft, "submit", stage.graduate).state in ("dept_review", "approved")
            session.delete(reload(draft))
            session.flush()
        case = stage.create(transfer_type)
        assert set(case.data) == {"transfer_type", *needs.fields}
        session.delete(case)
        session.flush()


@pytest.mark.parametrize(
    "wrong",
    [
        {"transfer_type": "99"},
        {"region": "999999"},
        {"address": "长" * 129},
        {"address": 5},
        {"phone": "12"},
        {"postcode": "1234"},
        {"receiver": ["x"]},
    ],
)
def test_a_draft_is_checked_for_kinds_and_codes(stage: Stage, wrong: dict[str, object]) -> None:
    """Also a draft refuses what can never be right, at the field."""
    name = next(iter(wrong))
    if name not in ("transfer_type", *FIELDS[stage.kind]):
        return
    for submit in (True, False):
        with pytest.raises(Invalid) as refused:
            begin_case(stage.kind, {**body(stage.kind), **wrong}, actor=stage.graduate, submit=submit)
        assert list(refused.value.errors) == [name]


def test_the_record_in_force_stays_until_the_new_one_is_approved(stage: Stage) -> None:
    """A change is a new record; return and rejection of it leave the old one in force."""
    old = stage.approve(stage.create("3"))
    change = stage.create("9")
    assert reload(old).state == "approved"
    stage.fire(change, "return", stage.department, **RETURN)
    assert reload(old).state == "approved"
    stage.fire(change, "submit", stage.graduate)
    stage.fire(change, "approve", stage.department)
    assert reload(old).state == "approved"
    stage.fire(change, "approve", stage.school)
    assert (reload(old).state, reload(change).state) == ("replaced", "approved")
    steps = session.scalars(
        select(History.event)
        .where(History.workflow == stage.kind, History.case_id.in_((old.id, change.id)))
        .order_by(History.id)
    )
    assert list(steps)[-2:] == ["replace", "approve"]
    third = stage.create("3")
    stage.fire(third, "reject", stage.department, **REJECT)
    assert reload(change).state == "approved"


def test_approval_with_latest_student_and_a_record_to_replace(stage: Stage) -> None:
    """Taking over the student's data and replacing the old record do not disturb each other."""
    stage.approve(stage.create("3"))
    change = stage.create("9")
    stage.fire(change, "approve", stage.department)
    graduate = session.get_one(Graduate, stage.graduate.graduate_id)
    graduate.student_number = "X-1"  # unwritten, as the effect before leaves it
    assert stage.fire(change, "approve", stage.school).state == "approved"
    session.expire_all()
    assert session.get_one(Graduate, stage.graduate.graduate_id).student_number == "X-1"


def test_one_record_on_its_way(stage: Stage) -> None:
    """Draft, review and returned exclude a second one; after a rejection one begins afresh."""
    case = stage.create(submit=False)
    for event, actor in (("submit", stage.graduate), ("return", stage.department)):
        with pytest.raises(Conflict) as refused:
            stage.create()
        assert refused.value.code == "open_record"
        case = stage.fire(case, event, actor, **data_of(stage.kind, event))
    stage.fire(case, "submit", stage.graduate)
    stage.fire(case, "reject", stage.department, **REJECT)
    assert stage.create().state == "dept_review"


def test_withdraw_before_any_decision_of_the_round(stage: Stage) -> None:
    """Back to the draft until the department has decided; after that the school's word is waited for."""
    case = stage.create()
    assert stage.fire(case, "withdraw", stage.graduate).state == "draft"
    stage.fire(case, "submit", stage.graduate)
    stage.fire(case, "approve", stage.department)
    with pytest.raises(Conflict) as refused:
        stage.fire(case, "withdraw", stage.graduate)
    assert refused.value.code == "already_decided"


def test_opinions_are_kept_until_the_next_submission(stage: Stage) -> None:
    """The reviewer's words stand at the fields until the graduate submits again."""
    case = stage.create()
    case = stage.fire(case, "return", stage.department, **RETURN)
    assert case.opinions == RETURN
    edit_case(stage.kind, case.id, body(stage.kind, "9"), actor=stage.graduate)
    assert stage.fire(case, "submit", stage.graduate).opinions is None


def test_what_has_been_submitted_cannot_be_edited(stage: Stage) -> None:
    """Editing is for drafts and returned records of one's own."""
    case = stage.create()
    with pytest.raises(Conflict):
        edit_case(stage.kind, case.id, body(stage.kind), actor=stage.graduate)
    with pytest.raises(Forbidden):
        edit_case(stage.kind, case.id, body(stage.kind), actor=stage.department)


def test_changes_end_on_the_last_day_of_august(stage: Stage) -> None:
    """Until 31 August of the year of graduation an approved record can be changed; a first one is always possible."""
    stage.approve(stage.create("3"))
    last = datetime(stage_cohort(stage), 8, 31, 23, 59, tzinfo=SHANGHAI)
    with time_machine.travel(last, tick=False):
        draft = stage.create("9", submit=False)
    with time_machine.travel(last.replace(month=9, day=1), tick=False):
        with pytest.raises(Conflict) as refused:
            stage.fire(draft, "submit", stage.graduate)
        assert refused.value.code == "changes_closed"
        assert Stage(stage.kind, "graduate2").create().state == "dept_review"


def stage_cohort(stage: Stage) -> int:
    """The graduate's year of graduation."""
    return session.get_one(Graduate, stage.graduate.graduate_id).cohort


def test_hukou_not_at_school_is_approved_in_the_same_step(stage_of: Callable[..., Stage]) -> None:
    """No reviewer is asked; the program approves in the transaction of the submission, and an old record gives way."""
    stage = stage_of("hukou")
    old = stage.approve(stage.create("3"))
    case = begin_case("hukou", {"transfer_type": NOT_AT_SCHOOL}, actor=stage.graduate)
    assert (case.state, case.data) == ("approved", {"transfer_type": NOT_AT_SCHOOL})
    assert reload(old).state == "replaced"
    rows = session.execute(
        select(History.event, History.role).where(History.workflow == "hukou", History.case_id == case.id)
    ).all()
    assert [tuple(row) for row in rows] == [
        ("create", "graduate"),
        ("submit", "graduate"),
        ("approve_unreviewed", "system"),
    ]
    told = session.scalars(select(OutboxMessage).where(OutboxMessage.workflow == "hukou", OutboxMessage.kind == "ems"))
    assert [message.payload["values"]["transfer_type"] for message in told] == ["3", "0"]


def test_others_are_never_approved_without_a_review(stage_of: Callable[..., Stage]) -> None:
    """The program's approval is refused for every other type."""
    stage = stage_of("hukou")
    case = stage.create("3")
    with pytest.raises(Conflict):
        engine.fire("hukou", case.id, "approve_unreviewed", actor=SYSTEM)


def _sign(stage: Stage, **letter: object) -> None:
    case = invite(user("employer1"), stage.graduate, **letter)
    fire(case, "accept", stage.graduate)
    fire(case, "approve", stage.department)
    fire(case, "approve", stage.school)
    session.expire_all()


def _graduate(stage: Stage) -> Graduate:
    return session.get_one(Graduate, stage.graduate.graduate_id, options=Graduate.eager_options())


def test_the_letter_of_the_unit_is_copied_and_locked(stage_of: Callable[..., Stage]) -> None:
    """Where the unit takes the archive, its data are copied; typing something else is refused at the field."""
    stage = stage_of("archive")
    _sign(stage, archive=ARCHIVE)
    proposal = proposal_for("archive", _graduate(stage))
    assert proposal.transfer_type == TO_UNIT
    assert proposal.values["receiver"] == ARCHIVE["receiver"]
    with pytest.raises(Invalid) as refused, savepoint():
        stage.create(TO_UNIT)
    assert set(refused.value.errors) == {"receiver", "address", "contact", "phone", "postcode"}
    case = begin_case("archive", {"transfer_type": TO_UNIT, "region": "110105"}, actor=stage.graduate)
    assert case.data == {
        "transfer_type": TO_UNIT,
        "region": "110105",
        **{name: ARCHIVE[name] for name in ("receiver", "address", "contact", "phone", "postcode")},
    }
    assert set(case.copied) == {"receiver", "address", "contact", "phone", "postcode"}
    assert warnings_of(case) == []


def test_another_type_than_the_letters_is_only_warned_about(stage_of: Callable[..., Stage]) -> None:
    """The school decides; the reviewer is told what the letter says."""
    stage = stage_of("archive")
    _sign(stage, archive=ARCHIVE)
    assert any("信" in text or "letter" in text for text in warnings_of(stage.create("3")))


def test_hukou_of_the_letter(stage_of: Callable[..., Stage]) -> None:
    """The address is the unit's; the region is typed."""
    stage = stage_of("hukou")
    _sign(stage, hukou={"accept": True, "optional": True, "address": "集体户 3 号"})
    case = begin_case("hukou", {"transfer_type": TO_UNIT, "region": "110105"}, actor=stage.graduate)
    assert case.data["address"] == "集体户 3 号"


def test_proposals_follow_the_domain(stage: Stage) -> None:
    """Without anything else the archive and the hukou go back to the place of origin."""
    graduate = _graduate(stage)
    proposal = proposal_for(stage.kind, graduate)
    assert (proposal.transfer_type, proposal.values["region"]) == ("4", graduate.origin_region)


def test_the_receiver_should_not_be_the_graduate(stage_of: Callable[..., Stage]) -> None:
    """Warned about, never refused."""
    stage = stage_of("archive")
    case = stage.create("3", contact=stage.graduate.name)
    assert len(warnings_of(case)) == 1
    assert warnings_of(reload(case)) != []


def test_the_reviewer_corrects_the_record(stage: Stage) -> None:
    """amend keeps the state, writes before and after into the history, tells the graduate, and needs a complete record."""
    case = stage.create("3")
    with pytest.raises(Invalid):
        stage.fire(case, "amend", stage.department, **body(stage.kind, "9"))
    with pytest.raises(Invalid) as refused:
        stage.fire(case, "amend", stage.department, **{**body(stage.kind, "9", address=None), "reason": "更正"})
    assert list(refused.value.errors) == ["address"]
    case = stage.fire(case, "amend", stage.department, **{**body(stage.kind, "9", address="新址"), "reason": "更正"})
    assert (case.state, case.data["address"]) == ("dept_review", "新址")
    step = session.scalars(select(History).where(History.workflow == stage.kind).order_by(History.id.desc())).first()
    assert step is not None
    assert step.detail["changes"]["address"] == kept_of(stage.kind, "文三路 9 号 201 室", "新址")


def test_drafts_are_the_graduates_own(stage: Stage) -> None:
    """Another graduate neither sees nor changes them."""
    case = stage.create(submit=False)
    stranger = user("graduate2")
    from app.base.errors import NotFound

    for action in (
        lambda: engine.fire(stage.kind, case.id, "submit", actor=stranger),
        lambda: edit_case(stage.kind, case.id, body(stage.kind), actor=stranger),
    ):
        with pytest.raises(NotFound):
            action()
    assert session.get_one(model_of(stage.kind), case.id).state == "draft"


def test_not_confirmed_and_closed_cohorts(app_context: Flask, kind: str) -> None:
    """Confirmation of the basic information and an operable cohort come first (R1.9, R4.3)."""
    old = user("graduate19")
    with pytest.raises(Conflict) as refused:
        begin_case(kind, body(kind), actor=old)
    assert refused.value.code in ("cohort_closed", "school_not_open")
