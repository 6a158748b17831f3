"""The link by which a unit hands in the stamped copy: who sends it, what it opens, and when it ends (R7.6)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app.access.audit import AuditLine
from app.base import clock
from app.base.database import session
from app.base.errors import Conflict, Invalid, NotFound, Throttled, UnsupportedMedia
from app.cases.attachments import files_of
from app.cases.services import begin_case
from app.documents.models import StoredFile
from app.signing.paper.models import OfflineSigning, UploadLink
from app.signing.paper.services import visits
from app.signing.paper.services.upload_links import create_upload_link, open_link, revoke_upload_link
from app.workflow import engine, history
from app.workflow.models import OutboxMessage
from tests.signing.paper.stage import RETURN, PaperStage, picture

Api = Callable[..., Any]
IP = "203.0.113.7"
MOBILE = {"phone": "13900001111"}


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test has its own cases and counts."""


@pytest.fixture
def stage(app_context: Flask) -> PaperStage:
    """graduate1 and the reviewers."""
    return PaperStage()


@pytest.fixture
def case(stage: PaperStage) -> OfflineSigning:
    """An approved agreement that waits for the stamped copy."""
    found: OfflineSigning = stage.offline("agreement_approved")
    return found


def send(case: OfflineSigning, stage: PaperStage, **body: str) -> str:
    """The token of a new link."""
    _link, url = create_upload_link(case.id, body or MOBILE, actor=stage.graduate)
    return url.rpartition("/")[2]


def hand_in(token: str, shade: int = 90) -> None:
    """The unit uploads one picture."""
    visits.upload_by_link(token, [(picture(shade), "盖章协议.jpg")], ip=IP)


def code_of(call: Callable[[], Any]) -> str:
    """How a link is refused."""
    with pytest.raises(NotFound) as refusal:
        call()
    return refusal.value.code


def test_unit_sees_who_signs_and_hands_in_the_copy(case: OfflineSigning, stage: PaperStage) -> None:
    """Number and names, nothing else; the history names the unit; the graduate is told; the link has ended."""
    token = send(case, stage)
    seen = visits.look(token, ip=IP)
    assert (seen.number, seen.unit, seen.school) == (case.number, "清河木器厂", "北京大学")
    assert set(vars(seen)) == {"number", "unit", "graduate", "school", "expires_at"}
    hand_in(token)
    session.expire_all()
    assert session.get_one(OfflineSigning, case.id).state == "dept_review"
    step = history.of_case("offline_signing", case.id)[-1]
    assert step.proof is not None
    assert step.proof["kind"] == "link"
    assert "*" in step.proof["sent_to"]
    assert step.proof["source"] == IP
    assert (step.event, step.role, step.actor, step.source) == ("upload", "employer", "清河木器厂", IP)
    query = select(OutboxMessage.payload).where(OutboxMessage.case_id == case.id, OutboxMessage.kind == "notice")
    assert any(payload["template"] == "offline_copy_from_unit" for payload in session.scalars(query))
    files = files_of(case, "stamped_agreement")
    assert [(file.employer_id, file.created_by) for file in files] == [(None, "清河木器厂")]
    assert code_of(lambda: visits.look(token, ip=IP)) == "link_used"
    assert code_of(lambda: visits.agreement_by_link(token, ip=IP)) == "link_used"
    assert code_of(lambda: hand_in(token)) == "link_used"


def test_agreement_comes_through_the_link(case: OfflineSigning, stage: PaperStage, drain: Callable[..., int]) -> None:
    """None while the worker makes it, then the paper itself."""
    token = send(case, stage)
    assert visits.agreement_by_link(token, ip=IP) is None
    drain()
    found = visits.agreement_by_link(token, ip=IP)
    assert found is not None
    assert found[0].read(5) == b"%PDF-"


def test_a_new_link_ends_the_old_one(case: OfflineSigning, stage: PaperStage) -> None:
    old = send(case, stage)
    new = send(case, stage)
    assert code_of(lambda: visits.look(old, ip=IP)) == "link_revoked"
    assert code_of(lambda: hand_in(old)) == "link_revoked"
    assert visits.look(new, ip=IP).number == case.number


def test_a_revoked_link_opens_nothing(case: OfflineSigning, stage: PaperStage) -> None:
    token = send(case, stage)
    revoke_upload_link(case.id, actor=stage.graduate)
    assert code_of(lambda: visits.look(token, ip=IP)) == "link_revoked"
    assert code_of(lambda: hand_in(token)) == "link_revoked"
    with pytest.raises(NotFound):
        revoke_upload_link(case.id, actor=stage.graduate)
    assert (
        session.scalar(select(func.count()).select_from(StoredFile).where(StoredFile.kind == "stamped_agreement")) == 0
    )


def test_an_expired_link_opens_nothing(case: OfflineSigning, stage: PaperStage) -> None:
    token = send(case, stage)
    with time_machine.travel(clock.now() + timedelta(days=7, seconds=1), tick=True):
        assert open_link(case) is None
        assert code_of(lambda: visits.look(token, ip=IP)) == "link_expired"
        assert code_of(lambda: hand_in(token)) == "link_expired"


def test_the_graduates_own_upload_ends_the_link(case: OfflineSigning, stage: PaperStage) -> None:
    """And it does not come back to life when the graduate withdraws."""
    token = send(case, stage)
    stage.attach(case, "stamped_agreement")
    stage.fire(case, "upload", "graduate")
    assert code_of(lambda: visits.look(token, ip=IP)) == "link_revoked"
    stage.fire(case, "withdraw", "graduate")
    assert code_of(lambda: visits.look(token, ip=IP)) == "link_revoked"


def test_a_returned_copy_can_be_handed_in_by_a_new_link(case: OfflineSigning, stage: PaperStage) -> None:
    hand_in(send(case, stage))
    stage.fire(case, "return", "department", **RETURN)
    hand_in(send(case, stage), shade=30)
    session.expire_all()
    assert session.get_one(OfflineSigning, case.id).state == "dept_review"


def test_removed_graduates_link_opens_nothing(case: OfflineSigning, stage: PaperStage) -> None:
    """失效: nobody can act on the record; restored, the link works again."""
    from app.access.actors import SYSTEM
    from app.roster.services.graduates import set_roster_presence

    token = send(case, stage)
    set_roster_presence(case.graduate_id, present=False, actor=SYSTEM)
    assert code_of(lambda: hand_in(token)) == "link_revoked"
    set_roster_presence(case.graduate_id, present=True, actor=SYSTEM)
    hand_in(token)


@pytest.mark.parametrize("guess", ["", "x", "é" * 32, "a" * 32, "a" * 65, "../../etc", "%00", "0" * 64])
def test_guessed_tokens_lead_nowhere(case: OfflineSigning, stage: PaperStage, guess: str) -> None:
    send(case, stage)
    assert code_of(lambda: visits.look(guess, ip=IP)) == "no_link"


def test_guessing_is_limited_and_written_down(case: OfflineSigning, stage: PaperStage) -> None:
    """20 wrong tries from one address in ten minutes; others and right links are not counted."""
    token = send(case, stage)
    for _ in range(30):
        visits.look(token, ip=IP)
    for number in range(20):
        assert code_of(lambda: visits.look(f"{number:032d}", ip=IP)) == "no_link"  # noqa: B023
    with pytest.raises(Throttled) as refusal:
        visits.look(token, ip=IP)
    assert 0 < refusal.value.retry_after <= 600
    assert visits.look(token, ip="203.0.113.8").number == case.number
    lines = session.execute(
        select(AuditLine.detail, AuditLine.source).where(AuditLine.action == "upload_link_look")
    ).all()
    outcomes = [detail["outcome"] for detail, ip in lines]
    assert (outcomes.count("no_link"), outcomes.count("open")) == (20, 31)


def test_refused_uploads_keep_nothing(case: OfflineSigning, stage: PaperStage) -> None:
    """No file, too many, or none of the kinds: the link stays open, nothing is kept, the try is written down."""
    token = send(case, stage)
    for files, error in (
        ([], Invalid),
        ([(picture(), "a.jpg")] * 7, Invalid),
        ([(b"<html>", "a.html")], UnsupportedMedia),
        ([(picture(), "a.jpg"), (b"MZ", "b.exe")], UnsupportedMedia),
        ([(b"%PDF-1.4 broken", "a.pdf")], Invalid),
    ):
        with pytest.raises(error):
            visits.upload_by_link(token, files, ip=IP)
    assert files_of(case) == []
    assert open_link(case) is not None
    query = select(AuditLine.detail).where(AuditLine.action == "upload_link_done")
    assert {detail["outcome"] for detail in session.scalars(query)} == {"invalid", "unsupported_file"}


def test_a_link_opens_its_record_alone(case: OfflineSigning, stage: PaperStage) -> None:
    """Even the program's own doors give the visitor nothing but this one record and this one event."""
    from app.access.scope import in_scope
    from app.signing.online.models import OnlineSigning
    from app.signing.paper.workflows.offline_signing import OFFLINE_SIGNING

    other = PaperStage("graduate2").offline("agreement_approved")
    visitor = visits._visitor(case, IP)
    with pytest.raises(NotFound):
        engine.load(OFFLINE_SIGNING, other.id, actor=visitor)
    assert engine.available(case, visitor) == ["upload"]
    for model in (StoredFile, OnlineSigning, UploadLink):
        assert session.scalar(select(func.count()).select_from(model).where(in_scope(model, visitor))) == 0
    session.rollback()


def test_unit_is_refused_while_the_graduate_is_bound_elsewhere(case: OfflineSigning, stage: PaperStage) -> None:
    """One at a time holds for the unit too; it is told whom to ask, and the link stays open."""
    token = send(case, stage)
    other = PaperStage().supplementary("dept_review")
    with pytest.raises(Conflict) as refusal:
        hand_in(token)
    assert refusal.value.code == "in_review_elsewhere"
    stage.fire(other, "withdraw", "graduate")
    hand_in(token)


def test_after_the_season_the_link_changes_nothing(app: Flask, stage: PaperStage) -> None:
    """Units need an operable cohort as graduates do (R4.3)."""
    late = PaperStage("graduate18", school="school10002")
    case = _approved_by_school_alone(late)
    token = send(case, late)
    with time_machine.travel(clock.now().replace(year=2027, month=2, day=1), tick=True):
        session.execute(UploadLink.__table__.update().values(expires_at=clock.now() + timedelta(days=1)))
        session.commit()
        with pytest.raises(Conflict) as refusal:
            hand_in(token)
        assert refusal.value.code == "cohort_closed"


def _approved_by_school_alone(stage: PaperStage) -> Any:
    from tests.signing.paper.stage import application

    case = begin_case("offline_signing", application(), actor=stage.graduate)
    return stage.fire(case, "approve", "school")
