"""A stamped copy that comes back as a photo: its page is known, and what no longer says what was printed is seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from app.documents.scans import sight
from app.documents.scans.words import whole_lines
from app.documents.uploads import examine
from tests.documents import phones
from tests.documents.phones import Phone
from tests.documents.samples import NUMBER, render_agreement, snapshot


def photo(page: Any, *, blur: float = 1.6) -> Any:
    """A page as a phone sees it: on a dark table, slanted, in uneven light, with a red stamp and a line by hand."""
    high, wide = page.shape[:2]
    page = page.copy()
    cv2.circle(page, (int(wide * 0.7), int(high * 0.6)), int(wide * 0.1), (40, 40, 220), 6)
    cv2.line(page, (int(wide * 0.15), int(high * 0.05)), (int(wide * 0.3), int(high * 0.07)), (120, 30, 20), 5)
    size = (int(wide * 1.3), int(high * 1.25))
    here = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    there = here + np.array([[90, 120], [230, 90], [180, 200], [110, 160]], np.float32)
    matrix = cv2.getPerspectiveTransform(here, there)
    seen = cv2.warpPerspective(page, matrix, size, borderValue=(90, 110, 120)).astype(np.float32)
    seen *= np.linspace(0.62, 1, size[0], dtype=np.float32)[None, :, None]
    return np.clip(cv2.GaussianBlur(seen, (0, 0), blur), 0, 255).astype(np.uint8)


def stamped(**parts: Any) -> bytes:
    """The paper as it is printed to be stamped."""
    facts = snapshot("three_party", **parts)
    rows = [row for row in facts["confirmations"] if row["role"] in ("department", "school")]
    return render_agreement({**facts, "confirmations": rows}, "stamped")


@pytest.mark.parametrize(
    ("salary", "blur", "differing"), [("18000.00", 1.6, 0), ("81000.00", 1.6, 2), (None, 5.0, None)]
)
def test_a_photo_is_laid_on_its_page_and_compared_sign_by_sign(
    salary: str | None, blur: float, differing: int | None
) -> None:
    copy = stamped(position={"salary_month": salary}) if salary else stamped()
    picture = photo(next(sight.sheets(copy, "application/pdf")), blur=blur)
    codes = sight.codes_on(picture)
    assert [(code.number, code.page) for code in codes] == ([(NUMBER, 1)] if blur < 2 else [])
    laid = sight.Original(stamped()).laid(picture, sight.marks_of(picture), 1)
    assert laid is not None
    assert laid.differing == differing
    assert (laid.likeness > 85) == (blur < 2)
    assert laid.shown.startswith(b"\xff\xd8")


def test_what_is_no_page_of_ours_has_neither_code_nor_place() -> None:
    table = np.full((900, 700, 3), 120, np.uint8)
    assert sight.codes_on(table) == []
    assert sight.Original(stamped()).laid(table, sight.marks_of(table), 1) is None


@pytest.fixture(scope="module")
def pages() -> list[Any]:
    """The paper, printed."""
    return phones.printed(stamped())


@pytest.fixture(scope="module")
def original() -> sight.Original:
    """What copies are laid on."""
    return sight.Original(stamped())


# What a hurried person's picture is like, all at once: slanted, bent, in bad light, not quite sharp, moved and noisy.
HURRIED = Phone(slant=0.1, curl=40, light=0.45, shadow=0.55, soft=1.8, moved=6, noise=10)


@pytest.mark.parametrize(
    ("by", "page"),
    [
        pytest.param(replace(HURRIED, turned=1), 1, id="hurried, lying on its side"),
        pytest.param(Phone(curl=80, turned=2), 2, id="bent by half a centimetre, upside down"),
        pytest.param(Phone(light=0.25, shadow=0.45, fills=0.65, seal=0.9), 1, id="in shadow, far away, sealed heavily"),
        pytest.param(Phone(screen=1000, noise=10), 1, id="from a screen"),
    ],
)
def test_a_picture_that_a_person_can_read_is_read(
    pages: list[Any], original: sight.Original, by: Phone, page: int
) -> None:
    (picture,) = sight.sheets(phones.taken([pages[page - 1]], by), "image/jpeg")
    assert [(code.number, code.page) for code in sight.codes_on(picture)] == [(NUMBER, page)]
    laid = original.laid(picture, sight.marks_of(picture), page)
    assert laid is not None
    assert laid.differing == 0, "nothing was changed"
    assert laid.likeness > 80


def test_what_was_changed_is_found_on_a_hurried_picture_of_twelve_megapixels(original: sight.Original) -> None:
    """By the door of uploads, which turns it as the file says."""
    (changed, *_rest) = phones.printed(stamped(position={"salary_month": "81000.00"}))
    file = phones.taken([changed], replace(HURRIED, wide=phones.TWELVE_MEGAPIXELS, turned=1, orientation=6))
    (picture,) = sight.sheets(examine(file, name="a.jpg").content, "image/jpeg")
    assert picture.shape[0] > picture.shape[1]
    assert [code.page for code in sight.codes_on(picture)] == [1]
    laid = original.laid(picture, sight.marks_of(picture), 1)
    assert laid is not None
    assert laid.differing == 2, "the salary in figures, and in words"


@pytest.mark.parametrize("turned", [0, 2])
def test_two_pages_in_one_picture_are_both_read_in_their_order(
    pages: list[Any], original: sight.Original, turned: int
) -> None:
    (picture,) = sight.sheets(phones.taken(pages[:2], Phone(turned=turned)), "image/jpeg")
    assert [code.page for code in sight.codes_on(picture)] == [1, 2]
    marks = sight.marks_of(picture)
    for page in (1, 2) if turned else ():
        laid = original.laid(picture, marks, page)
        assert laid is not None
        assert laid.differing == 0


@pytest.mark.parametrize(
    ("by", "differing"), [pytest.param(Phone(soft=3.4), 0, id="soft"), pytest.param(Phone(moved=14), None, id="moved")]
)
def test_where_no_code_can_be_read_the_page_is_compared_or_called_too_blurred(
    pages: list[Any], original: sight.Original, by: Phone, differing: int | None
) -> None:
    (picture,) = sight.sheets(phones.taken([pages[0]], by), "image/jpeg")
    assert sight.codes_on(picture) == []
    laid = original.laid(picture, sight.marks_of(picture), 1)
    assert laid is not None
    assert laid.differing == differing


@pytest.mark.parametrize(
    ("found", "waiting", "tones"),
    [([1, 2, 3], 0, ["good"]), ([1, 3], 0, ["bad"]), ([1, 3, 2], 0, ["warn"]), ([], 2, ["info"])],
)
def test_missing_and_mixed_pages_are_told(found: list[int], waiting: int, tones: list[str], app_context: Any) -> None:
    del app_context
    assert [tone for tone, _words in whole_lines(3, found, waiting)] == tones
