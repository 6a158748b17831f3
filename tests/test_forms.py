"""Fields of forms refuse whatever a client can send, and never fall over it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from marshmallow import ValidationError

from app.base.errors import Invalid
from app.cases.forms import ReturnForm
from app.codes.forms import FormSchema, Money, read


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


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ([], "fields"),
        ("x", "fields"),
        ({"a.b": []}, "fields.a.b"),
        ({"a": {"b": 1}}, "fields.a"),
        ({"a": "x" * 501}, "fields.a"),
    ],
)
def test_an_opinion_that_cannot_be_read_is_told_at_its_field_in_own_words(fields: Any, at: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read(ReturnForm, {"reason": "改", "fields": fields})
    assert set(refusal.value.errors) == {at}
    assert not any(isinstance(text, str) for text in refusal.value.errors[at]), "a text that nobody has translated"


def test_no_field_of_a_form_speaks_words_that_nobody_has_translated(plain_app: Flask) -> None:
    """Whatever is sent in a field's place: a number, a list, nothing."""
    del plain_app  # it has loaded every room
    forms, left = set[type[FormSchema]](), [FormSchema]
    while left:
        found = left.pop().__subclasses__()
        left += found
        forms |= set(found)
    plain = [one for one in forms if one.__init__ is FormSchema.__init__]
    assert len(plain) > 50
    for form in plain:
        for name, field in form().fields.items():
            parts = [field, *filter(None, [getattr(field, "inner", None)])]
            foreign = [text for part in parts for text in part.error_messages.values() if isinstance(text, str)]
            assert not foreign, f"{form.__name__}.{name}"
