"""How the link reaches the unit: who sends it, where it goes, what the letter keeps, and who sees that it did not go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text

from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Invalid, Throttled
from app.base.settings import settings
from app.passcodes.phones import account_of_person
from app.signing.paper.models import OfflineSigning
from app.signing.paper.services.upload_links import create_upload_link, last_link
from app.workflow.models import OutboxMessage
from tests.fixtures.pages import token
from tests.guards.walk import Caller, Column
from tests.signing.paper.stage import PaperStage
from tests.signing.stage import user

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


def test_only_the_hash_is_kept_and_the_letter_forgets(
    case: OfflineSigning, stage: PaperStage, drain: Callable[..., int]
) -> None:
    """The token stands nowhere in clear, and in no form once the letter has gone."""
    token = send(case, stage, phone="13900001111", email="hr@example.com")
    link = last_link(case)
    assert link is not None
    assert link.sent_to == "139****1111、h***@example.com"
    assert len(token) == 32
    kept = [bytes(one) for one in session.scalars(text("SELECT payload FROM outbox WHERE kind = 'letter'"))]
    assert len(kept) == 2
    assert not any(said in one for one in kept for said in (token.encode(), b"13900001111"))
    drain()
    session.expire_all()
    for message in session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "letter")):
        assert message.status == "done"
        assert not {"address", "secrets"} & set(message.payload)


def test_operators_see_a_letter_that_did_not_go(
    case: OfflineSigning, stage: PaperStage, drain: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A provider that is away: the letter stands among what was not delivered, and is sent by a new try (R10.2)."""
    from app.notices import services
    from app.notices.channels.base import Unavailable
    from app.notices.channels.development import DevelopmentChannel

    def away(_channel: Any, _letter: Any) -> str:
        raise Unavailable("unreachable")

    send(case, stage)
    query = select(OutboxMessage).where(OutboxMessage.kind == "letter", services.is_undelivered())
    with monkeypatch.context() as patch:
        patch.setattr(DevelopmentChannel, "send", away)
        drain(failures=True)
        session.expire_all()
        letter = session.scalars(query).one()
        assert "unreachable" in (letter.last_error or "")
        assert services.template_title(letter.payload["template"]) == "请回传盖章的就业协议书"
    assert services.retry_notices([letter.id], actor=user("operator")) == 1
    drain(failures=True)
    session.expire_all()
    assert session.scalars(query).all() == []


def test_a_letter_does_not_go_after_its_link(
    case: OfflineSigning, stage: PaperStage, drain: Callable[..., int]
) -> None:
    """What waited too long leads nowhere any more."""
    send(case, stage)
    with time_machine.travel(clock.now() + timedelta(days=8), tick=True):
        drain(failures=True)
    session.expire_all()
    letter = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "letter")).one()
    assert (letter.status, letter.last_error) == ("failed", "Refused: too_late")


def test_links_are_the_graduates_alone(api: Api, case: OfflineSigning, stage: PaperStage) -> None:
    """Another graduate's record is not there (404), reviewers may not (403), in other states not now (409)."""
    path = f"/offline_signing/{case.id}/upload_link"
    assert api("graduate2").post(path, MOBILE).status_code == 404
    assert api("employer1").post(path, MOBILE).status_code == 404
    assert api("school10002").post(path, MOBILE).status_code == 404
    for name in ("school10001", "dept10001a", "province11", "operator"):
        assert api(name).post(path, MOBILE).status_code == 403
        assert api(name).delete(path).status_code == 403
    made = api("graduate1").post(path, {"email": "hr@example.com"})
    assert made.status_code == 201
    assert {"url", "expires_at"} <= set(made.get_json())
    assert made.get_json()["url"].startswith("http")
    assert api("graduate1").delete(path).status_code == 200
    assert api("graduate1").delete(path).status_code == 404
    draft = PaperStage("graduate2").offline("draft")
    early = api("graduate2").post(f"/offline_signing/{draft.id}/upload_link", MOBILE)
    assert (early.status_code, early.get_json()["code"]) == (409, "wrong_state")


def test_graduate_never_reads_a_link_that_is_really_sent(
    api: Api, app: Flask, case: OfflineSigning, change_settings: Callable[..., None]
) -> None:
    """Neither from the API nor from the page; whoever has it would act as the unit."""
    path = f"/offline_signing/{case.id}/upload_link"
    server = {"SMTP_HOST": "127.0.0.1", "SMTP_FROM": "platform@example.cn", "SMTP_SECURITY": "none"}
    change_settings(environ={**settings().environ, **server})
    made = api("graduate1").post(path, {"email": "hr@example.com"})
    assert (made.status_code, set(made.get_json())) == (201, {"sent_to", "expires_at"})
    both = api("graduate1").post(path, {"email": "hr@example.com", **MOBILE})  # one of them is really sent
    assert (both.status_code, set(both.get_json())) == (201, {"sent_to", "expires_at"})
    browser = Caller(app, Column("graduate", "graduate1")).client
    page = f"/graduate/offline/{case.id}"
    form = {"email": "hr@example.com", "csrf_token": token(browser.get(page).text)}
    assert browser.post(f"{page}/link", data=form).status_code == 302
    assert "/upload/" not in browser.get(page).text


def test_a_link_is_not_sent_to_the_graduate(api: Api, case: OfflineSigning, stage: PaperStage) -> None:
    own = session.get_one(OfflineSigning, case.id).graduate
    account = account_of_person(bytes(own.id_number_index))
    assert account is not None
    with transaction():
        account.mobile, account.email = "13900001234", "own@person.example"
    for name, address in (("phone", own.mobile), ("phone", account.mobile), ("email", account.email)):
        answer = api("graduate1").post(f"/offline_signing/{case.id}/upload_link", {name: address})
        assert (answer.status_code, set(answer.get_json()["errors"])) == (422, {name})


@pytest.mark.parametrize(
    "body", [{"phone": "010-62510000"}, {"phone": "x"}, {"email": "nobody"}, {"phone": 7}, {"email": ["a@b.cn"]}]
)
def test_wrong_addresses_are_named(api: Api, case: OfflineSigning, body: dict[str, Any]) -> None:
    answer = api("graduate1").post(f"/offline_signing/{case.id}/upload_link", body)
    assert answer.status_code == 422
    assert set(answer.get_json()["errors"]) == set(body)


def test_without_address_the_units_contact_gets_it(api: Api, case: OfflineSigning) -> None:
    made = api("graduate1").post(f"/offline_signing/{case.id}/upload_link")
    assert (made.status_code, made.get_json()["sent_to"]) == (201, "138****2222")


def test_a_phone_is_not_flooded(case: OfflineSigning, stage: PaperStage) -> None:
    for _ in range(5):
        send(case, stage)
    with pytest.raises(Throttled):
        send(case, stage)
    assert send(case, stage, email="hr@example.com")


def test_void_tells_the_units_contact(stage: PaperStage, drain: Callable[..., int]) -> None:
    """The unit has no account: its contact gets a text message (R8.9)."""
    case = stage.offline("voided")
    query = select(OutboxMessage).where(OutboxMessage.kind == "letter", OutboxMessage.case_id == case.id)
    letter = session.scalars(query).one()
    assert letter.payload["template"] == "paper_voided"
    drain()
    session.expire_all()
    assert session.scalars(query).one().status == "done"


def test_units_are_found_by_credit_code(stage: PaperStage) -> None:
    """A verified unit is offered to fill in; one nobody knows is not; nonsense is named."""
    from app.base.errors import Forbidden
    from app.employers.models import Employer
    from app.signing.paper.services.writing import unit_of_credit_code

    known = session.get_one(Employer, user("employer1").employer_id)
    found = unit_of_credit_code(f" {(known.uscc or '').lower()} ", actor=stage.graduate)
    assert found.facts is not None
    assert (found.facts["name"], found.facts["nature"], found.warning) == (known.name, known.nature, None)
    assert unit_of_credit_code("91130104MA08Y7FL6L", actor=stage.graduate).facts is None
    with pytest.raises(Invalid):
        unit_of_credit_code("x", actor=stage.graduate)
    with pytest.raises(Forbidden):
        unit_of_credit_code("91130104MA08Y7FL6L", actor=user("employer1"))
