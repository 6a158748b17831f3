"""A bank that takes orders over HTTP: each is paid once whatever gets lost, and its contract holds on the stand-in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer

import httpx
import pytest
from flask import Flask
from sqlalchemy import select

from app.base.contract import main
from app.base.database import session
from app.base.outward import OutwardError
from app.payments import adapters
from app.payments.adapters.base import Remittance
from app.payments.contract import CONTRACT
from app.payments.jobs import exchange_batches_job
from app.payments.models import PaymentOrder
from app.payments.services import order_payment
from config import SettingsError
from trial import bank_gateway

TOKEN = "bank-token"


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a running stand-in that has no orders yet."""
    monkeypatch.setenv("BANK_STANDIN_TOKEN", TOKEN)
    monkeypatch.setattr(bank_gateway, "_orders", {})
    with ThreadingHTTPServer(("127.0.0.1", 0), bank_gateway.Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def gateway(app_context: Flask, change_settings: Callable[..., None], bank: str) -> str:
    """The way to pay is this bank."""
    change_settings(payments={"PAYMENT_ADAPTER": "gateway", "PAYMENT_URL": bank, "PAYMENT_TOKEN": TOKEN})
    return bank


def _order(reference: str, account: str) -> PaymentOrder:
    return order_payment(Remittance(reference, "某某公司", account, "示例银行", None, "0.57"))


def _state(reference: str) -> tuple[str, str | None]:
    session.expire_all()
    row = session.scalars(select(PaymentOrder).where(PaymentOrder.reference == reference)).one()
    return row.status, row.problem


def test_orders_are_paid_refused_or_followed_until_they_are(gateway: str) -> None:
    _order("g-1", "6222000011112221")
    _order("g-2", "6222000011112227")
    _order("g-3", "6222000011112228")
    assert _state("g-1") == ("sent", None)
    assert _state("g-2") == ("failed", "the name does not fit the account")
    assert _state("g-3") == ("ordered", None)
    exchange_batches_job()
    exchange_batches_job()
    assert _state("g-3") == ("sent", None)
    assert httpx.get(f"{gateway}/paid").json() == {"paid": 2}


def test_an_order_whose_answer_was_lost_is_paid_once(
    gateway: str, change_settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_told: object) -> None:
        raise OutwardError("timeout", "no answer")

    with monkeypatch.context() as patch:
        patch.setattr("app.payments.adapters.gateway.read_outcome", lambda _answer: lost())
        with pytest.raises(OutwardError):
            _order("g-4", "6222000011112221")
    assert session.scalars(select(PaymentOrder).where(PaymentOrder.reference == "g-4")).all() == []
    _order("g-4", "6222000011112221")
    assert _state("g-4") == ("sent", None)
    assert httpx.get(f"{gateway}/paid").json() == {"paid": 1}


def test_a_gateway_without_an_address_is_refused(app_context: Flask, change_settings: Callable[..., None]) -> None:
    change_settings(payments={"PAYMENT_ADAPTER": "gateway"})
    with pytest.raises(SettingsError, match="PAYMENT_URL"):
        adapters.adapter()


def test_every_check_of_the_contract_holds(bank: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(CONTRACT, [bank, "--token", TOKEN, "--account", "6222000011112221"]) == 0, capsys.readouterr().out
    assert main(CONTRACT, [bank, "--token", TOKEN, "--account", "6222000011112228"]) == 0, capsys.readouterr().out
    assert list(CONTRACT.words()) == [one.__name__ for one in CONTRACT.checks]


def test_what_does_not_hold_is_told(
    bank: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bank that asks nobody who they are, and takes any amount."""
    monkeypatch.setenv("BANK_STANDIN_TOKEN", "")
    monkeypatch.setattr(bank_gateway, "_is_amount", lambda _text: True)
    assert main(CONTRACT, [bank, "--token", TOKEN, "--account", "6222000011112221"]) == 1
    assert capsys.readouterr().out.count("✗") == 2
