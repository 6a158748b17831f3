"""The blind index is a plain HMAC: values found yesterday are found tomorrow."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.base.crypto import blind_index, decrypt, encrypt, encrypt_many
from app.base.settings import settings

pytestmark = pytest.mark.usefixtures("application")


@given(st.text(max_size=300))
def test_index_is_what_it_always_was(value: str) -> None:
    key = hmac.new(settings().data_key, b"index", hashlib.sha256).digest()
    assert blind_index(value) == hmac.new(key, value.strip().upper().encode(), hashlib.sha256).digest()[:16]


def test_index_of_a_known_key_and_value() -> None:
    assert blind_index("110101200001011234").hex() == "e2428813178aef7f3e07b6a736dcbd57"


@given(st.lists(st.text(max_size=50), max_size=5))
def test_what_is_encrypted_comes_back(texts: list[str]) -> None:
    assert [decrypt(sealed) for sealed in encrypt_many(texts)] == texts
    assert [decrypt(encrypt(text)) for text in texts] == texts
