"""Pages run and style nothing that is not the platform's own file; a browser walks over them and has no complaint."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Error, Page

from tests.fixtures.browser import Visitors

PAGES = 70  # of each account at most
# Collected before anything of the page runs.
LISTEN = """
    window.refusals = [];
    addEventListener("securitypolicyviolation", (one) =>
        refusals.push(one.violatedDirective + " " + one.blockedURI + " " + one.sourceFile + " " + one.sample));
"""
LINKS = "() => [...document.querySelectorAll('a[href], [hx-get]')].map((one) => one.getAttribute('href') || '')"


def _pattern(address: str) -> str:
    """Pages that differ in a number or in what is searched are one."""
    return re.sub(r"\d+", "N", address.partition("?")[0])


def _starts(app: Flask) -> list[str]:
    """Addresses without an id that show something."""
    rules = [rule for rule in app.url_map.iter_rules() if not rule.arguments and "GET" in (rule.methods or ())]
    skipped = ("/api/", "/static", "/health", "/logout")
    return sorted(rule.rule for rule in rules if not rule.rule.startswith(skipped) and "export" not in rule.rule)


def _opens(page: Page, address: str) -> bool:
    """Whether it is a page that this account sees."""
    try:
        answer = page.goto(address, wait_until="load")
    except Error as error:
        if "Download is starting" in str(error) or "ERR_ABORTED" in str(error):
            return False
        raise
    assert answer is not None
    assert answer.status < 500, address
    return answer.status == 200 and "text/html" in answer.headers.get("content-type", "")


@pytest.mark.parametrize("account", [None, "operator", "school10001", "employer1", "graduate1"])
def test_no_page_is_refused_anything(app: Flask, visitors: Visitors, account: str | None) -> None:
    page = visitors.open(account)
    page.add_init_script(LISTEN)
    waiting, seen, shown = _starts(app), set[str](), 0
    while waiting and shown < PAGES:
        address = waiting.pop(0)
        if _pattern(address) in seen:
            continue
        seen.add(_pattern(address))
        if not _opens(page, address):
            continue
        shown += 1
        assert page.evaluate("() => window.refusals") == [], address
        found = [link for link in page.evaluate(LINKS) if re.match(r"/(?!/|api/|static/|logout)", link)]
        waiting[:0] = [link.partition("#")[0] for link in found if not re.search(r"export|download|\.(xlsx|pdf)", link)]
    assert shown > (5 if account is None else 12)


def test_the_description_of_the_api_shows_with_its_own_styles(desk: Callable[..., Page]) -> None:
    page = desk()
    page.add_init_script(LISTEN)
    page.goto("/swagger/v1")
    page.locator(".opblock").first.wait_for()
    assert page.evaluate("() => window.refusals") == []


def test_nothing_inline_is_allowed_and_every_answer_bears_the_headers(client: FlaskClient) -> None:
    addresses = ("/", "/login/school", "/swagger/v1", "/no/such/page", "/static/js/app.js", "/api/v1/nope", "/health")
    for address in addresses:
        headers: Any = client.get(address).headers
        assert "unsafe" not in headers["Content-Security-Policy"], address
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] in ("same-origin", "no-referrer")
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "microphone=()" in headers["Permissions-Policy"]
    assert client.get("/health").headers["Content-Security-Policy"].startswith("default-src 'none'")
