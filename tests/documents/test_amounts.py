"""Amounts in capitals, as on cheques."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.documents.amounts import in_capitals, money


@pytest.mark.parametrize(
    ("amount", "capitals"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("10", "壹拾元整"),
        ("101", "壹佰零壹元整"),
        ("1010", "壹仟零壹拾元整"),
        ("10001", "壹万零壹元整"),
        ("10400.50", "壹万零肆佰元伍角整"),
        ("5000.05", "伍仟元零伍分"),
        ("100000001", "壹亿零壹元整"),
        ("120000000.07", "壹亿贰仟万元零柒分"),
        ("99999999.99", "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ],
)
def test_amount_in_capitals(amount: str, capitals: str) -> None:
    assert in_capitals(Decimal(amount)) == capitals


@pytest.mark.parametrize("nothing", [None, "", "0", "0.00"])
def test_no_amount_and_zero_are_not_agreed(nothing: str | None) -> None:
    assert money(nothing) is None
