"""The pages of figures in a real browser: charts beside their tables, narrow and wide, light and dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.base.database import session
from tests.fixtures.browser import DESK, PHONE, Visitors
from tests.statistics.histories import Life

pytestmark = pytest.mark.browser
PAGES = "/staff/statistics/employment"
SIZES: dict[str, dict[str, Any]] = {"desk": DESK, "phone": PHONE}


@pytest.fixture(scope="module", autouse=True)
def _world(application: Flask, database: str) -> Iterator[None]:
    with application.app_context():
        Life(9).live(60)
        session.remove()
    return


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_stand_beside_their_tables(
    visitors: Visitors, axe: Callable[[Page], None], size: str, scheme: str
) -> None:
    """Nothing runs off the page, and accessibility rules hold."""
    page = visitors.open("school10001", size=SIZES[size], color_scheme=scheme)
    for section, drawn in (("", True), ("records", False), ("days", True), ("hints", False), ("snapshots", False)):
        page.goto(f"{PAGES}/{section}")
        if drawn:
            expect(page.locator("[data-figures] svg")).to_be_visible()
            expect(page.locator("[data-figures] ~ .tablewrap table")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), section
        axe(page)


def test_from_a_number_to_its_people(visitors: Visitors) -> None:
    """The tile says so many, the list has so many."""
    page = visitors.open("school10001")
    page.goto(f"{PAGES}/")
    tile = page.locator(".tile", has_text="已登记")
    number = tile.locator(".tile__figure").inner_text()
    tile.click()
    expect(page.get_by_text(f"· {number} 行")).to_be_visible()
