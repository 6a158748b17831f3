"""Every page to which links lead keeps the rules of accessibility in light and dark, and fits a phone."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Error, Page, TimeoutError
from werkzeug.exceptions import HTTPException

from tests.fixtures.browser import DESK, PHONE, Visitors, check_accessibility

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("fresh_database")]
PEOPLE = (None, "graduate1", "employer1", "dept10001a", "school10001", "province11", "operator")
# What is no page, ends the visit or belongs to no reader.
NO_PAGES = ("/static/", "/api/", "/language/", "/logout", "/swagger")
FEWEST = 75
_FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"


class Walk:
    """Each page once, whoever reaches it first."""

    def __init__(self, app: Flask, home: str) -> None:
        self.rules, self.home = app.url_map.bind(urlsplit(home).netloc), home
        self.seen: set[str] = set()
        self.bad: list[str] = []

    def all_of(self, page: Page) -> None:
        """Everything that can be reached from the page that is open."""
        left = [page.url]
        while left:
            address = left.pop(0)
            if self._is_new(address) and self._opens(page, address):
                self._look(page)
                left += self._links(page)

    def _is_new(self, address: str) -> bool:
        path = urlsplit(address).path
        if not address.startswith(self.home) or path.startswith(NO_PAGES):
            return False
        try:
            endpoint, _values = self.rules.match(path)
        except HTTPException:
            return False
        new = endpoint not in self.seen
        self.seen.add(endpoint)
        return new

    def _opens(self, page: Page, address: str) -> bool:
        try:
            answer = page.goto(address)
        except Error as refused:
            if "Download is starting" not in refused.message:
                raise
            return False
        return answer is not None and answer.ok and "html" in answer.headers.get("content-type", "")

    def _look(self, page: Page) -> None:
        for size in (PHONE["viewport"], DESK["viewport"]):
            page.set_viewport_size(size)
            try:  # a chart takes its new width a moment later
                page.wait_for_function(_FITS, timeout=5_000)
            except TimeoutError as told:
                self.bad.append(f"{page.url} is too wide at {size['width']} px: {told.message}")
        try:
            check_accessibility(page)
        except AssertionError as told:
            self.bad.append(str(told))

    def _links(self, page: Page) -> Iterator[str]:
        yield from page.evaluate("() => [...document.querySelectorAll('a[href]')].map((one) => one.href.split('#')[0])")


def test_pages_keep_the_rules_in_light_and_dark(app: Flask, visitors: Visitors) -> None:
    walk = Walk(app, visitors.server.url)
    for who in PEOPLE:
        page = visitors.open(who)
        page.goto("/")
        walk.all_of(page)
        page.close()
    assert walk.bad == []
    assert len(walk.seen) > FEWEST, sorted(walk.seen)
