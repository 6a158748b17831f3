"""Pictures of papers as phones take them, made from the printed page by what really happens to light on its way.

Paper curls, stands slanted on a grained table, lies in a lamp's light and a hand's shadow, bears a red seal; the hand
moves a little, the lens is soft, the sensor is noisy, the file is a JPEG of 12 megapixels that says how it is to be
turned. All of it repeats: the same picture each time.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import cv2
import numpy as np
import pypdfium2
from PIL import Image

from app.documents.lasting.readback import ONE_AT_A_TIME

TWELVE_MEGAPIXELS: Final = 3000  # dots of the narrower side
_ORIENTATION: Final = 0x0112
Picture = Any


@dataclass(frozen=True)
class Phone:
    """How a picture is taken; the numbers are those of an ordinary one that is good enough.

    Args:
        slant: by how much of the page's width its corners move.
        curl: by how many dots the paper is bent up.
        light: how bright the darker side is against the brighter one.
        shadow: how bright it is where the hand's shadow falls.
        soft: blur of the lens, in dots of the picture.
        moved: by how many dots the hand moved while the picture was taken.
        noise: of the sensor, in steps of 256.
        quality: of the JPEG.
        fills: how much of the picture's width a page takes.
        turned: in quarters of a turn, as the paper lay.
        orientation: what the file says of how it is to be turned (EXIF).
        seal: how dark the red of the seal is, 0 for none.
        warm: how much less blue the lamp gives.
        wide: dots of the narrower side; what is said in dots is said for 12 megapixels and goes down with it.
        screen: the page is shown on a screen of so many dots across the picture, and that is photographed.
    """

    slant: float = 0.05
    curl: float = 18.0
    light: float = 0.65
    shadow: float = 0.7
    soft: float = 1.2
    moved: int = 4
    noise: float = 6.0
    quality: int = 60
    fills: float = 0.8
    turned: int = 0
    orientation: int = 1
    seal: float = 0.75
    warm: float = 0.85
    wide: int = 2000
    screen: int = 0


def printed(pdf: bytes) -> list[Picture]:
    """The pages as a printer lays them on paper, 300 dots an inch, in colour (blue, green, red)."""
    with ONE_AT_A_TIME:
        document = pypdfium2.PdfDocument(pdf)
        found = [page.render(scale=300 / 72).to_numpy()[:, :, :3].copy() for page in document]
        document.close()
    return found


def taken(pages: Sequence[Picture], by: Phone) -> bytes:
    """A JPEG of these pages (blue, green, red; as sharp as may be), one beside the other on a table."""
    chance = np.random.default_rng(7)
    small = by.wide / TWELVE_MEGAPIXELS
    by = replace(by, curl=by.curl * small, soft=by.soft * small, moved=round(by.moved * small))
    short, long = by.wide, by.wide * 4 // 3
    wide, high = (short, long) if len(pages) == 1 else (long, short)
    seen = _table(chance, wide, high)
    share = wide / len(pages)
    for place, page in enumerate(pages):
        width = min(by.fills * share, by.fills * high * page.shape[1] / page.shape[0])
        corner = (place * share + (share - width) / 2, (high - width * page.shape[0] / page.shape[1]) / 2)
        _lay(seen, _on_screen(_sealed(page, by.seal), by.screen), corner, width, by)
    seen = _lit(seen, by)
    seen = _through_the_lens(seen, by, chance)
    seen = np.ascontiguousarray(np.rot90(seen, by.turned))
    return _file(seen, by)


def _table(chance: np.random.Generator, wide: int, high: int) -> Picture:
    """Wood: grain along one side, knots of light and dark."""
    rows = cv2.resize(
        chance.normal(0, 14, (high // 8, 6)).astype(np.float32), (wide, high), interpolation=cv2.INTER_CUBIC
    )
    spots = cv2.resize(chance.normal(0, 8, (60, 40)).astype(np.float32), (wide, high), interpolation=cv2.INTER_CUBIC)
    return np.array([70, 105, 150], np.float32) + (rows + spots)[:, :, None]


def _sealed(page: Picture, dark: float) -> Picture:
    """A round red seal of 42 mm over the text, with a star and letters around it, as ink: what lies below shows through."""
    if not dark:
        return page
    high, wide = page.shape[:2]
    radius, middle = int(wide * 0.1), (int(wide * 0.68), int(high * 0.62))
    ink = np.zeros((high, wide), np.uint8)
    cv2.circle(ink, middle, radius, 255, max(radius // 16, 2), cv2.LINE_AA)
    star = [
        (middle[0] + radius * size * np.sin(np.pi * turn / 5), middle[1] - radius * size * np.cos(np.pi * turn / 5))
        for turn, size in zip(range(10), [0.34, 0.13] * 5, strict=True)
    ]
    cv2.fillPoly(ink, [np.array(star, np.int32)], 255, cv2.LINE_AA)
    for turn in np.linspace(-2.3, 2.3, 14):
        at = (int(middle[0] + radius * 0.74 * np.sin(turn)), int(middle[1] - radius * 0.74 * np.cos(turn)))
        cv2.rectangle(
            ink, (at[0] - radius // 11, at[1] - radius // 9), (at[0] + radius // 11, at[1] + radius // 9), 255, 3
        )
        cv2.line(ink, (at[0] - radius // 11, at[1]), (at[0] + radius // 11, at[1]), 255, 3)
    around = np.s_[middle[1] - 2 * radius : middle[1] + 2 * radius, middle[0] - 2 * radius : middle[0] + 2 * radius]
    share = ink[around].astype(np.float32)[:, :, None] / 255 * dark
    red, sealed = np.array([55, 45, 205], np.float32) / 255, page.copy()
    sealed[around] = np.rint(page[around] * (1 - share + share * red))
    return sealed


def _on_screen(page: Picture, lines: int) -> Picture:
    """The page as the dots of a screen give it: dark lines between them, which the sensor's own grid beats against."""
    if not lines:
        return page
    high, wide = page.shape[:2]
    shown = cv2.resize(
        cv2.resize(page.astype(np.float32), (lines, lines * high // wide), interpolation=cv2.INTER_AREA),
        (wide, high),
        interpolation=cv2.INTER_NEAREST,
    )
    for axis, size in ((0, high), (1, wide)):
        wave = 0.84 + 0.16 * np.cos(2 * np.pi * np.arange(size) * lines / wide)
        shown *= wave.astype(np.float32).reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
    colours = np.arange(wide) * lines * 3 // wide % 3
    for channel in range(3):
        shown[:, :, channel] *= np.where(colours == channel, 1.12, 0.94).astype(np.float32)[None, :]
    return np.clip(shown, 0, 255).astype(np.uint8)


def _lay(seen: Picture, page: Picture, corner: tuple[float, float], width: float, by: Phone) -> None:
    """The page onto the table: slanted, and curled along its height; a narrow shadow falls below it."""
    high, wide = page.shape[:2]
    height = width * high / wide
    here = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    off = np.array([[0.6, 1.0], [-1.0, 0.2], [0.3, -0.5], [-0.4, 0.7]]) * by.slant * width
    there = np.array([[0, 0], [width, 0], [width, height], [0, height]]) + corner + off
    back = cv2.getPerspectiveTransform(there.astype(np.float32), here).astype(np.float32)
    rows, columns = np.mgrid[0 : seen.shape[0], 0 : seen.shape[1]].astype(np.float32)
    down = (rows - corner[1]) / height
    level = np.clip(down[:, :1], 0, 1)
    bent = by.curl * (np.sin(np.pi * level) + 0.4 * np.sin(3 * np.pi * level + 1))
    depth = back[2, 0] * columns + back[2, 1] * (rows + bent * 0.6) + back[2, 2]
    x = (back[0, 0] * (columns + bent) + back[0, 1] * (rows + bent * 0.6) + back[0, 2]) / depth
    y = (back[1, 0] * (columns + bent) + back[1, 1] * (rows + bent * 0.6) + back[1, 2]) / depth
    shown = cv2.remap(page, x, y, cv2.INTER_LINEAR)
    on = (x >= 0) & (x < wide - 1) & (y >= 0) & (y < high - 1)
    fold = 1 + 0.06 * np.cos(3 * np.pi * level + 1) * min(by.curl / 18, 2)
    edge = cv2.GaussianBlur(on.astype(np.float32), (0, 0), by.wide / 200)
    seen *= (1 - 0.35 * edge)[:, :, None]
    np.copyto(seen, shown * fold[:, :, None].astype(np.float32), where=on[:, :, None])


def _lit(seen: Picture, by: Phone) -> Picture:
    """A lamp at one side, and the shadow of who takes the picture."""
    high, wide = seen.shape[:2]
    lamp = (
        np.linspace(1, by.light, wide, dtype=np.float32)[None, :]
        * np.linspace(1, (1 + by.light) / 2, high, dtype=np.float32)[:, None]
    )
    hand = np.zeros((high // 10, wide // 10), np.float32)
    cv2.ellipse(hand, (int(wide * 0.028), int(high * 0.075)), (int(wide * 0.045), int(high * 0.03)), 25, 0, 360, 1, -1)
    fall = cv2.resize(cv2.GaussianBlur(hand, (0, 0), 12), (wide, high))
    return seen * (lamp * (1 - (1 - by.shadow) * fall))[:, :, None] * np.array([by.warm, 0.97, 1], np.float32)


def _through_the_lens(seen: Picture, by: Phone, chance: np.random.Generator) -> Picture:
    if by.soft:
        seen = cv2.GaussianBlur(seen, (0, 0), by.soft)
    if by.moved:
        way = np.zeros((by.moved, by.moved), np.float32)
        cv2.line(way, (0, by.moved // 3), (by.moved - 1, by.moved - 1 - by.moved // 3), 1)
        seen = cv2.filter2D(seen, -1, way / way.sum())
    grain = chance.standard_normal((seen.shape[0] // 2, seen.shape[1] // 2, 3), np.float32) * by.noise
    seen = seen * 0.96 + cv2.resize(grain, (seen.shape[1], seen.shape[0]))
    return np.clip(seen, 0, 255).astype(np.uint8)


def _file(seen: Picture, by: Phone) -> bytes:
    said = Image.Exif()
    said[_ORIENTATION] = by.orientation
    written = io.BytesIO()
    Image.fromarray(seen[:, :, ::-1].copy()).save(written, "JPEG", quality=by.quality, exif=said)
    return written.getvalue()
