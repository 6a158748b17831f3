"""A unit that is not verified can do nothing but finish its verification: every route and every event tried (R5.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.cases.api import CaseApi
from app.web.pages import page_kinds
from app.workflow import registry
from tests.fixtures.application import PASSWORD
from tests.fixtures.pages import token

# What such a user may write: the own verification, unit and account, and marks on the own notices.
MAY_WRITE = ("/api/v1/verification/", "/api/v1/employers/", "/api/v1/security/", "/api/v1/notifications/", "/api/v1/me")
PAGES = ("onboarding", "joining", "notices", "own")


def _rules(app: Flask, start: str) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(start):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def _path(rule: Rule) -> str:
    path = rule.rule
    for name in rule.arguments:
        for form in (f"<int:{name}>", f"<string:{name}>", f"<{name}>", f"<path:{name}>"):
            path = path.replace(form, "approve" if name == "event" else "1")
    return path


def test_no_writing_call_of_the_api_succeeds(app: Flask, api: Callable[..., Any]) -> None:
    caller, seen = api("employer3"), 0
    for rule, method in _rules(app, "/api/v1/"):
        if method == "GET" or rule.rule.startswith(MAY_WRITE):
            continue
        path = _path(rule).removeprefix("/api/v1")
        answer = caller.call(method, path, json={"ids": [1], "graduate_ids": [1], "name": "x", "reason": "x"})
        results = (answer.get_json(silent=True) or {}).get("result", [])
        refused = isinstance(results, list) and all(not one.get("ok", True) for one in results) and results
        assert answer.status_code >= 400 or refused, (method, path, answer.status_code)
        seen += 1
    assert seen > 10


def test_no_event_of_any_workflow_can_be_fired(app: Flask, api: Callable[..., Any]) -> None:
    caller, seen = api("employer3"), 0
    rooms = {view.workflow for view in app.appbuilder.baseviews if isinstance(view, CaseApi)}  # type: ignore[attr-defined]
    for name in sorted(rooms - {"verification"}):
        for event in registry.get(name).events:
            answer = caller.post(f"/{name}/1/{event}", {"reason": "x"})
            assert answer.status_code in (403, 404, 409), (name, event, answer.status_code)
            seen += 1
        body = {"graduate_ids": [1], "signing_id": 1, "reason": "x"}  # there is no signing of this unit
        created = caller.post(f"/{name}/", body)
        assert created.status_code in (403, 404, 409), (name, created.status_code)
    assert seen > 5


def test_no_graduate_is_shown_by_the_api(app: Flask, api: Callable[..., Any]) -> None:
    caller = api("employer3")
    assert caller.post("/favorites/", {"name": "李婉昕", "id_number": "x", "school": "北京大学"}).status_code == 409
    assert caller.get("/favorites/").status_code == 409
    assert caller.get("/online_signing/").get_json()["count"] == 0


@pytest.fixture
def page(app: Flask, client: FlaskClient) -> tuple[FlaskClient, str]:
    """The browser of employer3, and a token for its forms."""
    form = {"username": "employer3", "password": PASSWORD, "csrf_token": token(client.get("/login/employer").text)}
    assert client.post("/login/employer", data=form).status_code == 302
    return client, token(client.get("/no/such/page").text)


def test_every_page_of_units_leads_to_the_verification(app: Flask, page: tuple[FlaskClient, str]) -> None:
    browser, csrf = page
    seen = 0
    for rule, method in _rules(app, "/employer/"):
        kinds = page_kinds(app.view_functions[rule.endpoint])
        if rule.endpoint.split(".")[0] in PAGES or kinds != ("employer",):
            continue
        data = {"csrf_token": csrf} if method != "GET" else None
        answer = browser.open(_path(rule), method=method, data=data)
        if method == "GET":
            assert answer.status_code == 302, (rule.rule, answer.status_code)
            assert answer.headers["Location"] == "/employer/verification/"
        else:
            assert answer.status_code == 409, (rule.rule, answer.status_code)
        seen += 1
    assert seen > 8


def test_what_is_complete_already_is_not_asked_again(page: tuple[FlaskClient, str]) -> None:
    browser, _csrf = page
    assert browser.get("/employer/verification/").headers["Location"] == "/employer/verification/method"


def test_letter_to_be_stamped_is_made(page: tuple[FlaskClient, str]) -> None:
    browser, _csrf = page
    answer = browser.get("/employer/verification/letter.pdf")
    assert answer.status_code == 200
    assert answer.data.startswith(b"%PDF")
