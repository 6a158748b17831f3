"""The faces of our papers, and which characters they can print."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from fontTools.ttLib import TTFont

FONTS = Path(__file__).parent / "fonts"
TEXT_FACE = FONTS / "NotoSerifSC-Regular.ttf"  # whatever people have written is set in this one
RARE_FACES = (FONTS / "RareHan-Regular.ttf", FONTS / "RareHanMore-Regular.ttf")  # each for what those before it lack
HEADING_FACE = FONTS / "NotoSansSC-Bold.ttf"  # fewer characters: only for words of our own templates
_NO_PICTURE: Final = chr(0x3013)  # the geta mark: stands where our faces have none, as printers have always done


@cache
def printable(face: Path = TEXT_FACE) -> frozenset[int]:
    """Code points that a face has a picture for."""
    with TTFont(face, lazy=True) as font:
        return frozenset(font.getBestCmap())


def rare_face(sign: str) -> Path | None:
    """The face for a character that the text face lacks; None where that has it, or where no face of ours does.

    The faces for rare characters are large: they are opened when the first of these is met.
    """
    if ord(sign) in printable():
        return None
    return next((face for face in RARE_FACES if ord(sign) in printable(face)), None)


@cache
def _advances() -> dict[int, float]:
    with TTFont(TEXT_FACE, lazy=True) as font:
        widths, em = font["hmtx"].metrics, font["head"].unitsPerEm
        return {code: widths[name][0] / em for code, name in font.getBestCmap().items() if code < 0x500}


def advance(sign: str) -> float:
    """How wide the sign is set in the text face, in em."""
    return _advances().get(ord(sign), 1.0)


def clean(text: str) -> str:
    """The text as it can be printed: one kind of line end, no tabs, nothing that is invisible anyway."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return "".join(c for c in text.replace("\t", "    ") if c == "\n" or not _is_invisible(c))


def cleaned(value: Any) -> Any:
    """The same for every text in mappings and lists."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {name: cleaned(inner) for name, inner in value.items()}
    return [cleaned(inner) for inner in value] if isinstance(value, list | tuple) else value


def unprintable(text: str) -> list[str]:
    """Characters of `text` that no face of ours can print, each once, in order; forms may refuse them early.

    Emoji, scripts other than Chinese, Latin, Greek and Cyrillic, and ideographs beyond GB 18030 that no free face has.
    """
    known = printable()
    strange = dict.fromkeys(c for c in clean(text) if c != "\n" and ord(c) not in known)
    return [c for c in strange if rare_face(c) is None]


def in_print(text: str) -> str:
    """The text as it is printed where nobody can be asked to replace what cannot be: 〓 stands for such a sign."""
    text = clean(text)
    for sign in unprintable(text):
        text = text.replace(sign, _NO_PICTURE)
    return text


def _is_invisible(character: str) -> bool:
    # Control and format characters (byte order marks, joiners, directions) and variation selectors.
    if unicodedata.category(character) in ("Cc", "Cf"):
        return True
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
