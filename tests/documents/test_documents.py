"""The agreement of a signed case: made once by the worker, the same for ever, for those in scope; or why it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access.accounts import account_of_user
from app.access.actors import Actor
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, NotFound
from app.documents import handlers, services
from app.documents.errors import DocumentRejected
from app.documents.models import StoredFile
from app.documents.queries import document_of, is_unmade, why_no_document
from app.documents.storage import storage
from app.signing.online.models import OnlineSigning
from app.workflow import delivery
from app.workflow.models import OutboxMessage
from tests.documents.pdf import bare_text
from tests.signing.stage import Stage, fire, user


@pytest.fixture
def stage(fresh_database: str, app_context: Flask) -> Stage:
    """A unit, a graduate, a department and a school."""
    return Stage("employer1", "graduate1", "dept10001a", "school10001")


@pytest.fixture
def signed(stage: Stage) -> OnlineSigning:
    """A signing that the school has just approved; nothing is delivered yet."""
    return stage.bring("signed")


def order_of(case: OnlineSigning) -> OutboxMessage:
    """The message that ordered the agreement."""
    query = select(OutboxMessage).where(OutboxMessage.kind == "document", OutboxMessage.case_id == case.id)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def rewrite(case: OnlineSigning, **parts: Any) -> None:
    """Change the frozen data behind the program's back."""
    with transaction():
        case.snapshot = {**(case.snapshot or {}), **parts}


def test_agreement_of_a_signed_case_is_made_and_kept(signed: OnlineSigning) -> None:
    assert services.document_file(signed) is None
    assert delivery.deliver(order_of(signed).id)
    found = services.document_file(signed)
    assert found is not None
    text = bare_text(found[0].read())
    assert signed.snapshot is not None
    for words in (signed.number, signed.snapshot["graduate"]["name"], signed.snapshot["employer"]["name"], "学校鉴证"):
        assert str(words) in text
    assert found[1] == f"就业协议书 {signed.number}.pdf"


def test_graduates_proof_stands_on_the_agreement_as_in_the_history(signed: OnlineSigning, stage: Stage) -> None:
    from app.workflow import history

    step = next(row for row in history.of_case("online_signing", signed.id) if row.event == "accept")
    assert step.proof is not None
    assert delivery.deliver(order_of(signed).id)
    found = services.document_file(signed)
    assert found is not None
    text = bare_text(found[0].read())
    assert f"经短信验证码（{step.proof['sent_to']}）确认" in text
    account = account_of_user(stage.graduate.user_id or 0)
    assert account.mobile is not None
    assert account.mobile not in text.partition("经短信验证码")[2]


def test_repetition_leaves_the_first_agreement(signed: OnlineSigning, stage: Stage) -> None:
    handlers.make_document(order_of(signed))
    first = document_of("online_signing", signed.id)
    assert first is not None
    fire(signed, "edit_category", stage.school, category="24")
    rewrite(signed, clauses="另外的条款")
    handlers.make_document(order_of(signed))
    services.keep_document(signed, "agreement", b"something else", name="x.pdf")
    session.expire_all()
    again = document_of("online_signing", signed.id)
    assert again is not None
    assert (again.id, again.sha256) == (first.id, first.sha256)
    assert session.scalar(select(func.count()).select_from(StoredFile)) == 1


def test_worker_killed_before_the_commit_makes_the_same_file_again(
    signed: OnlineSigning, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(services, "document_of", killed)
        with pytest.raises(KeyboardInterrupt):
            delivery.deliver(order_of(signed).id)
    assert document_of("online_signing", signed.id) is None
    assert delivery.deliver(order_of(signed).id)
    assert services.document_file(signed) is not None


def test_what_cannot_be_printed_is_said_on_the_record(signed: OnlineSigning) -> None:
    rewrite(signed, clauses="包吃住😀")
    assert not delivery.deliver(order_of(signed).id)
    message = order_of(signed)
    assert message.status == "failed"
    reason = why_no_document("online_signing", signed.id)
    assert reason is not None
    assert "😀 (U+1F600)" in reason
    assert "补充条款" in reason
    with pytest.raises(Conflict) as refused:
        services.document_file(signed)
    assert refused.value.message == reason
    assert refused.value.code == "document_failed"


def test_a_fault_of_ours_is_not_read_to_people(signed: OnlineSigning, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a bug says is for the operators."""

    def broken(*_given: object, **_more: object) -> None:
        raise KeyError("No space left on device")

    monkeypatch.setattr(handlers, "keep_document", broken)
    monkeypatch.setattr(delivery, "MAX_ATTEMPTS", 1)
    assert not delivery.deliver(order_of(signed).id)
    message = order_of(signed)
    assert (message.status, message.error_code) == ("failed", "unexpected")
    assert "No space left" in (message.error_detail or "")
    reason = why_no_document("online_signing", signed.id)
    assert reason is not None
    assert "No space" not in reason
    assert "客服" in reason


def test_a_disk_that_is_full_for_days_loses_no_agreement(
    signed: OnlineSigning, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Far more tries than make a dead letter elsewhere; the operators see it, and make it by hand or wait."""

    def full(*_given: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as outage:
        outage.setattr(handlers, "keep_document", full)
        outage.setattr(delivery, "MAX_ATTEMPTS", 2)
        for _hour in range(4):
            assert not delivery.deliver(order_of(signed).id)
        assert order_of(signed).status == "queued"
        assert why_no_document("online_signing", signed.id) is None, "it may still come"
        assert session.scalars(select(OutboxMessage.case_id).where(is_unmade())).all() == [signed.id]
    operator, school = (user(name) for name in ("operator", "school10001"))
    with pytest.raises(Forbidden):
        services.make_again([order_of(signed).id], actor=school)
    assert services.make_again([order_of(signed).id], actor=operator) == 1
    assert delivery.deliver(order_of(signed).id)
    assert services.document_file(signed) is not None
    assert services.make_again([order_of(signed).id], actor=operator) == 0


def test_failed_agreement_is_made_after_a_retry(signed: OnlineSigning) -> None:
    clauses = (signed.snapshot or {})["clauses"]
    rewrite(signed, clauses="😀")
    delivery.deliver(order_of(signed).id)
    rewrite(signed, clauses=clauses)
    delivery.retry([order_of(signed).id])
    assert delivery.deliver(order_of(signed).id)
    assert why_no_document("online_signing", signed.id) is None
    assert services.document_file(signed) is not None


def test_a_case_without_agreement_says_so(stage: Stage) -> None:
    with pytest.raises(NotFound):
        services.document_file(stage.bring("invited"))


def test_a_file_changed_on_the_disk_is_not_handed_out(signed: OnlineSigning) -> None:
    handlers.make_document(order_of(signed))
    file = document_of("online_signing", signed.id)
    assert file is not None
    path = storage().folder / file.sha256.hex()[:2] / file.sha256.hex()  # type: ignore[attr-defined]
    content = path.read_bytes()
    try:
        path.write_bytes(content[:-1] + b"X")
        with pytest.raises(DocumentRejected):
            services.read_file(file)
        path.unlink()
        with pytest.raises(DocumentRejected):
            services.read_file(file)
    finally:
        path.write_bytes(content)


@pytest.mark.parametrize(
    ("username", "sees"),
    [
        *[(name, True) for name in ("operator", "province11", "school10001", "dept10001a", "employer1", "employer1b")],
        *[(name, False) for name in ("province32", "school10002", "dept10001b", "employer2", "graduate2")],
        ("graduate1", True),
    ],
)
def test_files_are_in_the_scope_of_their_case(
    signed: OnlineSigning, actor_of: Callable[[str], Actor], username: str, sees: bool
) -> None:
    handlers.make_document(order_of(signed))
    session.commit()
    file = document_of("online_signing", signed.id)
    assert file is not None
    actor = actor_of(username)
    if sees:
        assert services.attachment_for(file.id, actor=actor).id == file.id
    else:
        with pytest.raises(NotFound):
            services.attachment_for(file.id, actor=actor)


def test_file_over_the_api(signed: OnlineSigning, app: Flask, api: Callable[..., Any]) -> None:
    handlers.make_document(order_of(signed))
    session.commit()
    file = document_of("online_signing", signed.id)
    assert file is not None
    number, content = file.id, services.read_file(file)
    answer = api("graduate1").get(f"/attachments/{number}")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.data == content
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert api("graduate2").get(f"/attachments/{number}").status_code == 404
    assert api("graduate1").get("/attachments/999999").status_code == 404
    assert app.test_client().get(f"/api/v1/attachments/{number}").status_code == 401
