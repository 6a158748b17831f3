"""Files at rest: sealed piece by piece for the name under which they lie, so that no more than a piece is in memory.

A file is a head (signs by which it is known, id of the key, salt) and pieces of 64 KiB. Each piece is AES-GCM by a key
of this file alone; its place and whether it is the last are in the nonce, head and name are associated data. So pieces
cannot be changed, swapped, left out or taken from another file, and a file does not open under another name. What does
not begin with the signs was kept by a version before, in clear, and is read as it is.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import os
from collections.abc import Iterator
from typing import BinaryIO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.base import datakeys

_SIGNS = b"\x8bSEAL\x02"
_SALT, _TAG, _PIECE = 16, 16, 64 * 1024
HEAD_LENGTH = len(_SIGNS) + datakeys.ID_LENGTH + _SALT


class FileTampered(OSError):
    """The file is not what was kept under this name."""


class Source(Protocol):
    """What can be read piece by piece."""

    def read(self, size: int, /) -> bytes:
        """Up to so many bytes, none at the end."""
        ...


class Genuine:
    """Content on its way from one seal to the next: at its end it has to be what its digest says."""

    def __init__(self, content: Source, digest: str) -> None:
        self._content, self._wanted, self._read = content, digest, hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        """Raises FileTampered at the end."""
        piece = self._content.read(size)
        self._read.update(piece)
        if not piece and self._read.hexdigest() != self._wanted:
            raise FileTampered("a kept file was changed")
        return piece


def sealed(content: Source, name: str) -> Iterator[bytes]:
    """The content as it may be kept under the name, piece by piece."""
    key, salt = datakeys.newest(), os.urandom(_SALT)
    head = _SIGNS + key.id + salt
    cipher, place, number = _cipher(key, head, name), head + name.encode(), 0
    yield head
    piece = content.read(_PIECE)
    while True:
        following = content.read(_PIECE)
        yield cipher.encrypt(_nonce(number, last=not following), piece, place)
        if not following:
            return
        piece, number = following, number + 1


def key_of(head: bytes) -> bytes | None:
    """The id of the key by which a file that begins like this was sealed; None for one in clear."""
    return head[len(_SIGNS) : len(_SIGNS) + datakeys.ID_LENGTH] if head.startswith(_SIGNS) else None


def opened(kept: BinaryIO, name: str) -> BinaryIO:
    """What is kept under the name, for reading from its beginning to its end.

    Raises UnknownKey; reading raises FileTampered.
    """
    head = kept.read(HEAD_LENGTH)
    key_id = key_of(head)
    if key_id is None:
        kept.seek(0)
        return kept
    try:
        cipher = _cipher(datakeys.key_named(key_id), head, name)
    except datakeys.UnknownKey:
        kept.close()
        raise
    return io.BufferedReader(_Pieces(kept, cipher, head + name.encode()), _PIECE)


class _Pieces(io.RawIOBase):
    def __init__(self, kept: BinaryIO, cipher: AESGCM, place: bytes) -> None:
        self._kept, self._cipher, self._place = kept, cipher, place
        self._number, self._ahead, self._rest, self._over = 0, kept.read(_PIECE + _TAG), b"", False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._rest and not self._over:
            self._next()
        taken = self._rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)

    def _next(self) -> None:
        piece, self._ahead = self._ahead, self._kept.read(_PIECE + _TAG)
        self._over = not self._ahead
        try:
            self._rest = self._cipher.decrypt(_nonce(self._number, last=self._over), piece, self._place)
        except InvalidTag:
            raise FileTampered("a kept file was changed") from None
        self._number += 1

    def close(self) -> None:
        self._kept.close()
        super().close()


def _cipher(key: datakeys.DataKey, head: bytes, name: str) -> AESGCM:
    return AESGCM(hmac.digest(key.files, head + name.encode(), "sha256"))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
