"""Fields of forms refuse whatever a client can send, and never fall over it."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError

from app.forms import Money


@pytest.mark.parametrize(
    "sent", ["1e30", 3.402823466e38, "9" * 16, "-1", "NaN", "sNaN", "Infinity", "0.001", True, [], {}]
)
def test_an_amount_that_cannot_be_paid_is_refused(sent: Any) -> None:
    with pytest.raises(ValidationError):
        Money().deserialize(sent)


@pytest.mark.parametrize(
    ("sent", "kept"), [("8000", "8000.00"), (8000, "8000.00"), ("0.5", "0.50"), (" 1.20 ", "1.20")]
)
def test_an_amount_is_kept_with_two_decimals(sent: Any, kept: str) -> None:
    assert Money().deserialize(sent) == kept
