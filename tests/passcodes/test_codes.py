"""Verification codes: one purpose, ten minutes, five tries, once; what is stored, sent and shown."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.access import throttle
from app.access.actors import EMPLOYER
from app.base import clock
from app.base.crypto import blind_index
from app.base.database import session, transaction
from app.base.errors import Invalid, Throttled
from app.notices import channels
from app.notices.channels.base import Message, Refused
from app.passcodes import services as codes
from app.passcodes.models import RECOVERY, REGISTRATION, VerificationCode
from app.workflow.models import OutboxMessage

pytestmark = pytest.mark.usefixtures("app_context")


def issue(address: str, **options: Any) -> VerificationCode:
    return codes.issue_code(REGISTRATION, blind_index(address), address, reader=EMPLOYER, ip="10.0.0.1", **options)


def wrong(code: str | None) -> str:
    return f"{(int(code or 0) + 1) % 10**6:06d}"


class Phone:
    """A channel that keeps what it was given."""

    name, voluntary = "sms", False

    def __init__(self, error: Exception | None = None) -> None:
        self.messages: list[Message] = []
        self.error = error

    def addresses(self, user_ids: Any) -> dict[int, str]:
        return {}

    def mask(self, address: str) -> str:
        return address

    def send(self, message: Message) -> str:
        if self.error:
            raise self.error
        self.messages.append(message)
        return "receipt-1"


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Phone:
    """A provider of text messages that is really configured."""
    channel = Phone()
    monkeypatch.setitem(channels.channels_in_use(), "sms", channel)
    return channel


def test_right_code_is_taken_once() -> None:
    row = issue("13900000001")
    code = str(row.sealed)
    found = codes.check_code(row.id, REGISTRATION, f" {code[:3]} {code[3:]} ")
    codes.use_code(found)
    for again in (lambda: codes.use_code(found), lambda: codes.check_code(row.id, REGISTRATION, code)):
        with pytest.raises(Invalid):
            again()


def test_code_serves_one_purpose() -> None:
    row = issue("13900000002")
    with pytest.raises(Invalid):
        codes.check_code(row.id, RECOVERY, row.sealed)
    with pytest.raises(Invalid):
        codes.check_code(None, REGISTRATION, row.sealed)


def test_sixth_try_is_refused_even_if_right() -> None:
    row = issue("13900000003")
    code = row.sealed
    for _try in range(codes.MOST_TRIES):
        with pytest.raises(Invalid):
            codes.check_code(row.id, REGISTRATION, wrong(code))
    with pytest.raises(Invalid):
        codes.check_code(row.id, REGISTRATION, code)


def test_many_guesses_at_once_are_counted_one_by_one(app: Flask) -> None:
    row = issue("13900000004")
    guess = wrong(row.sealed)

    def one(_number: int) -> bool:
        with app.app_context():
            try:
                codes.check_code(row.id, REGISTRATION, guess)
            except Invalid as error:
                return bool(error.errors)
            finally:
                session.remove()
        return False

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(20)))
    session.expire_all()
    assert session.get_one(VerificationCode, row.id).tries == codes.MOST_TRIES


def test_of_two_uses_at_once_one_gets_through(app: Flask) -> None:
    row = issue("13900000005")

    def use(_number: int) -> bool:
        with app.app_context():
            try:
                codes.use_code(session.get_one(VerificationCode, row.id))
            except Invalid:
                return False
            finally:
                session.remove()
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(use, range(6))) == 1


def test_code_ends_after_ten_minutes() -> None:
    row = issue("13900000006")
    code = str(row.sealed)
    with transaction():
        row.expires_at = clock.now() - timedelta(seconds=1)
    with pytest.raises(Invalid):
        codes.check_code(row.id, REGISTRATION, code)
    with pytest.raises(Invalid):
        codes.use_code(row)
    assert codes.open_code(row.id, REGISTRATION) is None
    codes.forget_old_codes()
    session.expire_all()
    assert session.get_one(VerificationCode, row.id).sealed is None


def test_new_code_ends_the_one_before() -> None:
    first = issue("13900000007")
    code = first.sealed
    throttle.forget(codes.PAUSE, codes.asked_by("13900000007", "10.0.0.1"))
    issue("13900000007")
    with pytest.raises(Invalid):
        codes.check_code(first.id, REGISTRATION, code)


def test_nobody_is_flooded() -> None:
    issue("13900000008")
    with pytest.raises(Throttled):
        issue("13900000008")
    for _more in range(codes.AN_HOUR.most - 1):
        throttle.forget(codes.PAUSE, codes.asked_by("13900000008", "10.0.0.1"))
        issue("13900000008")
    throttle.forget(codes.PAUSE, codes.asked_by("13900000008", "10.0.0.1"))
    with pytest.raises(Throttled) as refused:
        issue("13900000008")
    assert refused.value.retry_after > 600


def test_code_stands_nowhere_in_clear() -> None:
    row = issue("13900000009")
    stored = session.execute(text("SELECT * FROM verification_codes WHERE id = :id"), {"id": row.id}).one()
    assert all(row.sealed not in str(value) for value in stored if not isinstance(value, bytes | memoryview))
    assert all(row.sealed.encode() not in bytes(v) for v in stored if isinstance(v, bytes | memoryview))
    payloads = session.scalars(select(OutboxMessage.payload).where(OutboxMessage.kind == "code")).all()
    assert payloads
    assert not any(row.sealed in str(payload) for payload in payloads)


def test_code_goes_out_by_the_channel_and_is_forgotten(phone: Phone, drain: Callable[..., int]) -> None:
    row = issue("13900000010")
    code = row.sealed
    assert codes.shown_code(row) is None  # a real provider: nothing is shown on any page
    drain()
    session.expire_all()
    sent = session.get_one(VerificationCode, row.id)
    assert (sent.status, sent.sealed, sent.receipt) == ("sent", None, "receipt-1")
    (message,) = [one for one in phone.messages if one.to == "13900000010"]
    assert message.fields == {"code": code}
    assert code in message.text
    assert "10 分钟" in message.text
    assert codes.check_code(row.id, REGISTRATION, code)


def test_refusal_of_the_provider_is_told_to_operators(phone: Phone, drain: Callable[..., int]) -> None:
    phone.error = Refused("bad_number")
    row = issue("13900000011")
    drain(failures=True)
    session.expire_all()
    failed = session.get_one(VerificationCode, row.id)
    assert (failed.status, failed.attempts) == ("failed", 1)
    assert (failed.error_code, failed.error_detail) == ("bad_number", "")
    session.execute(text("DELETE FROM outbox WHERE kind = 'code'"))
    session.commit()


def test_without_a_provider_production_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.base.errors import Conflict

    monkeypatch.delitem(channels.channels_in_use(), "sms")
    with pytest.raises(Conflict) as refused:
        issue("13900000012")
    assert refused.value.code == "channel_missing"


def test_operators_see_what_was_sent_and_nobody_else(app: Flask) -> None:
    from tests.notices.browser import logged_in

    issue("13900000013")
    page = logged_in(app, "operator").get("/staff/verification-codes/list/")
    assert page.status_code == 200
    assert "139****0013" in page.text
    assert "13900000013" not in page.text
    assert logged_in(app, "school10001").get("/staff/verification-codes/list/").status_code in {302, 403}


def test_row_without_an_address_is_never_sent(drain: Callable[..., int]) -> None:
    row = codes.issue_code(RECOVERY, blind_index("nobody"), None, reader=EMPLOYER, ip=None)
    assert row.sealed is None
    messages = session.scalars(text("SELECT key FROM outbox WHERE kind = 'code'")).all()
    assert f"code:{row.id}" not in messages
    assert session.scalars(select(VerificationCode).where(VerificationCode.id == row.id)).one().address is None
