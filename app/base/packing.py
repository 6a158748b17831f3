"""Documents made short before they are sealed: afterwards nothing can shorten them any more.

They are small and much alike, so a text that holds the names and words which most of them are made of
(`data/packing-1.txt`) is given to the compressor beforehand: what is left are a document's own values. That text is
never changed; a better one is another file under another mark.
"""

from __future__ import annotations

import zlib
from functools import cache
from pathlib import Path

_MARK = b"\x01"  # no JSON begins like this
_LEAST = 64  # bytes; there is little to gain below
_BITS = -zlib.MAX_WBITS  # without head and check sum: the seal tells of every change


@cache
def _words() -> bytes:
    return (Path(__file__).parent / "data" / "packing-1.txt").read_bytes()


def packed(content: bytes) -> bytes:
    """The document as it is sealed: short, or as it is where that is no longer."""
    if len(content) < _LEAST:
        return content
    packer = zlib.compressobj(wbits=_BITS, zdict=_words())
    short = _MARK + packer.compress(content) + packer.flush()
    return min(short, content, key=len)


def unpacked(content: bytes) -> bytes:
    """The document; one that was sealed before there was packing is as it is."""
    if not content.startswith(_MARK):
        return content
    return zlib.decompressobj(wbits=_BITS, zdict=_words()).decompress(content[1:])
