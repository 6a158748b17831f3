"""A log-in from a new device is told to the person, once, and known devices are told to nobody (R1.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.fixtures.application import PASSWORD
from tests.fixtures.outbox import drain_outbox
from tests.fixtures.pages import token

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) MicroMessenger/8.0"


def _api_login(app: Flask, username: str, agent: str) -> int:
    body = {"username": username, "password": PASSWORD, "provider": "db"}
    return app.test_client().post("/api/v1/security/login", json=body, headers={"User-Agent": agent}).status_code


@pytest.mark.parametrize("who", ["graduate3", "employer2", "school10284", "dept10001b", "province32", "operator"])
def test_new_device_is_told_to_each_kind_of_account(app: Flask, api: Callable[..., Any], who: str) -> None:
    own = api(who)
    for agent in ("program/1", PHONE, PHONE):
        assert _api_login(app, who, agent) == 200
    drain_outbox(app)
    told = [row for row in own.get("/notifications/").get_json()["result"] if row["event"] == "new_device"]
    assert len(told) == 2
    assert "WeChat · iPhone" in told[0]["text"]
    assert "127.0.0.1" in told[0]["text"]


def test_browser_is_known_again_by_its_cookie(app: Flask, api: Callable[..., Any]) -> None:
    own, browser = api("graduate4"), app.test_client()
    for agent in ("Firefox/1", "Firefox/2"):  # a newer version is no new device
        csrf = token(browser.get("/login/graduate").text)
        form = {"username": "graduate4", "password": PASSWORD, "csrf_token": csrf}
        assert browser.post("/login/graduate", data=form, headers={"User-Agent": agent}).status_code == 302
        browser.post("/logout", data={"csrf_token": token(browser.get("/graduate/").text)})
    drain_outbox(app)
    told = [row for row in own.get("/notifications/").get_json()["result"] if row["event"] == "new_device"]
    assert len(told) == 1


@pytest.mark.parametrize(
    ("path", "door"),
    [("/graduate/signing", "graduate"), ("/employer/", "employer"), ("/staff/accounts/list/", "school")],
)
def test_link_leads_to_the_log_in_of_those_whose_page_it_is(app: Flask, path: str, door: str) -> None:
    answer = app.test_client().get(path)
    assert answer.headers["Location"] == f"/login/{door}?next={path}"
