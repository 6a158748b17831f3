"""How the seal looks: a red ring with the platform's name around it, drawn as outlines, so that no face is needed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from math import cos, pi, sin
from typing import Any, Final

from fontTools.pens.basePen import BasePen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

from app.documents.typefaces import HEADING_FACE
from app.documents.words import PLATFORM, SEAL_WORDS

SIZE: Final = 34 * 72 / 25.4  # points
_RING, _NAME, _SIGN = 0.47, 0.345, 0.1  # radius of the ring, of the name's foot, and size of its signs, of the whole
_ARC: Final = 1.55 * pi  # that the name takes
_FINE: Final = 20  # coordinates are whole numbers of this part of a point
_RED: Final = b"0.78 0.09 0.11"
_BEZIER: Final = 0.5523  # of a quarter of a circle


@cache
def drawn() -> bytes:
    """The seal as the operators of a PDF page, in a square of SIZE points."""
    scale = b"%.4f 0 0 %.4f 0 0 cm" % (1 / _FINE, 1 / _FINE)
    lines = [b"q", scale, _RED + b" RG", _RED + b" rg", b"%d w" % (_FINE * SIZE * 0.03), _circle(SIZE * _RING), b"S"]
    with TTFont(HEADING_FACE) as font:
        lines += [*_around(font), *_in_the_middle(font)]
    return b"\n".join([*lines, b"Q"])


def _circle(radius: float) -> bytes:
    middle, bend = SIZE / 2, radius * _BEZIER
    turns = [(1, 0), (0, 1), (-1, 0), (0, -1), (1, 0)]
    parts = [f"{_of((middle + radius, middle))} m"]
    for (x, y), (to_x, to_y) in pairwise(turns):
        points = (
            x * radius + to_x * bend,
            y * radius + to_y * bend,
            to_x * radius + x * bend,
            to_y * radius + y * bend,
        )
        parts.append(_of([middle + value for value in (*points, to_x * radius, to_y * radius)]) + " c")
    return "\n".join(parts).encode()


def _around(font: TTFont) -> list[bytes]:
    """The platform's name along the ring, from the lower left over the top to the lower right."""
    step = _ARC / (len(PLATFORM) - 1)
    angles = [pi / 2 + _ARC / 2 - step * place for place in range(len(PLATFORM))]
    size, foot = SIZE * _SIGN, SIZE * _NAME
    return [
        _sign(font, sign, size, SIZE / 2 + foot * cos(angle), SIZE / 2 + foot * sin(angle), angle - pi / 2)
        for sign, angle in zip(PLATFORM, angles, strict=True)
    ]


def _in_the_middle(font: TTFont) -> list[bytes]:
    size, found = SIZE * 0.135, []
    for line, words in enumerate(SEAL_WORDS):
        y = SIZE / 2 + size * (len(SEAL_WORDS) / 2 - line - 0.88) * 1.15
        for place, sign in enumerate(words):
            found.append(_sign(font, sign, size, SIZE / 2 + size * (place + 0.5 - len(words) / 2), y, 0.0))
    return found


def _sign(font: TTFont, sign: str, size: float, x: float, y: float, turn: float) -> bytes:
    """A sign whose foot stands with its middle at (x, y), turned to the left by `turn`."""
    name, em = font.getBestCmap()[ord(sign)], font["head"].unitsPerEm
    scale, half = size / em, font["hmtx"].metrics[name][0] / 2
    a, b = scale * cos(turn), scale * sin(turn)
    pen = _Pen(font.getGlyphSet())
    font.getGlyphSet()[name].draw(TransformPen(pen, (a, b, -b, a, x - a * half, y - b * half)))
    return "\n".join([*pen.lines, "f"]).encode()


def _of(numbers: Iterable[float]) -> str:
    return " ".join(str(round(number * _FINE)) for number in numbers)


class _Pen(BasePen):
    """Writes outlines as PDF has them."""

    def __init__(self, glyphs: Any) -> None:
        super().__init__(glyphs)
        self.lines: list[str] = []

    def _moveTo(self, pt: tuple[float, float]) -> None:  # noqa: N802 - the library's name
        self.lines.append(_of(pt) + " m")

    def _lineTo(self, pt: tuple[float, float]) -> None:  # noqa: N802 - the library's name
        self.lines.append(_of(pt) + " l")

    def _curveToOne(self, pt1: Any, pt2: Any, pt3: Any) -> None:  # noqa: N802 - the library's name
        self.lines.append(_of((*pt1, *pt2, *pt3)) + " c")

    def _closePath(self) -> None:  # noqa: N802 - the library's name
        self.lines.append("h")
