"""The keys of personal data: DATA_KEY names one or more, the first seals, each of them opens."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.base.settings import once
from config import Settings

ID_LENGTH = 4


class UnknownKey(Exception):
    """A value was sealed by a key that DATA_KEY does not name."""

    def __init__(self, key_id: bytes) -> None:
        super().__init__(f"sealed by key {key_id.hex()}, which DATA_KEY does not name")
        self.key_id = key_id


@dataclass(frozen=True)
class DataKey:
    """What follows from one key: its id, which is no secret, and a secret for each purpose."""

    id: bytes
    rows: AESGCM
    files: bytes


@dataclass(frozen=True)
class _Ring:
    newest: DataKey
    by_id: dict[bytes, DataKey]


def _derived(key: bytes) -> DataKey:
    rows, files = (hmac.digest(key, purpose, "sha256") for purpose in (b"rows", b"files"))
    return DataKey(id_of(key), AESGCM(rows), files)


def id_of(key: bytes) -> bytes:
    """What names a key in all that it has made, and tells nothing of it."""
    return hashlib.sha256(b"id" + key).digest()[:ID_LENGTH]


def index_key(settings: Settings) -> bytes:
    """Of the blind indexes: the one that is set, else what follows from the oldest key; they are never made anew."""
    return settings.index_key or hmac.digest(settings.data_key, b"index", "sha256")


@once
def _ring(settings: Settings) -> _Ring:
    keys = [_derived(key) for key in settings.data_keys]
    return _Ring(keys[0], {key.id: key for key in keys})


def newest() -> DataKey:
    """The key by which everything new is sealed."""
    return _ring().newest


def known_ids() -> set[bytes]:
    """The ids of all keys that can open something."""
    return set(_ring().by_id)


def key_named(key_id: bytes) -> DataKey:
    """The key by which something was sealed; raises UnknownKey."""
    found = _ring().by_id.get(key_id)
    if found is None:
        raise UnknownKey(key_id)
    return found
