"""Personal data at rest: AES-GCM encryption, keyed blind index for exact search, masks for reading."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary
from sqlalchemy.types import TypeDecorator

_keys: dict[str, bytes] = {}
_VERSION = b"\x01"


def use_key(data_key: bytes) -> None:
    """Set the master key once at start; encryption and index use keys derived from it."""
    for purpose in ("encrypt", "index"):
        _keys[purpose] = hmac.new(data_key, purpose.encode(), hashlib.sha256).digest()


def encrypt(text: str) -> bytes:
    """Version byte, nonce and ciphertext of `text`."""
    nonce = os.urandom(12)
    return _VERSION + nonce + AESGCM(_keys["encrypt"]).encrypt(nonce, text.encode(), None)


def decrypt(data: bytes) -> str:
    """The text that encrypt() was given; raises InvalidTag when the bytes were changed."""
    return AESGCM(_keys["encrypt"]).decrypt(data[1:13], data[13:], None).decode()


def blind_index(value: str) -> bytes:
    """16 bytes by which an encrypted value can be found again exactly, and nothing else learned."""
    return hmac.new(_keys["index"], value.strip().upper().encode(), hashlib.sha256).digest()[:16]


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
