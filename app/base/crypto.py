"""Personal data at rest: AES-GCM bound to the place where a value lies, and a keyed blind index for exact search.

What is sealed is: version, id of the key, nonce, ciphertext. The place (table, column, row) is associated data: it is
not kept with the value, so that a value which somebody moves to another row or column does not open there.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable, Sequence

from app.base import datakeys
from app.base.settings import once
from config import Settings

VERSION = b"\x02"
_NONCE, _TAG, _HEAD = 12, 16, len(VERSION) + datakeys.ID_LENGTH
ADDED = _HEAD + _NONCE + _TAG  # bytes by which what is sealed is longer


class NotSealed(Exception):
    """The bytes are nothing that seal() has made."""


def place_of(column: str, row: object) -> bytes:
    """Where a value lies: `column` as table.column, `row` as the text of the row's key."""
    return f"{column}|{row}".encode()


def head() -> bytes:
    """How everything begins that is sealed by the newest key."""
    return VERSION + datakeys.newest().id


def seal(content: bytes, place: bytes) -> bytes:
    """The content as it may be kept at this place, and at no other."""
    nonce = os.urandom(_NONCE)
    return head() + nonce + datakeys.newest().rows.encrypt(nonce, content, place)


def seal_many(column: str, rows: Iterable[object], texts: Sequence[str]) -> list[bytes]:
    """seal() of one column of many rows, for imports: the cipher is looked up once, the nonces are drawn together."""
    start, encrypt, nonces = head(), datakeys.newest().rows.encrypt, os.urandom(_NONCE * len(texts))
    begin = f"{column}|"
    places = range(0, len(nonces), _NONCE)
    return [
        start + (nonce := nonces[place : place + _NONCE]) + encrypt(nonce, text.encode(), f"{begin}{row}".encode())
        for place, row, text in zip(places, rows, texts, strict=True)
    ]


def open_sealed(data: bytes, place: bytes) -> bytes:
    """What was sealed for this place. Raises InvalidTag when it was changed or moved here, UnknownKey, NotSealed."""
    if data[:1] != VERSION:
        raise NotSealed(place.decode())
    key = datakeys.key_named(data[1:_HEAD])
    return key.rows.decrypt(data[_HEAD : _HEAD + _NONCE], data[_HEAD + _NONCE :], place)


@once
def _index(settings: Settings) -> hmac.HMAC:
    return hmac.new(datakeys.index_key(settings), digestmod="sha256")  # begun; each value continues a copy


def blind_index(value: str) -> bytes:
    """16 bytes by which an encrypted value can be found again exactly, and nothing else learned."""
    own = _index().copy()
    own.update(value.strip().upper().encode())
    return own.digest()[:16]
