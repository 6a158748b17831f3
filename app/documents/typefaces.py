"""The faces of our papers, and which characters they can print."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from fontTools.ttLib import TTFont

from app.base.spelling import visible
from app.base.values.names import composed

FONTS = Path(__file__).parent / "fonts"


@dataclass(frozen=True)
class Face:
    """A face for what those before it lack: `family` is how the maker of lasting papers calls it.

    The signs of a face that `joins` change with their neighbours, stand in stacks or run to the left. That maker alone
    sets them; letters and reports, whose library puts one sign beside the next, would print them wrong.
    """

    path: Path
    family: str
    joins: bool = False


TEXT_FACE = FONTS / "NotoSerifSC-Regular.ttf"  # whatever people have written is set in this one
OTHER_FACES: Final = (
    Face(FONTS / "NotoSerif-Regular.ttf", "Noto Serif"),  # letters with accents, Cyrillic of Kazakh and others
    Face(FONTS / "NotoNaskhArabic-Regular.ttf", "Noto Naskh Arabic", joins=True),  # Uyghur, Kazakh, Kyrgyz
    Face(FONTS / "NotoSerifTibetan-Regular.ttf", "Noto Serif Tibetan", joins=True),
    Face(FONTS / "NotoSansMongolian-Regular.ttf", "Noto Sans Mongolian", joins=True),
    Face(FONTS / "NotoSansYi-Regular.ttf", "Noto Sans Yi"),
    Face(FONTS / "NotoSansLisu-Regular.ttf", "Noto Sans Lisu"),
    Face(FONTS / "NotoSansTaiLe-Regular.ttf", "Noto Sans Tai Le"),
    Face(FONTS / "NotoSansNewTaiLue-Regular.ttf", "Noto Sans NewTaiLue"),
    Face(FONTS / "SerifHangul-Regular.ttf", "Serif Hangul"),
    Face(FONTS / "RareHan-Regular.ttf", "Rare Han"),
    Face(FONTS / "RareHanMore-Regular.ttf", "Rare Han More"),
)
HEADING_FACE = FONTS / "NotoSansSC-Bold.ttf"  # fewer characters: only for words of our own templates
_IDEOGRAPHS: Final = 0x2E80  # from here on a sign is as wide as it is high, or nearly
_NO_PICTURE: Final = chr(0x3013)  # the geta mark: stands where our faces have none, as printers have always done


@cache
def printable(face: Path = TEXT_FACE) -> frozenset[int]:
    """Code points that a face has a picture for."""
    with TTFont(face, lazy=True) as font:
        return frozenset(font.getBestCmap())


def other_face(sign: str) -> Face | None:
    """The face for a character that the text face lacks; None where that has it, or where no face of ours does.

    The faces for rare characters are large: they are opened when the first of these is met.
    """
    if ord(sign) in printable():
        return None
    return next((face for face in OTHER_FACES if ord(sign) in printable(face.path)), None)


def needs_joining(sign: str) -> bool:
    """Whether the sign is set right only by who knows its neighbours."""
    face = other_face(sign)
    return face is not None and face.joins


@cache
def _advances(face: Path) -> dict[int, float]:
    with TTFont(face, lazy=True) as font:
        widths, em = font["hmtx"].metrics, font["head"].unitsPerEm
        return {code: widths[name][0] / em for code, name in font.getBestCmap().items() if code < _IDEOGRAPHS}


def advance(sign: str) -> float:
    """How wide the sign is set where it stands alone, in em."""
    if ord(sign) >= _IDEOGRAPHS:
        return 1.0
    face = other_face(sign)
    return _advances(face.path if face else TEXT_FACE).get(ord(sign), 1.0)


def clean(text: str) -> str:
    """The text as it can be printed: one kind of line end, no tabs, letters with their accents, nothing unseen."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = composed(visible(text.replace("\t", "    ")))
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) != "Cc")


def cleaned(value: Any) -> Any:
    """The same for every text in mappings and lists."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {name: cleaned(inner) for name, inner in value.items()}
    return [cleaned(inner) for inner in value] if isinstance(value, list | tuple) else value


def unprintable(text: str, *, joined: bool = True) -> list[str]:
    """Characters of `text` that no face of ours can print, each once, in order; forms may refuse them early.

    Emoji, scripts that GB 18030 does not know, and ideographs beyond it that no free face has. Where the paper is set
    by who joins no letters (`typesetting`), also those that would not be right without: `joined` says which it is.
    """
    known = printable()
    strange = dict.fromkeys(c for c in clean(text) if c != "\n" and ord(c) not in known)
    return [c for c in strange if other_face(c) is None or (not joined and needs_joining(c))]


def for_letter(text: str) -> str:
    """What a letter says of it; nothing where letters would have to join: there it leaves a line to write on by hand."""
    text = clean(text)
    return "" if any(map(needs_joining, text)) else text


def in_print(text: str, *, joined: bool = True) -> str:
    """The text as it is printed where nobody can be asked to replace what cannot be: 〓 stands for such a sign."""
    text = clean(text)
    for sign in unprintable(text, joined=joined):
        text = text.replace(sign, _NO_PICTURE)
    return text
