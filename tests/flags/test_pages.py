"""Flagged units on the pages: the school's list and form, the warning for graduate and reviewer, nothing for units."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.flags.conftest import STRANGE, UNIT, Sent
from tests.notices.browser import logged_in, token
from tests.signing.stage import fire, invite, user

pytestmark = pytest.mark.usefixtures("fresh_database")
REASON = "由10001标记"
WORDS = ("预警", "违规单位", "虚假宣传", REASON)


@pytest.fixture
def case_id(app: Flask) -> int:
    """employer1 has invited graduate1, who has accepted."""
    with app.app_context():
        case = invite(user("employer1"), user("graduate1"))
        fire(case, "accept", user("graduate1"))
        return case.id


def _form(client: FlaskClient, sent: dict[str, Any], page: str = "/staff/warnings/create") -> dict[str, Any]:
    return {**sent, "csrf_token": token(client.get(page).text)}


def test_a_school_marks_changes_and_takes_back(app: Flask, sent: Sent) -> None:
    client = logged_in(app, "school10001")
    assert "还没有预警单位" in client.get("/staff/warnings/list/").text
    answer = client.post("/staff/warnings/create", data=_form(client, sent(kinds=["1"])))
    assert answer.status_code == 302
    page = client.get("/staff/warnings/list/").text
    assert sent()["reason"] in page
    assert "违规单位" in page
    shown = client.get("/staff/warnings/show/1").text
    assert UNIT in shown
    assert "已标记为预警单位" in shown
    form = _form(client, sent(reason="拖欠工资", version="1"), "/staff/warnings/show/1")
    assert client.post("/staff/warnings/change/1", data=form).status_code == 302
    assert "拖欠工资" in client.get("/staff/warnings/list/").text
    assert "拖欠工资" in client.get("/staff/warnings/list/?_flt_0_kinds=4").text
    assert "拖欠工资" not in client.get("/staff/warnings/list/?_flt_0_kinds=3").text
    assert client.get("/staff/warnings/export").status_code == 200
    stale = client.post("/staff/warnings/change/1", data=form)
    assert stale.headers["Location"].endswith("/staff/warnings/show/1")
    assert client.post("/staff/warnings/remove/1", data=_form(client, {})).status_code == 302
    assert "还没有预警单位" in client.get("/staff/warnings/list/").text


def test_a_refused_form_says_why_and_keeps_what_was_typed(app: Flask, sent: Sent) -> None:
    client = logged_in(app, "school10001")
    answer = client.post("/staff/warnings/create", data=_form(client, sent(uscc="9111", kinds=[])))
    assert answer.status_code == 422
    assert "统一社会信用代码应为 18 位，现有 4 位" in answer.text
    assert "请至少选择一种预警类型" in answer.text
    assert sent()["reason"] in answer.text
    client.post("/staff/warnings/create", data=_form(client, sent(uscc=STRANGE)))
    again = client.post("/staff/warnings/create", data=_form(client, sent(uscc=STRANGE)))
    assert again.status_code == 409
    assert "本校已标记过" in again.text


@pytest.mark.parametrize("who", ["dept10001a", "province11", "operator"])
def test_the_page_is_for_schools_alone(app: Flask, marked_by: Callable[..., None], who: str) -> None:
    marked_by(["10001"])
    client = logged_in(app, who)
    home = client.get("/staff/home/", follow_redirects=True).text
    assert "/staff/warnings/" not in home
    for path in ("/staff/warnings/list/", "/staff/warnings/show/1", "/staff/warnings/create", "/staff/warnings/export"):
        answer = client.get(path)
        assert REASON not in answer.text
        assert answer.status_code in {302, 403, 404}, path


def test_a_mark_of_another_school_is_not_there(app: Flask, marked_by: Callable[..., None], sent: Sent) -> None:
    marked_by(["10001"])
    client = logged_in(app, "school10002")
    assert client.get("/staff/warnings/show/1").status_code == 404
    for path in ("change", "remove"):
        assert client.post(f"/staff/warnings/{path}/1", data=_form(client, sent())).status_code == 404
    assert REASON not in client.get("/staff/warnings/list/").text


def test_graduate_and_reviewers_are_warned(app: Flask, case_id: int, marked_by: Callable[..., None]) -> None:
    graduate, reviewer = logged_in(app, "graduate1"), logged_in(app, "dept10001a")
    for client, path in (
        (graduate, f"/graduate/signing/{case_id}"),
        (reviewer, f"/staff/online-signings/show/{case_id}"),
    ):
        assert "预警单位：" not in client.get(path).text
    marked_by(["10001"])
    for client, path in (
        (graduate, f"/graduate/signing/{case_id}"),
        (reviewer, f"/staff/online-signings/show/{case_id}"),
    ):
        page = client.get(path).text
        assert "预警单位：违规单位，虚假宣传" in page or "预警单位：违规单位、虚假宣传" in page
        assert REASON in page


def test_the_unit_is_told_on_its_own_page_of_marks_alone(
    app: Flask, case_id: int, api: Callable[..., Any], marked_by: Callable[..., None], drain: Callable[..., int]
) -> None:
    marked_by(["10001", "10002", "19001", "19002", "19003", "19004"])
    drain()
    unit = logged_in(app, "employer1")
    assert "预警" in unit.get("/employer/").text  # the way to that page, without any reason
    pages = ("/employer/signing", f"/employer/signing/{case_id}", "/employer/messages")
    texts = [unit.get(path, follow_redirects=True).text for path in pages]
    caller = api("employer1")
    for path in (
        "/online_signing/",
        f"/online_signing/{case_id}",
        "/notifications/",
        "/me",
        "/warnings/",
        "/warnings/1",
    ):
        texts.append(caller.get(path).get_data(as_text=True))
    for path in ("/staff/warnings/list/", "/staff/warnings/show/1", "/staff/warnings/export"):
        texts.append(unit.get(path).text)
    for text in texts:
        assert not [word for word in WORDS if word in text]
