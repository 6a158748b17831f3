"""以我的名义办理的事项: a graduate reads every step of the own records with its proof, and nobody else's (R12.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.fixtures.application import PASSWORD
from tests.fixtures.pages import token

Api = Callable[..., Any]
Invite = Callable[..., list[int]]

pytestmark = pytest.mark.usefixtures("fresh_database")


def test_every_step_is_told_with_what_proved_it(api: Api, invite: Invite) -> None:
    (case_id,) = invite("graduate7")
    graduate = api("graduate7")
    sent = graduate.post("/me/code", {"workflow": "online_signing", "event": "accept", "id": case_id}).get_json()
    code = sent["result"]["trial_code"]
    assert graduate.post(f"/online_signing/{case_id}/accept", {"code": code}).status_code == 200
    body = graduate.get("/me/record").get_json()
    assert body["count"] == len(body["result"])
    newest, first = body["result"][:2]
    assert set(newest) == {"at", "workflow", "case_id", "event", "actor", "role", "proof"}
    assert (newest["workflow"], newest["case_id"], newest["event"]) == ("online_signing", case_id, "accept")
    assert (newest["role"], newest["proof"]["kind"]) == ("graduate", "sms")
    assert (first["role"], first["proof"]) == ("employer", None)


def test_nobody_reads_what_was_done_in_another_name(api: Api, invite: Invite) -> None:
    (case_id,) = invite("graduate8")
    assert case_id in [one["case_id"] for one in api("graduate8").get("/me/record").get_json()["result"]]
    assert case_id not in [one["case_id"] for one in api("graduate1").get("/me/record").get_json()["result"]]
    for other in ("employer1", "dept10001a", "school10002", "province11", "operator"):
        assert api(other).get("/me/record").status_code == 403


def test_the_page_tells_apart_who_did_it(api: Api, invite: Invite, client: FlaskClient) -> None:
    """The graduate, the unit and the program, each with its proof in words."""
    (case_id,) = invite("graduate13")
    assert api("graduate13").post(f"/online_signing/{case_id}/decline", {}).status_code == 200
    form = {"username": "graduate13", "password": PASSWORD}
    client.post("/login/graduate", data={**form, "csrf_token": token(client.get("/login/graduate").text)})
    assert "/graduate/record" in client.get("/graduate/me").text
    page = client.get("/graduate/record").text
    for words in ("以我的名义办理的事项", "我本人", "用人单位", "未要求验证码", "由该方已登录的账号办理"):
        assert words in page, words
