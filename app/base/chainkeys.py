"""Keys that no table holds: what is sealed with them cannot be written anew by whoever owns the database."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from app.base.settings import once
from config import Settings

_ID = 4  # bytes of a seal that tell by which key it was made


@once
def _keys(settings: Settings) -> dict[bytes, bytes]:
    """By their ids, the one in use first."""
    return {hashlib.sha256(b"id" + key).digest()[:_ID]: key for key in chain_keys(settings)}


def chain_keys(settings: Settings) -> tuple[bytes, ...]:
    """CHAIN_KEYS, else what follows from DATA_KEY, from its oldest key at first: seals outlive a change of keys."""
    following = (hmac.digest(key, b"chain", "sha256") for key in reversed(settings.data_keys))
    return settings.chain_keys or tuple(following)


def canonical(content: Any) -> bytes:
    """The one way in which content is written before it is hashed."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def seal(content: bytes) -> bytes:
    """The id of the key in use and the keyed hash of the content."""
    key_id, key = next(iter(_keys().items()))
    return key_id + hmac.digest(key, content, "sha256")


def holds(sealed: bytes | None, content: bytes) -> bool:
    """Whether one of the keys has made this seal of this content."""
    key = _keys().get(bytes(sealed or b"")[:_ID])
    return key is not None and hmac.compare_digest(bytes(sealed or b"")[_ID:], hmac.digest(key, content, "sha256"))


def salt(sealed: bytes | None, place: str) -> bytes:
    """What is mixed into a hash so that nobody can guess at what was hashed; the same for the same key and place.

    `sealed` is a seal by the key in question, None for the key in use.
    """
    keys = _keys()
    key = keys.get(bytes(sealed)[:_ID]) if sealed else next(iter(keys.values()))
    return hmac.digest(key, b"salt|" + place.encode(), "sha256")[:16] if key else b""


def knows_key_of(sealed: bytes) -> bool:
    """Whether this installation has the key of the seal."""
    return bytes(sealed)[:_ID] in _keys()
