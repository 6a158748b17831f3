"""The photo component on a phone: taken, shrunk, sent with progress, refused in words, turned, removed, by keyboard."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template_string
from PIL import Image
from playwright.sync_api import Page, Route, expect

from app.web.headers import _policy
from tests.documents.pictures import paper, picture
from tests.fixtures.browser import check_accessibility, check_no_sideways_scrolling

ADDRESS = "/graduate/photo-test"
PAGE = """
{% extends "layouts/graduate.html" %}
{% import "components/ui.html" as ui with context %}
{% block title %}Photos{% endblock %}
{% block content %}<h1>Photos</h1>
{{ ui.photos("proof", "录取通知书", files=files, url="/photos/x/1", required=true, pdf=true, most=3, hint="拍清楚公章",
             next="/graduate/") }}
<form method="post" action="/graduate/photo-test/sent">{{ ui.button("提交审核", "primary") }}</form>
{% endblock %}
{% block scripts %}<script src="{{ asset('js/photos.js') }}" nonce="{{ csp_nonce() }}" defer></script>{% endblock %}
"""


class Server:
    """What answers instead of the platform: keeps what was sent, and can be told to refuse."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.refusal: tuple[int, dict[str, Any]] | None = None
        self.pictures: dict[str, bytes] = {}

    def take(self, route: Route) -> None:
        """POST of the script."""
        body = route.request.post_data_buffer or b""
        self.bodies.append(body)
        assert route.request.headers["accept"] == "application/json"
        assert route.request.headers["x-csrftoken"]
        if self.refusal:
            status, told = self.refusal
            route.fulfill(status=status, content_type="application/json", body=json.dumps(told))
            return
        if b'name="photo_remove"' in body:
            route.fulfill(content_type="application/json", body='{"file": null}')
            return
        pdf = b"application/pdf" in body
        number = str(len(self.bodies))
        name, mime = ("新的.pdf", "application/pdf") if pdf else ("新的.jpg", "image/jpeg")
        file = {"id": number, "kind": "proof", "name": name, "size": 2048, "mime": mime, "url": f"/files/test-{number}"}
        route.fulfill(content_type="application/json", body=json.dumps({"file": file}))


@pytest.fixture
def server() -> Server:
    """The answering side."""
    return Server()


@pytest.fixture
def opened(app: Flask, phone: Callable[..., Page], server: Server) -> Callable[..., Page]:
    """A function that opens a page with the component; files: what the case has already."""

    def show(*files: dict[str, Any], **options: Any) -> Page:
        page = phone("graduate1", **options)
        with app.test_request_context("/graduate/"):
            html, policy = render_template_string(PAGE, files=files), _policy()
        headers = {"Content-Security-Policy": policy, "Content-Type": "text/html; charset=utf-8"}
        page.route(f"**{ADDRESS}", lambda route: route.fulfill(body=html, headers=headers))
        page.route("**/files/test-*", lambda route: route.fulfill(body=picture(), content_type="image/jpeg"))
        page.route("**/photos/x/1", server.take)
        page.goto(ADDRESS)
        return page

    return show


def _choose(page: Page, *files: tuple[str, str, bytes]) -> None:
    chosen = [{"name": name, "mimeType": mime, "buffer": content} for name, mime, content in files]
    page.locator("input[name='photo.proof']").set_input_files(chosen)


def _row(page: Page, number: int = 0) -> Any:
    return page.locator("[data-photos-list] > li").nth(number)


def test_a_photo_is_shrunk_sent_turned_and_removed(opened: Callable[..., Page], server: Server) -> None:
    page = opened()
    camera = page.locator("input[capture=environment]")
    expect(page.get_by_text("拍照", exact=True)).to_be_visible()
    check_accessibility(page)
    big = Image.frombytes("RGB", (3600, 2700), os.urandom(3600 * 2700 * 3))
    buffer = io.BytesIO()
    big.save(buffer, "JPEG", quality=60)
    camera.set_input_files([{"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}])
    expect(_row(page)).to_contain_text("新的.jpg")
    expect(page.locator("[data-photos-say]")).to_contain_text("已上传")
    start = server.bodies[0].index(b"\xff\xd8\xff")
    assert max(Image.open(io.BytesIO(server.bodies[0][start:])).size) == 2600
    check_accessibility(page)
    check_no_sideways_scrolling(page)
    page.get_by_role("button", name="旋转新的.jpg").press("Enter")
    expect(page.locator("[data-photos-say]")).to_contain_text("已旋转")
    expect(page.get_by_role("button", name="旋转新的.jpg")).to_be_focused()
    assert b'name="photo_turn"\r\n\r\n1' in server.bodies[1]
    for button in page.locator(".photo button:visible, .photos__pick:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert min(box["height"], box["width"]) >= 44
    page.get_by_role("button", name="移除新的.jpg").click()
    expect(page.locator("[data-photos-list] > li")).to_have_count(0)
    assert b'name="photo_remove"\r\n\r\n2' in server.bodies[2]


def _buttons(page: Page, number: int = 0) -> list[str]:
    return [button.inner_text().strip() for button in _row(page, number).locator("button:visible").all()]


def test_a_refusal_stands_at_the_file_and_only_what_helps_is_offered(
    opened: Callable[..., Page], server: Server
) -> None:
    page = opened()
    server.refusal = (415, {"message": "只接受图片。", "errors": {}})
    _choose(page, ("a.jpg", "image/jpeg", b"no picture"))
    expect(_row(page).get_by_role("alert")).to_contain_text("只接受图片。")
    expect(_row(page).locator("img")).to_be_hidden()
    assert _buttons(page) == ["移除"]
    check_accessibility(page)
    check_no_sideways_scrolling(page)
    server.refusal = (503, {"message": "稍后再试。", "errors": {}})
    _row(page).get_by_role("button", name="移除").click()
    _choose(page, ("b.jpg", "image/jpeg", picture()))
    expect(_row(page).get_by_role("alert")).to_contain_text("稍后再试。")
    assert _buttons(page) == ["重试", "移除"]
    check_accessibility(page)
    server.refusal = None
    page.get_by_role("button", name="重试：b.jpg").click()
    expect(_row(page)).to_contain_text("新的.jpg")
    expect(_row(page).get_by_role("alert")).to_be_hidden()
    assert _buttons(page) == ["旋转", "移除"]


def test_what_the_line_lost_is_sent_again_by_itself_or_holds_the_form(
    opened: Callable[..., Page], server: Server
) -> None:
    page = opened()
    sent: list[str] = []
    page.route("**/photo-test/sent", lambda route: (sent.append("sent"), route.fulfill(body="<h1>done</h1>")))
    page.unroute("**/photos/x/1")
    page.route("**/photos/x/1", lambda route: route.abort())
    _choose(page, ("b.jpg", "image/jpeg", picture()))
    expect(_row(page).get_by_role("alert")).to_contain_text("网络")
    page.get_by_role("button", name="提交审核").click()
    expect(page.locator("[data-photos-left]")).to_contain_text("还有文件没有上传成功")
    expect(page.get_by_role("button", name="重试：b.jpg")).to_be_focused()
    assert not sent
    check_accessibility(page)
    page.unroute("**/photos/x/1")
    page.route("**/photos/x/1", server.take)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(_row(page)).to_contain_text("新的.jpg")
    expect(page.locator("[data-photos-left]")).to_be_hidden()
    page.get_by_role("button", name="提交审核").click()
    expect(page.locator("h1")).to_have_text("done")


def test_a_form_tries_once_more_before_it_leaves(opened: Callable[..., Page], server: Server) -> None:
    page = opened()
    page.route("**/photo-test/sent", lambda route: route.fulfill(body="<h1>done</h1>"))
    server.refusal = (502, {"message": "", "errors": {}})
    _choose(page, ("b.jpg", "image/jpeg", picture()))
    expect(_row(page).get_by_role("alert")).to_be_visible()
    server.refusal = None
    page.get_by_role("button", name="提交审核").click()
    expect(page.locator("h1")).to_have_text("done")
    assert len(server.bodies) == 2


def test_a_long_screenshot_is_not_squeezed(opened: Callable[..., Page], server: Server) -> None:
    page = opened()
    long = Image.frombytes("RGB", (1100, 12000), os.urandom(1100 * 12000 * 3))
    buffer = io.BytesIO()
    long.save(buffer, "JPEG", quality=90)
    assert len(buffer.getvalue()) > 10 * 1024 * 1024
    _choose(page, ("long.jpg", "image/jpeg", buffer.getvalue()))
    expect(_row(page)).to_contain_text("新的.jpg", timeout=30_000)
    start = server.bodies[0].index(b"\xff\xd8\xff")
    assert Image.open(io.BytesIO(server.bodies[0][start:])).width > 1100 * 24 / 40


def test_what_the_browser_cannot_draw_is_shown_as_a_paper_until_the_server_has_drawn_it(
    opened: Callable[..., Page], server: Server
) -> None:
    page = opened()
    heic = (Path(__file__).parent / "brought/iphone.heic").read_bytes()
    held: list[Route] = []
    page.unroute("**/photos/x/1")
    page.route("**/photos/x/1", lambda route: held.append(route))
    _choose(page, ("IMG_1.HEIC", "image/heic", heic))
    expect(_row(page).locator("progress")).to_be_visible()
    expect(_row(page).locator("img")).to_be_hidden()
    page.wait_for_timeout(300)
    server.take(held[0])
    expect(_row(page).locator("img")).to_be_visible()
    assert heic in server.bodies[0]


def test_several_files_papers_and_the_most(opened: Callable[..., Page], server: Server) -> None:
    page = opened({"id": 7, "name": "旧的.png", "mime": "image/png", "size": 900, "url": "/files/test-7"})
    _choose(page, ("a.pdf", "application/pdf", paper()), ("b.jpg", "image/jpeg", picture()))
    expect(_row(page, 1)).to_contain_text("新的.pdf")
    expect(_row(page, 2)).to_contain_text("新的.jpg")
    assert _buttons(page, 1) == ["移除"]
    expect(page.locator("[data-photos-add]")).to_be_hidden()
    expect(page.get_by_text("不能再添加")).to_be_visible()
    _row(page, 0).get_by_role("button", name="移除").click()
    expect(page.locator("[data-photos-add]")).to_be_visible()


def test_files_beyond_the_most_are_named(opened: Callable[..., Page]) -> None:
    page = opened()
    _choose(page, *((f"{place}.jpg", "image/jpeg", picture(size=(place, place))) for place in range(10, 15)))
    expect(page.locator("[data-photos-list] > li")).to_have_count(3)
    expect(page.locator("[data-photos-left]")).to_contain_text("13.jpg、14.jpg")


def test_a_form_waits_for_its_pictures(opened: Callable[..., Page]) -> None:
    page = opened()
    held: list[Route] = []
    page.unroute("**/photos/x/1")
    page.route("**/photos/x/1", lambda route: held.append(route))
    sent: list[str] = []
    page.route("**/photo-test/sent", lambda route: (sent.append("sent"), route.fulfill(body="<h1>done</h1>")))
    _choose(page, ("b.jpg", "image/jpeg", picture()))
    expect(_row(page).locator("progress")).to_be_visible()
    page.get_by_role("button", name="提交审核").click()
    page.wait_for_timeout(200)
    assert not sent
    file = {"id": 1, "kind": "proof", "name": "b.jpg", "size": 1, "mime": "image/jpeg", "url": "/files/test-1"}
    held[0].fulfill(content_type="application/json", body=json.dumps({"file": file}))
    expect(page.locator("h1")).to_have_text("done")
    assert sent == ["sent"]


def test_without_scripts_it_is_a_form(opened: Callable[..., Page]) -> None:
    page = opened(
        {"id": 7, "name": "旧的.png", "mime": "image/png", "size": 900, "url": "/files/test-7"},
        java_script_enabled=False,
    )
    sent: list[bytes] = []
    page.unroute("**/photos/x/1")
    page.route(
        "**/photos/x/1",
        lambda route: (sent.append(route.request.post_data_buffer or b""), route.fulfill(body="<h1>done</h1>")),
    )
    _choose(page, ("b.jpg", "image/jpeg", picture()))
    page.get_by_role("button", name="上传所选文件").click()
    expect(page.locator("h1")).to_have_text("done")
    for part in (b'name="photo.proof"; filename="b.jpg"', b'name="csrf_token"', b'name="next"\r\n\r\n/graduate/'):
        assert part in sent[0]
    page.go_back()
    page.get_by_role("button", name="移除旧的.png").click()
    expect(page.locator("h1")).to_have_text("done")
    assert b'name="photo_remove"\r\n\r\n7' in sent[1]


def test_what_was_chosen_before_the_script_came_is_taken_up(opened: Callable[..., Page], server: Server) -> None:
    page = opened()
    held: list[Route] = []
    page.route("**/js/photos.*js*", lambda route: held.append(route))
    with page.expect_request("**/js/photos.*js*"):
        page.goto(ADDRESS, wait_until="commit")
    _choose(page, ("c.jpg", "image/jpeg", picture()))
    held[0].continue_()
    expect(_row(page)).to_contain_text("新的.jpg")
    assert len(server.bodies) == 1
