"""三员分立: system administrator, security administrator and auditor are apart, and held by different people (R1.3)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, count
from typing import Any

import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select

from app.access.accounts import account_named, create_account, hash_password
from app.access.actors import SYSTEM, load_actor
from app.access.permissions import fingerprint
from app.access.posts import APPOINT, AUDIT_POST, AUTHORIZE, POSTS, SECURITY_POST, SYSTEM_POST
from app.access.roles import SeededPermission
from app.base.database import session
from app.base.errors import Conflict, Forbidden, Invalid
from app.staff.roles import services as roles
from tests.fixtures.pages import token
from tests.notices.browser import logged_in

Api = Callable[..., Any]
STRONG = "Wanted-Guest-17"
_numbers = count(1)


def _role(name: str) -> int:
    return session.scalars(select(Role.id).where(Role.name == name)).one()


@pytest.fixture
def holder(app_context: Flask, actor_of: Callable[[str], Any]) -> Callable[[str], str]:
    """A function that makes an operator, gives the post through the operators' own service, and returns the name."""

    def make(post: str) -> str:
        name = f"post{next(_numbers)}"
        create_account(username=name, name=name, kind="operator", password_hash=hash_password(STRONG), actor=SYSTEM)
        account = account_named(name)
        assert account is not None
        roles.assign_roles(account.id, [_role(post)], actor=actor_of("operator"))
        return name

    return make


def _granted(post: str) -> set[tuple[str, str]]:
    query = select(SeededPermission.permission, SeededPermission.view).where(SeededPermission.role == post)
    return {(permission, view) for permission, view in session.execute(query)}


def test_posts_share_no_power(app_context: Flask) -> None:
    harmless = {"dictionaries", "notifications", "access", "accounts"}
    changing = ("can_add", "can_create", "can_edit", "can_delete", "can_retry", "unlock", "end_sessions")
    for one, other in combinations(POSTS, 2):
        shared = {pair for pair in _granted(one) & _granted(other) if pair[1] not in harmless}
        assert not shared, (one, other, shared)
        assert not {pair for pair in _granted(one) & _granted(other) if pair[0] in changing}
    assert {AUTHORIZE, APPOINT} & _granted("Operator") == set()


@pytest.mark.parametrize(
    ("post", "opens", "closed"),
    [
        (
            SYSTEM_POST,
            {"/accounts/", "/sync/"},
            {"/audit/", "/graduates/", "/online_signing/", "/warnings/"},
        ),
        (SECURITY_POST, {"/accounts/"}, {"/audit/", "/graduates/", "/online_signing/", "/sync/", "/warnings/"}),
        (AUDIT_POST, {"/audit/"}, {"/accounts/", "/graduates/", "/online_signing/", "/sync/", "/employers/"}),
    ],
)
def test_each_post_reaches_its_own_things_alone(
    holder: Callable[[str], str], api: Api, post: str, opens: set[str], closed: set[str]
) -> None:
    own = api(holder(post), STRONG)
    assert {path: own.get(path).status_code for path in opens} == dict.fromkeys(opens, 200)
    assert {path: own.get(path).status_code for path in closed} == dict.fromkeys(closed, 403)


def test_pages_of_the_posts(app_context: Flask, holder: Callable[[str], str]) -> None:
    pages = {
        SYSTEM_POST: "/staff/accounts/list/",
        SECURITY_POST: "/staff/roles/list/",
        AUDIT_POST: "/staff/audit/list/",
    }
    for post in POSTS:
        browser = logged_in(app_context, holder(post), STRONG)
        assert browser.get("/staff/", follow_redirects=True).status_code == 200
        answers = {page: browser.get(page).status_code for page in pages.values()}
        allowed = {pages[post]} | ({pages[SYSTEM_POST]} if post == SECURITY_POST else set())
        assert {page for page, status in answers.items() if status == 200} == allowed, (post, answers)


@pytest.mark.parametrize("wanted", [*combinations(POSTS, 2), *((post, "Operator") for post in POSTS)])
def test_nobody_holds_two(
    holder: Callable[[str], str], actor_of: Callable[[str], Any], wanted: tuple[str, str]
) -> None:
    account = account_named(holder(wanted[0]))
    assert account is not None
    with pytest.raises(Conflict) as refused:
        roles.assign_roles(account.id, [_role(name) for name in wanted], actor=actor_of("operator"))
    assert refused.value.code == "separate_posts"


def test_post_is_neither_widened_nor_copied(app_context: Flask, actor_of: Callable[[str], Any]) -> None:
    operator = actor_of("operator")
    change = roles.GrantChange(_role(AUDIT_POST), ("can_edit", "accounts"), True)
    with pytest.raises(Conflict) as refused:
        roles.apply_changes([change], seen=fingerprint(), actor=operator)
    assert refused.value.code == "separate_posts"
    with pytest.raises(Invalid):
        roles.create_role("另一个审计员", "operator", actor=operator, like=_role(AUDIT_POST))


def test_security_administrator_lets_others_do_what_they_cannot_do_themselves(
    app_context: Flask, holder: Callable[[str], str], actor_of: Callable[[str], Any]
) -> None:
    security = actor_of(holder(SECURITY_POST))
    other = account_named(holder(AUDIT_POST))
    assert other is not None
    roles.assign_roles(other.id, [_role("Operator")], actor=security)
    assert load_actor(other.user_id).may("can_list", "online_signing")
    own = account_named(security.username)
    assert own is not None
    with pytest.raises(Forbidden):
        roles.assign_roles(own.id, [_role("Operator")], actor=security)
    change = roles.GrantChange(_role(SECURITY_POST), ("can_list", "audit"), True)
    with pytest.raises(Conflict):  # nor by way of the role that they hold
        roles.apply_changes([change], seen=fingerprint(), actor=security)


def test_system_administrator_makes_accounts_whose_password_only_the_person_knows(
    app_context: Flask, holder: Callable[[str], str], api: Api
) -> None:
    own = api(holder(SYSTEM_POST), STRONG)
    body = {"username": f"made{next(_numbers)}", "name": "新", "role": "school", "school": "10002"}
    refused = own.post("/accounts/", {**body, "password": STRONG})
    assert (refused.status_code, set(refused.get_json()["errors"])) == (422, {"contact"})
    made = own.post("/accounts/", {**body, "password": STRONG, "contact": "13911117777"})
    assert made.status_code == 201
    assert made.get_json()["result"]["sent_to"] == "139****7777"
    number = made.get_json()["id"]
    assert own.put(f"/accounts/{number}", {"password": STRONG}).get_json()["code"] == "link_only"
    assert own.put(f"/accounts/{number}", {"active": False}).status_code == 200
    for kind in ({"role": "operator"}, {"role": "graduate"}):
        assert own.post("/accounts/", {**body, **kind, "contact": "13911117777"}).status_code == 403


def test_shipped_posts_stand_in_the_matrix_by_their_names(app_context: Flask) -> None:
    page = logged_in(app_context, "operator")
    shown = page.get("/staff/roles/list/").text
    for name in ("系统管理员", "安全管理员", "审计员"):
        assert name in shown
    csrf = token(shown)
    assert (
        page.post(f"/staff/roles/restore/{_role(AUDIT_POST)}", data={"csrf_token": csrf}).status_code == 302
    )  # as shipped
