"""Batches: every order once to the bank, every answer once back."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.base.database import session
from app.payments import adapters
from app.payments.adapters.base import Remittance
from app.payments.models import PaymentOrder
from app.payments.services import order_payment, read_results, write_batch
from app.workflow.models import OutboxMessage
from config import SettingsError


@pytest.fixture
def batches(app_context: Flask, change_settings: Callable[..., None]) -> None:
    """The way to pay is a batch of files."""
    change_settings(payments={"PAYMENT_ADAPTER": "batch"})


def _order(reference: str) -> PaymentOrder:
    return order_payment(Remittance(reference, "某某公司", "6222000011112222", "示例银行", None, "0.57"))


def _told(reference: str) -> int:
    query = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.key == f"payment:{reference}")
    return session.scalar(query) or 0


def test_orders_go_out_once_and_results_come_back_once(batches: None, tmp_path: Path) -> None:
    for reference in ("test-1", "test-2", "test-1"):
        _order(reference)
    written = write_batch(tmp_path)
    assert written is not None
    assert written.stat().st_mode & 0o077 == 0
    with written.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["reference"] for row in rows] == ["test-1", "test-2"]
    assert rows[0]["account"] == "6222000011112222"
    assert rows[0]["amount"] == "0.57"
    assert write_batch(tmp_path) is None
    (tmp_path / "in").mkdir()
    answer = "reference,status,problem\ntest-1,sent,\ntest-2,failed,户名不符\ntest-1,sent,\nx,odd,\n"
    (tmp_path / "in" / "a.csv").write_text(answer, encoding="utf-8")
    assert read_results(tmp_path) == {"settled": 2, "known": 1, "wrong": 1}
    assert not list((tmp_path / "in").iterdir())
    states = {row.reference: (row.status, row.problem) for row in session.scalars(select(PaymentOrder))}
    assert states["test-1"] == ("sent", None)
    assert states["test-2"] == ("failed", "户名不符")
    assert _told("test-1") == _told("test-2") == 1


def test_unknown_way_to_pay_is_refused(change_settings: Callable[..., None]) -> None:
    change_settings(payments={"PAYMENT_ADAPTER": "gold"})
    with pytest.raises(SettingsError, match=r"PAYMENT_ADAPTER must be batch .*, not 'gold'"):
        adapters.adapter()
