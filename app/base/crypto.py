"""Personal data at rest: AES-GCM encryption, keyed blind index for exact search, masks for reading."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary
from sqlalchemy.types import TypeDecorator

_keys: dict[str, bytes] = {}
_index: list[Any] = []
_VERSION = b"\x01"


def use_key(data_key: bytes) -> None:
    """Set the master key once at start; encryption and index use keys derived from it."""
    for purpose in ("encrypt", "index"):
        _keys[purpose] = hmac.new(data_key, purpose.encode(), hashlib.sha256).digest()
    pad = _keys["index"].ljust(64, b"\0")
    _index[:] = [hashlib.sha256(bytes(byte ^ mask for byte in pad)) for mask in (0x36, 0x5C)]


def encrypt(text: str) -> bytes:
    """Version byte, nonce and ciphertext of `text`."""
    nonce = os.urandom(12)
    return _VERSION + nonce + AESGCM(_keys["encrypt"]).encrypt(nonce, text.encode(), None)


def encrypt_many(texts: Sequence[str]) -> list[bytes]:
    """encrypt() of many texts, for imports: the cipher is set up once and the nonces are drawn together."""
    seal, nonces = AESGCM(_keys["encrypt"]).encrypt, os.urandom(12 * len(texts))
    places = range(0, 12 * len(texts), 12)
    return [
        _VERSION + (nonce := nonces[place : place + 12]) + seal(nonce, text.encode(), None)
        for place, text in zip(places, texts, strict=True)
    ]


def decrypt(data: bytes) -> str:
    """The text that encrypt() was given; raises InvalidTag when the bytes were changed."""
    return AESGCM(_keys["encrypt"]).decrypt(data[1:13], data[13:], None).decode()


def blind_index(value: str) -> bytes:
    """16 bytes by which an encrypted value can be found again exactly, and nothing else learned."""
    # HMAC-SHA-256 from its two begun halves: an import asks for a hundred thousand of them.
    inner, outer = _index[0].copy(), _index[1].copy()
    inner.update(value.strip().upper().encode())
    outer.update(inner.digest())
    return outer.digest()[:16]


class EncryptedBytes(TypeDecorator[bytes]):
    """A file that is stored encrypted."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Any) -> bytes | None:
        """Encrypt on the way in."""
        if value is None:
            return None
        nonce = os.urandom(12)
        return _VERSION + nonce + AESGCM(_keys["encrypt"]).encrypt(nonce, value, None)

    def process_result_value(self, value: bytes | None, dialect: Any) -> bytes | None:
        """Decrypt on the way out."""
        return None if value is None else AESGCM(_keys["encrypt"]).decrypt(value[1:13], value[13:], None)


class EncryptedText(TypeDecorator[str]):
    """A text column that is stored encrypted."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> bytes | None:
        """Encrypt on the way in."""
        return None if value is None else encrypt(value)

    def process_result_value(self, value: bytes | None, dialect: Any) -> str | None:
        """Decrypt on the way out."""
        return None if value is None else decrypt(bytes(value))


class EncryptedJson(TypeDecorator[Any]):
    """A JSON document that holds personal data and is stored encrypted as a whole."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> bytes | None:
        """Encrypt on the way in."""
        return None if value is None else encrypt(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def process_result_value(self, value: bytes | None, dialect: Any) -> Any:
        """Decrypt on the way out."""
        return None if value is None else json.loads(decrypt(bytes(value)))


def mask_id_number(value: str | None) -> str:
    """110101********1234."""
    return f"{value[:6]}********{value[-4:]}" if value and len(value) > 10 else "****" if value else ""


def mask_phone(value: str | None) -> str:
    """138****5678."""
    return f"{value[:3]}****{value[-4:]}" if value and len(value) >= 8 else "****" if value else ""


def mask_account(value: str | None) -> str:
    """1100*****4454."""
    return f"{value[:4]}*****{value[-4:]}" if value and len(value) > 8 else "****" if value else ""
