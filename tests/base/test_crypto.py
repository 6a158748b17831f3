"""What is sealed opens at its own place alone; the blind index is a plain HMAC: found yesterday, found tomorrow."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from app.base.crypto import NotSealed, blind_index, open_sealed, place_of, seal, seal_many
from app.base.datakeys import UnknownKey
from app.base.settings import settings

pytestmark = pytest.mark.usefixtures("application")
PLACE = place_of("graduates.mobile", 7)


@given(st.text(max_size=300))
def test_index_is_what_it_always_was(value: str) -> None:
    key = hmac.new(settings().data_key, b"index", hashlib.sha256).digest()
    assert blind_index(value) == hmac.new(key, value.strip().upper().encode(), hashlib.sha256).digest()[:16]


def test_index_of_a_known_key_and_value() -> None:
    assert blind_index("110101200001011234").hex() == "e2428813178aef7f3e07b6a736dcbd57"


@given(st.lists(st.text(max_size=50), max_size=5))
def test_what_is_sealed_comes_back(texts: list[str]) -> None:
    sealed = seal_many("graduates.mobile", range(len(texts)), texts)
    places = [place_of("graduates.mobile", row) for row in range(len(texts))]
    assert [open_sealed(*one).decode() for one in zip(sealed, places, strict=True)] == texts
    assert [open_sealed(seal(text.encode(), PLACE), PLACE).decode() for text in texts] == texts


@pytest.mark.parametrize("place", [("graduates.mobile", 8), ("graduates.email", 7), ("accounts.mobile", 7)])
def test_what_was_moved_does_not_open(place: tuple[str, int]) -> None:
    with pytest.raises(InvalidTag):
        open_sealed(seal(b"13800000000", PLACE), place_of(*place))


def test_what_nobody_sealed_and_what_another_key_sealed_is_told_apart() -> None:
    with pytest.raises(NotSealed):
        open_sealed(b"13800000000", PLACE)
    sealed = seal(b"13800000000", PLACE)
    with pytest.raises(UnknownKey):
        open_sealed(sealed[:1] + b"\0\0\0\0" + sealed[5:], PLACE)
