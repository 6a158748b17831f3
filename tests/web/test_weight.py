"""What travels is small and travels once: counted on the wire, by a real browser and a plain client."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from typing import Any

import brotli
import httpx
import pytest
from playwright.sync_api import CDPSession, Page

from tests.fixtures.patience import PATIENCE
from tests.fixtures.servers import LiveServer

HOME, FORM = 60 * 1024, 110 * 1024
FOREVER = "public, max-age=31536000, immutable"


class Meter:
    """Bytes as they came over the wire since the page's last visit began, headers included, and from where."""

    def __init__(self, page: Page) -> None:
        self.page, self.total, self.calls = page, 0, list[str]()
        wire: CDPSession = page.context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.on("Network.loadingFinished", lambda event: self._add(event["encodedDataLength"]))
        wire.on("Network.requestWillBeSent", lambda event: self.calls.append(event["request"]["url"]))

    def _add(self, size: float) -> None:
        self.total += int(size)

    def visit(self, path: str) -> int:
        """Go there and say what it weighed."""
        self.total, self.calls = 0, []
        self.page.goto(path, wait_until="networkidle")
        return self.total


@pytest.mark.parametrize(("path", "most"), [("/graduate/", HOME), ("/graduate/me", HOME)])
def test_the_first_load_of_a_graduate_is_light(phone: Callable[..., Page], path: str, most: int) -> None:
    meter = Meter(phone("graduate1"))
    weight = meter.visit(path)
    print(path, weight)
    assert 5_000 < weight <= most
    again = meter.visit(path)
    assert again < weight / 2, "what has a digest in its name is kept"


def test_a_form_with_regions_is_light(phone: Callable[..., Page]) -> None:
    page = phone("graduate1")
    meter = Meter(page)
    weight = meter.visit("/graduate/archive/new?type=1")
    print(page.url, weight)
    assert page.locator("[data-region]").count(), page.url
    assert not any("regions" in one for one in meter.calls), "lists are there with the page"
    assert weight <= FORM


@pytest.fixture
def stranger(live_server: LiveServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=live_server.url, headers={"Accept-Encoding": "identity"}, timeout=PATIENCE) as client:
        yield client


def _asked(client: httpx.Client, path: str, how: str, **headers: str) -> tuple[httpx.Response, bytes]:
    with client.stream("GET", path, headers={"Accept-Encoding": how, **headers}) as response:
        return response, b"".join(response.iter_raw())


@pytest.mark.parametrize(("how", "unpack"), [("gzip", gzip.decompress), ("br", brotli.decompress)])
def test_a_static_file_keeps_for_ever_under_its_digest(
    stranger: httpx.Client, how: str, unpack: Callable[[bytes], bytes]
) -> None:
    names = re.findall(r"/static/[^\"#]+", stranger.get("/").text)
    assert names
    for name in names:
        assert re.search(r"\.[0-9a-f]{10}\.\w+$", name), name
        plain = stranger.get(name)
        response, packed = _asked(stranger, name, how)
        assert response.headers["Cache-Control"] == plain.headers["Cache-Control"] == FOREVER
        assert response.headers["Vary"] == "Accept-Encoding"
        assert "Set-Cookie" not in response.headers
        if len(plain.content) > 600:
            assert response.headers["Content-Encoding"] == how
            assert int(response.headers["Content-Length"]) == len(packed) < len(plain.content)
            assert unpack(packed) == plain.content
        kept = stranger.get(name, headers={"If-None-Match": response.headers["ETag"], "Accept-Encoding": how})
        assert (kept.status_code, kept.content) == (304, b"")


def test_an_old_name_gives_the_new_file_and_is_not_kept(stranger: httpx.Client) -> None:
    old = stranger.get("/static/css/app.0123456789.css")
    assert old.status_code == 200
    assert "immutable" not in old.headers["Cache-Control"]
    assert stranger.get("/static/css/none.0123456789.css").status_code == 404
    assert stranger.get("/static/../config.0123456789.py").status_code == 404
    assert stranger.get("/static/css/app.css").content == old.content


def test_a_part_of_a_file_comes_as_it_is(stranger: httpx.Client) -> None:
    part = stranger.get("/static/css/app.css", headers={"Range": "bytes=0-9", "Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in part.headers
    assert stranger.head("/static/css/app.css", headers={"Accept-Encoding": "gzip"}).status_code == 200


def test_a_page_with_secrets_is_packed_only_when_no_other_site_asked_for_it(
    phone: Callable[..., Page], stranger: httpx.Client
) -> None:
    cookies = {one["name"]: one["value"] for one in phone("graduate1").context.cookies()}
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())

    def packed(**headers: Any) -> bool:
        response, _body = _asked(stranger, "/graduate/", "gzip, br", **headers)
        assert response.status_code == (200 if headers.get("Cookie") else 302)
        return "Content-Encoding" in response.headers

    assert packed(**{"Cookie": header, "Sec-Fetch-Site": "same-origin"})
    assert packed(**{"Cookie": header, "Sec-Fetch-Site": "none"})
    assert not packed(**{"Cookie": header, "Sec-Fetch-Site": "cross-site"})
    assert not packed(**{"Cookie": header, "Sec-Fetch-Site": "same-site"})
    assert not packed(Cookie=header)
    assert "Content-Encoding" in _asked(stranger, "/", "gzip")[0].headers, "a stranger's page holds nobody's secret"
