"""Attacks that were tried and did not get through: forged tokens, fields that nobody may set, templates that compute."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.base.database import session
from tests.fixtures.application import PASSWORD
from tests.fixtures.pages import LETTER, letter, token
from tests.signing.stage import user

Api = Callable[..., Any]
GONE = (
    *("/users/list/", "/users/add", "/roles/list/", "/registeruser/list/", "/permissions/list/", "/viewmenus/list/"),
    *("/api/v1/security/users/", "/api/v1/security/roles/", "/api/v1/security/permissions/", "/api/v1/menu/"),
    *(
        "/api/v1/online_signing/_info",
        "/lang/en",
        "/resetmypassword/form",
        "/resetpassword/form",
        "/userinfoeditview/form",
    ),
)


# Tokens -------------------------------------------------------------------------------------------------------------


def _part(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def _claims(bearer: str) -> dict[str, Any]:
    body = bearer.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


def _signed(head: dict[str, str], claims: dict[str, Any], key: bytes) -> str:
    content = f"{_part(head)}.{_part(claims)}"
    digest = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}.get(head["alg"])
    seal = hmac.digest(key, content.encode(), digest) if digest else b""
    return f"{content}.{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"


def _forged(bearer: str) -> Iterator[tuple[str, str]]:
    claims = _claims(bearer)
    operator = {**claims, "sub": "1"}
    for algorithm in ("none", "None", "NONE", "nOnE"):
        yield f"algorithm {algorithm}", _signed({"alg": algorithm, "typ": "JWT"}, operator, b"")
    for algorithm in ("HS256", "HS384", "HS512"):
        for key in (b"", b"secret", b"trial", b"test", b"null", PASSWORD.encode()):
            yield f"{algorithm} with {key!r}", _signed({"alg": algorithm, "typ": "JWT"}, operator, key)
    head, _body, seal = bearer.split(".")
    yield "another's number under the old seal", f"{head}.{_part(operator)}.{seal}"
    yield "without a seal", f"{head}.{_part(operator)}."
    key_of_theirs = {"alg": "HS256", "typ": "JWT", "kid": "../../dev/null", "jku": "http://evil.example", "jwk": "x"}
    yield "a key of the sender's choice", _signed(key_of_theirs, operator, b"")
    for change in (
        {"exp": 2**60},
        {"sid": "x"},
        {"type": "refresh"},
        {"sub": None},
        {"sub": ["1"]},
        {"sub": "1 OR 1=1"},
    ):
        yield f"with {change}", f"{head}.{_part({**claims, **change})}.{seal}"


def test_no_forged_token_opens_anything(client: FlaskClient, api: Api) -> None:
    bearer = api("graduate1").headers["Authorization"].removeprefix("Bearer ")
    for name, forged in _forged(bearer):
        answer = client.get("/api/v1/me", headers={"Authorization": f"Bearer {forged}"})
        assert answer.status_code == 401, name


def test_a_token_opens_only_what_it_is_for(client: FlaskClient, app: Flask) -> None:
    """Access and refresh are not exchanged; neither counts in an address, a cookie or on pages."""
    body = {"username": "graduate1", "password": PASSWORD, "provider": "db", "refresh": True}
    both = client.post("/api/v1/security/login", json=body).get_json()
    access, refresh = both["access_token"], both["refresh_token"]
    stranger = app.test_client()
    assert stranger.get("/api/v1/me", headers={"Authorization": f"Bearer {refresh}"}).status_code == 401
    renew = "/api/v1/security/refresh"
    assert stranger.post(renew, headers={"Authorization": f"Bearer {access}"}).status_code == 401
    for name in ("jwt", "token", "access_token", "access_token_cookie"):
        assert stranger.get(f"/api/v1/me?{name}={access}").status_code == 401
        stranger.set_cookie(name, access)
    assert stranger.get("/api/v1/me").status_code == 401
    assert stranger.get("/graduate/", headers={"Authorization": f"Bearer {access}"}).status_code == 302


# What nobody may set or ask for -------------------------------------------------------------------------------------

UNASKED = {
    "id": 1,
    "state": "signed",
    "stage": "in_force",
    "number": "X-1",
    "version": 99,
    "waits_for": None,
    "cohort": 2020,
    "graduate_id": 13,
    "school_id": 3,
    "province_id": 2,
    "employer_id": 2,
    "department_id": 1,
    "verified_at": "2020-01-01",
    "uscc": "91110108551385082Q",
    "role": "operator",
    "created_at": "2020-01-01",
    "snapshot": {},
    "review_mode": "x",
}


def test_fields_that_nobody_may_set_are_not_set(app: Flask, api: Api) -> None:
    with app.app_context():
        graduate = user("graduate1").graduate_id
        session.remove()
    sent = {**UNASKED, **letter(), "graduate_ids": [graduate]}
    made = api("employer1").post("/online_signing/", sent)
    assert made.status_code in (201, 422), made.text
    if made.status_code == 201:
        case = (
            api("employer1")
            .get(f"/online_signing/{made.get_json()['result']['created'][0]['id']}")
            .get_json()["result"]
        )
        assert (case["state"], case.get("number"), case["version"]) == ("invited", None, 1)
        assert case["graduate"]["id"] == graduate
    for who, path in (
        ("employer1", "/templates/position/"),
        ("province11", "/accounts/"),
        ("school10001", "/accounts/"),
    ):
        sent = {**UNASKED, **LETTER["position"], "name": "x", "username": "unasked"}
        assert api(who).post(path, sent).status_code in (201, 403, 404, 422), (who, path)
    with app.app_context():
        made_up = session.execute(text("SELECT kind FROM accounts WHERE name = 'x' AND kind = 'operator'")).all()
        others = session.execute(text("SELECT 1 FROM letter_templates WHERE employer_id <> 1 AND name = 'x'")).all()
    assert (made_up, others) == ([], [])


@pytest.mark.parametrize(
    "q",
    [
        *(
            "(order_column:password)",
            "(order_column:user.password)",
            "(order_column:'id;--')",
            "(order_column:__class__)",
        ),
        *("(filters:!((col:password,opr:eq,value:x)))", "(filters:!((col:user.password,opr:eq,value:x)))"),
        *("(filters:!((col:user,opr:rel_o_m,value:1)))", "(filters:!((col:id_number_index,opr:eq,value:x)))"),
        *("(filters:!((col:__table__,opr:eq,value:x)))", "(filters:!((col:name,opr:__init__,value:x)))"),
    ],
)
def test_lists_are_searched_by_what_they_offer_alone(api: Api, q: str) -> None:
    for who, path in (("operator", "/accounts/"), ("school10001", "/graduates/"), ("school10001", "/online_signing/")):
        assert api(who).get(f"{path}?q={q}").status_code == 400, (path, q)


@pytest.mark.parametrize("name", ["keys", "columns", "select_columns", "show_columns"])
def test_nobody_chooses_columns(api: Api, name: str) -> None:
    plain = api("school10001").get("/graduates/").get_json()
    asked = api("school10001").get(f"/graduates/?q=({name}:!(id_number,id_number_index,mobile,user))")
    assert asked.status_code == 400 or asked.get_json()["result"] == plain["result"]


def test_the_screens_of_the_frame_are_not_there(api: Api, client: FlaskClient) -> None:
    operator = api("operator")
    client.post("/login/school", data=_form("operator", client))
    for path in GONE:
        there = operator.client.get(path, headers=operator.headers) if path.startswith("/api/") else client.get(path)
        assert there.status_code == 404, path


def _form(username: str, client: FlaskClient) -> dict[str, str]:
    return {"username": username, "password": PASSWORD, "csrf_token": token(client.get("/login/school").text)}


# Texts that compute -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    ["%(x.__class__)s", "%(unit)999999999s", "%(password)s", "{{7*7}}", "{unit.__class__}", "%n", "${7*7}", "%(unit"],
)
def test_words_of_a_notice_are_words(words: str) -> None:
    """Refused, or printed as they are."""
    from app.base.errors import Invalid
    from app.notices.placeholders import check_placeholders, fill

    try:
        check_placeholders({"body": words})
    except Invalid:
        return
    assert fill(words, {"unit": "甲"}) in (words, words.replace("%(unit)s", "甲"))
