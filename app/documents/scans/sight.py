"""What a picture of one of our papers shows: its codes, and where it differs from the page it was printed as.

For workers alone: pictures of phones take seconds. Nothing here knows of cases or of the database.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
    """Our codes on a picture, from above; a weak one is looked for again on the picture made clearer."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    tries = (lambda: grey, lambda: cv2.createCLAHE(4.0, (8, 8)).apply(grey), lambda: cv2.resize(grey, None, fx=2, fy=2))
    for made in tries:
        found = zxingcpp.read_barcodes(
            np.ascontiguousarray(made()), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
        )
        codes = [code for one in sorted(found, key=lambda one: one.position.top_left.y) if (code := _code(one.text))]
        if codes:
            return codes
    return []


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
        matrix = _way_from(marks, self._marks[page])
        if matrix is None:
            return None
        size = (grey.shape[1], grey.shape[0])
        turned = cv2.warpPerspective(picture, matrix, size, flags=cv2.INTER_AREA, borderValue=(255, 255, 255))
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


def _way_from(marks: Marks, page: Marks) -> Picture | None:
    """How the picture has to be turned to lie on the page as if it had been taken straight from above."""
    pairs = cv2.BFMatcher().knnMatch(marks.looks, page.looks, k=2)
    alike = [one[0] for one in pairs if len(one) == 2 and one[0].distance < _RATIO * one[1].distance]
    if len(alike) < _LEAST_ALIKE:
        return None
    source = marks.points[[one.queryIdx for one in alike]]
    target = page.points[[one.trainIdx for one in alike]]
    matrix, held = cv2.findHomography(source, target, cv2.RANSAC, _OFF)
    return matrix if matrix is not None and int(held.sum()) >= _LEAST_ALIKE else None


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
