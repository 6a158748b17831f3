"""Files at rest: whole, in their order, under their own name, or not at all; and never all in memory."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.base import datakeys
from app.documents import sealedfiles
from app.documents.sealedfiles import FileTampered, opened, sealed
from app.documents.storage import LocalStorage

PIECE = 64 * 1024
SIZES = (0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE)


def _closed(content: bytes, name: str = "a") -> bytes:
    return b"".join(sealed(io.BytesIO(content), name))


@pytest.mark.parametrize("size", SIZES)
def test_what_was_kept_comes_back(size: int) -> None:
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    assert opened(io.BytesIO(_closed(content)), "a").read() == content


@given(st.integers(0, 2 * PIECE + 200), st.integers(0, 7))
def test_no_bit_can_be_turned(place: int, bit: int) -> None:
    kept = bytearray(_closed(b"x" * (2 * PIECE)))
    place = 6 + place % (len(kept) - 6)  # whose first signs are another's is taken for a file in clear
    kept[place] ^= 1 << bit
    with pytest.raises((FileTampered, datakeys.UnknownKey)):
        opened(io.BytesIO(bytes(kept)), "a").read()


def test_pieces_cannot_be_left_out_swapped_or_renamed() -> None:
    kept, head, piece = _closed(b"x" * 3 * PIECE), sealedfiles.HEAD_LENGTH, PIECE + 16
    parts = [kept[:head], *(kept[head + piece * at : head + piece * (at + 1)] for at in range(3))]
    for wrong in ((0,), (0, 1), (0, 1, 2), (0, 2, 1, 3), (0, 2, 3), (0, 1, 2, 3, 3)):
        with pytest.raises(FileTampered):
            opened(io.BytesIO(b"".join(parts[at] for at in wrong)), "a").read()
    with pytest.raises(FileTampered):
        opened(io.BytesIO(kept), "b").read()


class _Endless(io.RawIOBase):
    """Much content that is nowhere."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int = -1) -> bytes:
        """Zeros."""
        taken = min(size, self.left)
        self.left -= taken
        return bytes(taken)


def test_memory_holds_some_pieces_and_no_file(tmp_path: Path) -> None:
    size, path = 64 * 1024 * 1024, tmp_path / "large"
    tracemalloc.start()
    with path.open("wb") as file:
        file.writelines(sealed(_Endless(size), "a"))
    with path.open("rb") as file:
        assert _length(opened(file, "a")) == size
    assert tracemalloc.get_traced_memory()[1] < 2 * 1024 * 1024
    tracemalloc.stop()


def _length(content: BinaryIO) -> int:
    return sum(len(piece) for piece in iter(lambda: content.read(PIECE), b""))


def test_a_file_of_a_version_before_is_read_and_sealed_once(tmp_path: Path) -> None:
    kept, content = LocalStorage(tmp_path), b"%PDF in clear"
    key = hashlib.sha256(content).hexdigest()
    (path := tmp_path / key[:2] / key).parent.mkdir()
    path.write_bytes(content)
    assert kept.open(key).read() == content
    assert (list(kept.digests()), kept.sealed_by(key)) == ([key], None)
    assert kept.seal_anew(key)
    assert content not in path.read_bytes()
    assert kept.open(key).read() == content
    assert not kept.seal_anew(key)


def test_a_changed_file_in_clear_is_not_sealed(tmp_path: Path) -> None:
    key = hashlib.sha256(b"genuine").hexdigest()
    (path := tmp_path / key[:2] / key).parent.mkdir()
    path.write_bytes(b"forged")
    with pytest.raises(FileTampered):
        LocalStorage(tmp_path).seal_anew(key)
    assert path.read_bytes() == b"forged"
    assert list(path.parent.iterdir()) == [path]
