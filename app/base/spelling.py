"""One spelling for what people type in several: widths, blanks, and characters that nobody sees."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

# Letters by their class that show nothing: fillers, joiners, and selectors of a glyph.
_FILLERS: Final = (0x034F, 0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))


def _class_of(points: Iterable[int]) -> str:
    return "".join(re.escape(chr(point)) for point in points)


# Unicode keeps its format characters in the first two planes and in one of tags: the rest need not be walked at start.
_WALKED = (*range(0x20000), *range(0xE0000, 0xE1000))
_FORMATS = [point for point in _WALKED if unicodedata.category(chr(point)) == "Cf" and point != 0x180E]
# Mongolian's vowel separator gives the letters at its sides another shape: within a word it belongs to the spelling.
_LOOSE_SEPARATOR: Final = "(?<![\u180b-\u180d\u1820-\u18aa])\u180e|\u180e(?![\u1820-\u18aa])"
_INVISIBLE: Final = re.compile(f"[{_class_of((*_FORMATS, *_FILLERS))}]|{_LOOSE_SEPARATOR}")
_SHAPES: Final = re.compile("[\u180b-\u180f]")
_WIDE: Final = {0xFF01 + place: 0x21 + place for place in range(94)} | {0x3000: 0x20}


def invisible_in(text: str) -> list[str]:
    """The characters of a text that nobody sees, each once, as U+200B."""
    if text.isascii():
        return []
    return [f"U+{ord(sign):04X}" for sign in dict.fromkeys(_INVISIBLE.findall(text))]


def visible(text: str) -> str:
    """Without the characters that nobody sees: they come with copied text, and make two of what looks alike."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def unshaped(text: str) -> str:
    """Without the signs by which Mongolian chooses the shape of a letter: what is left is what is spoken."""
    return text if text.isascii() else _SHAPES.sub("", text)


def half_width(text: str) -> str:
    """Latin letters, figures and signs in half width; all else stays, so that no rare character becomes another."""
    return text if text.isascii() else text.translate(_WIDE)


def compacted(value: str) -> str:
    """A number or a code: half-width, without spaces and without what nobody sees."""
    return "".join(unicodedata.normalize("NFKC", visible(value)).split())
