"""Personal data at rest: AES-GCM encryption, and a keyed blind index for exact search."""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary
from sqlalchemy.types import TypeDecorator

from app.base.settings import once
from config import Settings

_VERSION = b"\x01"


@dataclass(frozen=True)
class _Keys:
    """What is derived from DATA_KEY: one secret for each purpose."""

    cipher: bytes
    index: hmac.HMAC  # begun; each value continues a copy


@once
def _keys(settings: Settings) -> _Keys:
    cipher, index = (hmac.digest(settings.data_key, purpose, "sha256") for purpose in (b"encrypt", b"index"))
    return _Keys(cipher, hmac.new(index, digestmod="sha256"))


def encrypt(text: str) -> bytes:
    """Version byte, nonce and ciphertext of `text`."""
    return _seal(text.encode())


def encrypt_many(texts: Sequence[str]) -> list[bytes]:
    """encrypt() of many texts, for imports: the cipher is set up once and the nonces are drawn together."""
    seal, nonces = AESGCM(_keys().cipher).encrypt, os.urandom(12 * len(texts))
    places = range(0, 12 * len(texts), 12)
    return [
        _VERSION + (nonce := nonces[place : place + 12]) + seal(nonce, text.encode(), None)
        for place, text in zip(places, texts, strict=True)
    ]


def decrypt(data: bytes) -> str:
    """The text that encrypt() was given; raises InvalidTag when the bytes were changed."""
    return _open(data).decode()


def blind_index(value: str) -> bytes:
    """16 bytes by which an encrypted value can be found again exactly, and nothing else learned."""
    own = _keys().index.copy()
    own.update(value.strip().upper().encode())
    return own.digest()[:16]


def _seal(content: bytes) -> bytes:
    nonce = os.urandom(12)
    return _VERSION + nonce + AESGCM(_keys().cipher).encrypt(nonce, content, None)


def _open(data: bytes) -> bytes:
    return AESGCM(_keys().cipher).decrypt(data[1:13], data[13:], None)


class EncryptedBytes(TypeDecorator[bytes]):
    """A file that is stored encrypted."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Any) -> bytes | None:
        """Encrypt on the way in."""
        return None if value is None else _seal(value)

    def process_result_value(self, value: bytes | None, dialect: Any) -> bytes | None:
        """Decrypt on the way out."""
        return None if value is None else _open(bytes(value))


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
