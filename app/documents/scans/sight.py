"""What a picture of one of our papers shows: its codes, and where it differs from the page it was printed as.

For workers alone: pictures of phones take seconds. Nothing here knows of cases or of the database.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import cv2
import numpy as np
import pypdfium2
import zxingcpp
from PIL import Image

from app.documents.lasting.readback import ONE_AT_A_TIME

Picture = np.ndarray[Any, np.dtype[Any]]
_DOTS: Final = 130  # an inch, of the page on which a picture is laid
_READ_AT: Final = 200  # an inch, of a PDF that came back
_LONGEST: Final = 2600  # of a picture when it is looked at
_LIKE_A_PAGE: Final = 2100  # dots of the longer side when a picture is compared as a whole
_FEATURES, _LEAST_ALIKE, _RATIO, _OFF = 4000, 25, 0.75, 4.0
_ROUGHLY, _BENT, _GRID = 15.0, 90.0, 16  # beside its place: what is taken for flat, what for bent; and a grid, in dots
_NOTHING: Final = 1e-9  # by which all of a picture would be one point
_EXPONENTS: Final = [(a, b) for a in range(5) for b in range(5 - a)]
_POWERS: Final = np.array([a + b for a, b in _EXPONENTS])
_FINER: Final = ((2, 30.0), (3, 15.0), (4, 8.0), (4, 4.0))  # up to which power, and how far off what is kept may lie
_PIECE, _NEAR, _FOUND, _LEAST_INK = (120, 48), 28, 0.55, 60  # a piece of a page, and where it may lie in dots
_MARGIN, _REACH = 2, 5  # around a sign, and how far it may lie beside its place, in dots
_UNREADABLE, _BELOW, _NEVER = 0.76, 0.30, 0.55  # likeness: of the whole page; of a sign against its page; at most
_INK, _ADDED = 150, 9  # darker than this is ink; so far around printed signs nothing counts as added
_NUMBER = re.compile(r"[?&]number=([0-9A-Za-z-]{6,40})")
_PAGE = re.compile(r"[?&]page=(\d{1,2})-([0-9A-F]{8})")
_RED, _BLUE = (40, 40, 220), (220, 130, 30)


@dataclass(frozen=True)
class Code:
    """A code of ours: the number of the paper, and of a paper with one on each page which page of which text."""

    number: str
    page: int | None
    text: str


@dataclass(frozen=True)
class Laid:
    """A picture laid on its page.

    `likeness` is how sharp what is printed came out, 0 to 100; `differing` counts the places where it is not what was
    printed, None where it is too blurred to tell; `shown` is a JPEG of both side by side.
    """

    likeness: int
    differing: int | None
    shown: bytes


@dataclass(frozen=True)
class Marks:
    """Where a picture has something to be known by, and what that looks like."""

    points: Picture
    looks: Picture


@dataclass(frozen=True)
class Way:
    """From a place of the page to that of the picture: as far as the paper is bent, as it lies there, by the slant."""

    matrix: Picture
    bend: Picture
    places: Picture = field(default_factory=lambda: np.zeros((0, 2)))
    off: Picture = field(default_factory=lambda: np.zeros((0, 2)))


def sheets(content: bytes, mime: str) -> Iterator[Picture]:
    """The pictures of a file, in colour (blue, green, red), each as large as it need be to be read."""
    if mime == "application/pdf":
        yield from _pages(content, _READ_AT)
        return
    with Image.open(io.BytesIO(content)) as opened:
        opened.draft("RGB", (_LONGEST, _LONGEST))
        picture = opened.convert("RGB")
    picture.thumbnail((_LONGEST, _LONGEST), Image.Resampling.LANCZOS)
    yield np.asarray(picture)[:, :, ::-1].copy()


def _pages(pdf: bytes, dots: int) -> list[Picture]:
    with ONE_AT_A_TIME:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return [page.render(scale=dots / 72).to_numpy()[:, :, :3].copy() for page in document]
        finally:
            document.close()


def codes_on(picture: Picture) -> list[Code]:
    """Our codes on a picture as one reads, whichever way it is turned; weak ones are found on it made clearer or larger."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    kind = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    found: dict[Code, Picture] = {}
    for made in (grey, cv2.createCLAHE(4.0, (8, 8)).apply(grey), _sharpened(grey)):
        for one in zxingcpp.read_barcodes(np.ascontiguousarray(made), formats=kind):
            code, at = _code(one.text), one.position
            if code:
                corners = [(corner.x, corner.y) for corner in (at.top_left, at.top_right, at.bottom_left)]
                found.setdefault(code, np.array(corners, np.float64) * grey.shape[0] / made.shape[0])
    return _as_one_reads(found)


def _as_one_reads(found: dict[Code, Picture]) -> list[Code]:
    """By the way the first code is turned: what stands side by side from the left, the rest from above."""
    if len(found) < 2:
        return list(found)
    first, right, down = next(iter(found.values()))
    size = float(np.hypot(*(right - first)))
    rows: list[tuple[float, list[tuple[float, Code]]]] = []
    placed = sorted(
        (float((at[0] - first) @ (down - first)) / size, float((at[0] - first) @ (right - first)), place, code)
        for place, (code, at) in enumerate(found.items())
    )
    for depth, across, _place, code in placed:
        if not rows or depth - rows[-1][0] > 2 * size:
            rows.append((depth, []))
        rows[-1][1].append((across, code))
    return [code for _depth, row in rows for _across, code in sorted(row, key=lambda one: one[0])]


def _sharpened(grey: Picture) -> Picture:
    """Larger, with the edges that lens and hand have softened."""
    large = cv2.resize(grey, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    return cv2.addWeighted(large, 3, cv2.GaussianBlur(large, (0, 0), 6), -2, 0)


def _code(text: str) -> Code | None:
    number, page = _NUMBER.search(text), _PAGE.search(text)
    if number is None:
        return None
    return Code(number[1].upper(), int(page[1]) if page else None, page[2] if page else "")


class Original:
    """A paper as it was printed: what its copies are laid on."""

    def __init__(self, pdf: bytes) -> None:
        self._pictures = _pages(pdf, _DOTS)
        self._signs = _signs_of(pdf)
        self._marks: dict[int, Marks] = {}

    def __len__(self) -> int:
        return len(self._pictures)

    def laid(self, picture: Picture, marks: Marks, page: int) -> Laid | None:
        """The picture laid on this page (from 1) and compared sign by sign; None where it cannot be laid on it."""
        if len(marks.points) < _LEAST_ALIKE:
            return None
        original = self._pictures[page - 1]
        grey = cv2.cvtColor(original, cv2.COLOR_BGR2GRAY)
        if page not in self._marks:
            self._marks[page] = _marks(grey)
        way = _way_from(marks, self._marks[page])
        if way is None:
            return None
        turned = _pressed(picture, way, grey)
        seen = _evened(turned)
        likeness = [_likeness(grey, seen, box) for box in self._signs[page - 1]]
        middle = float(np.median(likeness)) if likeness else 0.0
        places: list[Sequence[int]] | None = None
        if middle >= _UNREADABLE:
            least = min(middle - _BELOW, _NEVER)
            places = _together([box for box, one in zip(self._signs[page - 1], likeness, strict=True) if one < least])
        shown = _side_by_side(original, turned, places or (), _added(grey, seen))
        return Laid(round(max(middle, 0.0) * 100), None if places is None else len(places), shown)


def _signs_of(pdf: bytes) -> list[list[tuple[int, int, int, int]]]:
    """Of each page the boxes of its signs in dots, from the upper left corner; what is small, as a comma, is left out."""
    scale, found = _DOTS / 72, []
    with ONE_AT_A_TIME:
        document = pypdfium2.PdfDocument(pdf)
        try:
            for page in document:
                text, height = page.get_textpage(), page.get_height()
                boxes = (text.get_charbox(at) for at in range(text.count_chars()))
                placed = {
                    (round(a * scale), round((height - d) * scale), round(c * scale), round((height - b) * scale))
                    for a, b, c, d in boxes
                }
                found.append(sorted(box for box in placed if box[3] - box[1] >= 8 and box[2] - box[0] >= 5))
        finally:
            document.close()
    return found


def marks_of(picture: Picture) -> Marks:
    """What a picture is known by, whatever its light and slant."""
    scale = min(1.0, _LIKE_A_PAGE / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = _marks(_red(small))
    return Marks(found.points / scale, found.looks)


def _marks(grey: Picture) -> Marks:
    points, looks = cv2.SIFT.create(nfeatures=_FEATURES).detectAndCompute(grey, None)
    return Marks(np.array([one.pt for one in points], dtype=np.float32).reshape(-1, 2), looks)


def _way_from(marks: Marks, page: Marks) -> Way | None:
    """How the picture lies on the page: as if it had been taken straight from above, and the paper pressed flat."""
    pairs = cv2.BFMatcher().knnMatch(marks.looks, page.looks, k=2)
    alike = _each_once(one[0] for one in pairs if len(one) == 2 and one[0].distance < _RATIO * one[1].distance)
    if len(alike) < _LEAST_ALIKE:
        return None
    source = marks.points[[one.queryIdx for one in alike]]
    target = page.points[[one.trainIdx for one in alike]]
    matrix, held = cv2.findHomography(source, target, cv2.USAC_MAGSAC, _ROUGHLY, maxIters=10_000, confidence=0.999)
    if matrix is None or int(held.sum()) < _LEAST_ALIKE or abs(np.linalg.det(matrix)) < _NOTHING:
        return None
    laid = cv2.perspectiveTransform(source[:, None], matrix)[:, 0]
    return Way(np.linalg.inv(matrix), _bend(target, laid - target))


def _each_once(pairs: Iterable[Any]) -> list[Any]:
    """Of all that is taken for one place of the page the likest: a grained table is like one corner a hundred times."""
    best: dict[int, Any] = {}
    for one in pairs:
        if one.trainIdx not in best or one.distance < best[one.trainIdx].distance:
            best[one.trainIdx] = one
    return list(best.values())


def _bend(places: Picture, off: Picture) -> Picture:
    """How far paper that is not flat lies beside its place, as a curved surface over the page, by these places of it.

    Pairs that do not belong together lie off it and are left out, more strictly each time.
    """
    terms, kept = _terms(places), np.hypot(*off.T) < _BENT
    found = np.zeros((terms.shape[1], 2))
    for finer, limit in _FINER:
        if int(kept.sum()) < _LEAST_ALIKE:
            return np.zeros_like(found)
        part = terms[kept][:, finer >= _POWERS]
        steady = np.eye(part.shape[1])  # where nothing is known the surface stays level
        found = np.zeros_like(found)
        found[finer >= _POWERS] = np.linalg.solve(part.T @ part + steady, part.T @ off[kept])
        kept = np.hypot(*(off - terms @ found).T) < limit
    return found


def _pieces(page: Picture, seen: Picture) -> tuple[Picture, Picture]:
    """How far what is printed lies beside its place, looked for piece by piece over the whole page: places, and off."""
    places, off = [], []
    for top in range(_NEAR, page.shape[0] - _NEAR - _PIECE[1], _PIECE[1] // 2):
        for left in range(_NEAR, page.shape[1] - _NEAR - _PIECE[0], _PIECE[0] // 2):
            piece = page[top : top + _PIECE[1], left : left + _PIECE[0]]
            if int((piece < _INK).sum()) < _LEAST_INK:
                continue
            room = seen[top - _NEAR : top + _PIECE[1] + _NEAR, left - _NEAR : left + _PIECE[0] + _NEAR]
            _low, high, _where, place = cv2.minMaxLoc(cv2.matchTemplate(room, piece, cv2.TM_CCOEFF_NORMED))
            if high > _FOUND:
                places.append((left + _PIECE[0] / 2, top + _PIECE[1] / 2))
                off.append((place[0] - _NEAR, place[1] - _NEAR))
    return np.array(places, np.float64).reshape(-1, 2), np.array(off, np.float64).reshape(-1, 2)


def _agreeing(places: Picture, off: Picture) -> tuple[Picture, Picture]:
    """The pieces that lie as those around them do: paper bends, and does not jump."""
    kept = np.hypot(*(off - _around(places, places, off)).T) < _OFF * 1.5
    return places[kept], off[kept]


def _around(at: Picture, places: Picture, off: Picture) -> Picture:
    """How far off it is at these places, by what lies near; level where nothing does."""
    if not len(places):
        return np.zeros_like(at)
    apart = (at[:, None, :] - places[None]) / (1.0 * _PIECE[0], 0.7 * _PIECE[1])
    weight = np.exp(-(apart**2).sum(axis=2) / 2)
    return (weight @ off) / (weight.sum(axis=1, keepdims=True) + 0.05)


def _terms(places: Picture) -> Picture:
    """The parts of a curved surface at these places of a page: powers of both directions up to the fourth."""
    x, y = (places[:, axis] / _LIKE_A_PAGE * 3 - 1 for axis in (0, 1))
    return np.stack([x**a * y**b for a, b in _EXPONENTS], axis=1)


def _pressed(picture: Picture, way: Way, page: Picture) -> Picture:
    """The picture as it lies on the page, twice looked at piece by piece: for the bend of the whole, then for each part."""
    way = Way(way.matrix, way.bend + _bend(*_pieces(page, _evened(_flat(picture, way, page.shape)))))
    near = _agreeing(*_pieces(page, _evened(_flat(picture, way, page.shape))))
    return _flat(picture, Way(way.matrix, way.bend, *near), page.shape)


def _flat(picture: Picture, way: Way, shape: Sequence[int]) -> Picture:
    """The picture as it lies on a page of this height and width."""
    across, down = np.arange(0, shape[1] + _GRID, _GRID), np.arange(0, shape[0] + _GRID, _GRID)
    places = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2).astype(np.float64)
    off = _terms(places) @ way.bend + _around(places, way.places, way.off)
    bent = (places + off).reshape(len(down), len(across), 2)
    size = (len(across) * _GRID, len(down) * _GRID)
    every = cv2.warpAffine(
        bent.astype(np.float32),
        np.array([[_GRID, 0, 0], [0, _GRID, 0]], np.float64),
        size,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )[: shape[0], : shape[1]]
    back = cv2.perspectiveTransform(every.reshape(-1, 1, 2), way.matrix).reshape(every.shape)
    return cv2.remap(picture, back[:, :, 0], back[:, :, 1], cv2.INTER_LINEAR, borderValue=(255, 255, 255))


def _red(picture: Picture) -> Picture:
    """The picture through a red glass: a stamp fades, what lies under it stays."""
    return np.ascontiguousarray(picture[:, :, 2])


def _evened(picture: Picture) -> Picture:
    """In greys, with the paper white wherever light or shadow fell on it."""
    red = _red(picture)
    paper = cv2.medianBlur(cv2.dilate(red, np.ones((9, 9), np.uint8)), 31)
    return cv2.divide(red, np.maximum(paper, 1), scale=255)


def _likeness(page: Picture, seen: Picture, box: Sequence[int]) -> float:
    """How like a sign is what stands at its place, -1 to 1; at its best within a few dots, as paper is never flat."""
    left, top, right, bottom = box
    sign = page[max(top - _MARGIN, 0) : bottom + _MARGIN, max(left - _MARGIN, 0) : right + _MARGIN]
    around = _MARGIN + _REACH
    room = seen[max(top - around, 0) : bottom + around, max(left - around, 0) : right + around]
    if sign.size == 0 or room.shape[0] < sign.shape[0] or room.shape[1] < sign.shape[1] or int(np.ptp(sign)) < 60:
        return 1.0
    soft = cv2.GaussianBlur(sign, (3, 3), 0)
    return float(cv2.matchTemplate(room, soft, cv2.TM_CCOEFF_NORMED).max())


def _together(boxes: Sequence[Sequence[int]]) -> list[Sequence[int]]:
    """Signs that stand side by side are one place."""
    places: list[list[int]] = []
    for left, top, right, bottom in sorted(boxes, key=lambda box: (box[1] // 12, box[0])):
        last = places[-1] if places else None
        if last and abs(last[1] - top) < 12 and left - last[2] < 24:
            last[:] = [min(last[0], left), min(last[1], top), max(last[2], right), max(last[3], bottom)]
        else:
            places.append([left, top, right, bottom])
    return list(places)


def _added(page: Picture, seen: Picture) -> Picture:
    """Where the copy has ink and the page has none: stamps, signatures, and whatever was written between the lines."""
    printed = cv2.dilate((page < 200).astype(np.uint8), np.ones((_ADDED, _ADDED), np.uint8))
    ink = ((seen < _INK) & (printed == 0)).astype(np.uint8)
    return cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))


def _side_by_side(page: Picture, turned: Picture, places: Sequence[Sequence[int]], added: Picture) -> bytes:
    """Left the page, right the copy laid on it: red frames where a printed word is not there, blue what was added."""
    copy, page = turned.copy(), page.copy()
    copy[added > 0] = _BLUE
    for left, top, right, bottom in places:
        for one in (page, copy):
            cv2.rectangle(one, (left - 5, top - 5), (right + 5, bottom + 5), _RED, 2)
    gap = np.full((page.shape[0], 12, 3), 235, np.uint8)
    done, written = cv2.imencode(".jpg", np.hstack([page, gap, copy]), [cv2.IMWRITE_JPEG_QUALITY, 70])
    assert done
    return bytes(written)
