"""A stamped copy that comes back as a photo: its page is known, and what no longer says what was printed is seen."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from app.documents.scans import sight
from app.documents.scans.words import whole_lines
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


@pytest.mark.parametrize(
    ("found", "waiting", "tones"),
    [([1, 2, 3], 0, ["good"]), ([1, 3], 0, ["bad"]), ([1, 3, 2], 0, ["warn"]), ([], 2, ["info"])],
)
def test_missing_and_mixed_pages_are_told(found: list[int], waiting: int, tones: list[str], app_context: Any) -> None:
    del app_context
    assert [tone for tone, _words in whole_lines(3, found, waiting)] == tones
