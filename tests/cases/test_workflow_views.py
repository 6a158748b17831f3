"""A workflow on FAB's screens: confirm first, then fire; one and many; the table decides what is offered."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.fixtures.pages import token

BASE = "/staff/test_signings"
Browse = Callable[..., FlaskClient]
Invite = Callable[..., list[int]]
Fire = Callable[..., str]


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test has its own cases."""


def _state(app: Flask, case_id: int) -> str:
    from sqlalchemy import text

    from app.base.database import session

    with app.app_context():
        query = text("SELECT state FROM online_signings WHERE id = :id")
        return str(session.execute(query, {"id": case_id}).scalar_one())


def _in_review(invite: Invite, fire: Fire, *graduates: str) -> list[int]:
    ids = invite(*graduates)
    for name, case_id in zip(graduates, ids, strict=True):
        assert fire(name, case_id, "accept") == "school_review"
    return ids


def _form(client: FlaskClient, **values: Any) -> dict[str, Any]:
    return {"csrf_token": token(client.get(f"{BASE}/list/").text), **values}


def test_list_shows_coloured_states_and_costs_few_statements(
    browse: Browse, invite: Invite, statements: list[str]
) -> None:
    invite("graduate7", "graduate8")
    client = browse("school10002")
    statements.clear()
    page = client.get(f"{BASE}/list/").text
    assert page.count("等待学生应约") >= 2
    assert "state--" in page
    assert len(statements) <= 4 + 6, statements


def test_list_is_searched_by_state_and_name(browse: Browse, invite: Invite, fire: Fire) -> None:
    first, _second = invite("graduate7", "graduate8")
    fire("graduate7", first, "accept")
    client = browse("school10002")
    rows = re.compile(rf"{BASE}/show/(\d+)")
    page = client.get(f"{BASE}/list/?_flt_0_state=school_review").text
    assert "等待学校审核" in page
    assert not re.search(r"<td[^>]*>[^<]*(<[^>]+>)*等待学生应约", page)
    assert rows is not None
    both = client.get(f"{BASE}/list/?_flt_0_state=school_review&_flt_0_state=invited").text
    assert "等待学校审核" in both
    assert "等待学生应约" in both
    wrong = client.get(f"{BASE}/list/?_flt_0_state=invited&_flt_0_state=nonsense")
    assert wrong.status_code == 400
    assert "“nonsense”不在可选值之内" in wrong.text


def test_press_is_confirmed_before_anything_changes(
    browse: Browse, invite: Invite, fire: Fire, plain_app: Flask
) -> None:
    (case_id,) = _in_review(invite, fire, "graduate7")
    client = browse("school10002")
    answer = client.post(f"{BASE}/action/approve/{case_id}", data=_form(client))
    assert answer.status_code == 200
    assert f'name="version-{case_id}"' in answer.text
    assert _state(plain_app, case_id) == "school_review"
    form = {"csrf_token": token(answer.text), "rowid": case_id}
    done = client.post(f"{BASE}/fire/approve", data=form)
    assert done.status_code == 302
    assert _state(plain_app, case_id) == "signed"


def test_button_says_witness_where_two_parties_sign(browse: Browse, invite: Invite, fire: Fire) -> None:
    two_party = _in_review(invite, fire, "graduate7")[0]
    three_party = invite("graduate13")[0]
    fire("graduate13", three_party, "accept")
    beijing, nanjing = browse("school10002"), browse("school10284")
    assert "鉴证通过" in beijing.post(f"{BASE}/action/approve/{two_party}", data=_form(beijing)).text
    page = nanjing.post(f"{BASE}/action/approve/{three_party}", data=_form(nanjing)).text
    assert "审核通过" in page
    assert "鉴证" not in page


def test_reject_without_reason_is_asked_again(browse: Browse, invite: Invite, fire: Fire, plain_app: Flask) -> None:
    (case_id,) = _in_review(invite, fire, "graduate7")
    client = browse("school10002")
    answer = client.post(f"{BASE}/fire/reject", data=_form(client, rowid=case_id))
    assert answer.status_code == 422
    assert "aria-invalid" in answer.text or "errors" in answer.text
    assert _state(plain_app, case_id) == "school_review"


def test_many_are_judged_one_by_one(browse: Browse, invite: Invite, fire: Fire, plain_app: Flask) -> None:
    ready = _in_review(invite, fire, "graduate7", "graduate8")
    (waiting,) = invite("graduate2")
    client = browse("school10002")
    answer = client.post(f"{BASE}/action_post", data=_form(client, action="approve", rowid=ready))
    assert answer.status_code == 200
    done = client.post(f"{BASE}/fire/approve", data=_form(client, rowid=[*ready, waiting, 10**9]))
    assert done.status_code == 200
    assert [_state(plain_app, case_id) for case_id in ready] == ["signed", "signed"]
    assert _state(plain_app, waiting) == "invited"
    assert done.text.count("签约审核通过") >= 2


def test_record_that_changed_meanwhile_is_refused(browse: Browse, invite: Invite, fire: Fire, plain_app: Flask) -> None:
    (case_id,) = _in_review(invite, fire, "graduate7")
    client = browse("school10002")
    page = client.post(f"{BASE}/action/approve/{case_id}", data=_form(client)).text
    version = re.search(rf'name="version-{case_id}" value="(\d+)"', page)
    assert version
    fire("school10002", case_id, "approve")
    form = {"csrf_token": token(page), "rowid": case_id, f"version-{case_id}": version[1], "reason": "写错了"}
    assert client.post(f"{BASE}/fire/void", data=form).status_code == 302
    assert _state(plain_app, case_id) == "signed"


@pytest.mark.parametrize("event", ["approve", "reject", "void", "edit_category"])
def test_foreign_case_is_not_found(browse: Browse, invite: Invite, fire: Fire, plain_app: Flask, event: str) -> None:
    (case_id,) = _in_review(invite, fire, "graduate7")
    client = browse("school10284")
    form = _form(client, rowid=case_id, action=event, reason="x", reason_code="01", category="11")
    assert client.get(f"{BASE}/show/{case_id}").status_code == 404
    assert client.post(f"{BASE}/action/{event}/{case_id}", data=form).status_code == 404
    assert client.post(f"{BASE}/action_post", data=form).status_code == 404
    assert client.post(f"{BASE}/fire/{event}", data=form).status_code == 404
    assert _state(plain_app, case_id) == "school_review"


@pytest.mark.parametrize("event", ["accept", "expire", "terminate", "nope"])
def test_events_of_others_are_not_offered(browse: Browse, invite: Invite, plain_app: Flask, event: str) -> None:
    (case_id,) = invite("graduate7")
    client = browse("school10002")
    assert client.post(f"{BASE}/action/{event}/{case_id}", data=_form(client)).status_code == 404
    assert client.post(f"{BASE}/fire/{event}", data=_form(client, rowid=case_id)).status_code in {403, 404}
    assert _state(plain_app, case_id) == "invited"


def test_province_reads_and_cannot_act(browse: Browse, invite: Invite, fire: Fire, plain_app: Flask) -> None:
    (case_id,) = _in_review(invite, fire, "graduate7")
    client = browse("province11")
    assert client.get(f"{BASE}/show/{case_id}").status_code == 200
    assert client.post(f"{BASE}/action/approve/{case_id}", data=_form(client)).status_code == 403
    assert client.post(f"{BASE}/fire/approve", data=_form(client, rowid=case_id)).status_code == 403
    assert _state(plain_app, case_id) == "school_review"


def test_get_never_fires(browse: Browse, invite: Invite, fire: Fire) -> None:
    (case_id,) = _in_review(invite, fire, "graduate7")
    client = browse("school10002")
    assert client.get(f"{BASE}/fire/approve?rowid={case_id}").status_code == 405
    assert client.get(f"{BASE}/action/approve/{case_id}").status_code == 405


def test_download_has_the_columns_of_cases(browse: Browse, invite: Invite) -> None:
    invite("graduate7")
    answer = browse("school10002").get(f"{BASE}/export")
    assert answer.status_code == 200
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    answer.close()
