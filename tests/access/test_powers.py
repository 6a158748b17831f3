"""Nobody becomes another: every kind of account × every way to set a password or to give powers (R1.3, R1.4)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.actors import SYSTEM, load_actor
from app.access.permissions import Pair, ensure_pairs, fingerprint
from app.base.database import session, transaction
from app.base.errors import AppError, Forbidden
from app.staff.roles import services as roles
from app.staff.services import change_account, create_account, reset_password
from tests.fixtures.application import Api
from tests.fixtures.pages import token

STRONG = "Wanted-Guest-17"
STAFF = ("operator", "province11", "school10001", "dept10001a")
PEOPLE = ("graduate1", "employer1")
_numbers = count(1)


def _account_id(username: str) -> int:
    from app.access.accounts import account_named

    account = account_named(username)
    assert account is not None
    return account.id


@pytest.fixture
def reduced(app_context: Flask) -> Callable[..., Any]:
    """A function that makes an operator who may do these things and nothing else, and returns its actor."""
    from flask_appbuilder.security.sqla.models import Role

    from app.access.accounts import account_named, create_account, hash_password

    def make(*pairs: Pair) -> Any:
        from flask_appbuilder.security.sqla.models import assoc_permissionview_role, assoc_user_role

        from app.access.roles import RoleKind

        name = f"reduced{next(_numbers)}"
        create_account(username=name, name=name, kind="operator", password_hash=hash_password(STRONG), actor=SYSTEM)
        account = account_named(name)
        assert account is not None
        with transaction():
            role = Role(name=name)
            session.add(role)
            session.flush()
            session.add(RoleKind(role_id=role.id, kind="operator"))
            for pair_id in ensure_pairs(pairs).values():
                session.execute(assoc_permissionview_role.insert().values(role_id=role.id, permission_view_id=pair_id))
            session.execute(
                assoc_user_role.update().where(assoc_user_role.c.user_id == account.user_id).values(role_id=role.id)
            )
        return load_actor(account.user_id)

    return make


ACCOUNTS = tuple((verb, "accounts") for verb in ("can_list", "can_show", "can_create", "can_edit"))
ROLES = (("can_list", "roles"), ("can_edit", "roles"))


# Passwords ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["operator", "province11", "school10001", "dept10001a", *PEOPLE])
@pytest.mark.parametrize("whom", ["graduate2", "employer2"])
def test_nobody_sets_the_password_of_a_graduate_or_a_unit_user(
    app: Flask, api: Callable[..., Any], who: str, whom: str
) -> None:
    with app.app_context():
        target = _account_id(whom)
    for sent in ({"password": STRONG}, {"password": STRONG, "name": "甲"}, {"password": ""}):
        answer = api(who).put(f"/accounts/{target}", sent)
        assert answer.status_code in (403, 404), (sent, answer.text)
        if who == "operator":
            assert answer.get_json()["code"] == "own_password_only"
    assert api(whom).get("/me").status_code == 200


@pytest.mark.parametrize("whom", PEOPLE)
def test_the_operators_page_sets_no_password_either_but_shows_the_person_the_way(app: Flask, whom: str) -> None:
    from app.workflow.models import OutboxMessage
    from tests.fixtures.application import PASSWORD

    operator = app.test_client()
    csrf = token(operator.get("/login/school").text)
    operator.post("/login/school", data={"username": "operator", "password": PASSWORD, "csrf_token": csrf})
    with app.app_context():
        target = _account_id(whom)
    page = operator.get(f"/staff/accounts/show/{target}").text
    assert "password-dialog" not in page
    sent = {"csrf_token": token(page), "password": STRONG}
    assert operator.post(f"/staff/accounts/password/{target}", data=sent).status_code == 403
    assert operator.post(f"/staff/accounts/{target}/password-way", data=sent).status_code == 302
    with app.app_context():
        query = select(OutboxMessage).where(OutboxMessage.key.like("password_way:%"))
        message = session.scalars(query.order_by(OutboxMessage.id.desc())).first()
        assert message is not None
        assert message.payload["facts"]["url"].endswith(f"/recover/{whom.rstrip('1')}")


@pytest.mark.parametrize("said", [None, False, True])
def test_staff_choose_an_own_password_whatever_the_maker_says(api: Callable[..., Any], said: bool | None) -> None:
    name = f"made{next(_numbers)}"
    sent = {"username": name, "name": "新", "role": "school", "school": "10002"}
    if said is not None:
        sent["must_change_password"] = said
    made = api("province11").post("/accounts/", sent).get_json()["result"]
    assert made["must_change_password"] is True
    own = api(name, made["password"])
    assert own.get("/accounts/").get_json()["code"] == "password_change_required"
    assert own.put("/me/password", {"current": made["password"], "password": STRONG}).status_code == 200
    assert own.get("/accounts/").status_code == 200


@pytest.mark.parametrize(("who", "whom"), [("operator", "province32"), ("province11", "school10002")])
def test_a_password_from_above_is_told_to_the_person(
    app: Flask, api: Callable[..., Any], drain: Callable[..., int], who: str, whom: str
) -> None:
    with app.app_context():
        target = _account_id(whom)
    assert api(who).put(f"/accounts/{target}", {"password": STRONG}).status_code == 200
    drain()
    own = Api(app.test_client(), whom, STRONG)
    assert own.put("/me/password", {"current": STRONG, "password": "Own-Choice-918"}).status_code == 200
    assert "password_given" in [row["event"] for row in own.get("/notifications/").get_json()["result"]]


def test_password_that_was_made_is_told_once(api: Callable[..., Any]) -> None:
    sent = {"username": f"made{next(_numbers)}", "name": "新", "role": "school", "school": "10002"}
    headers = {"Idempotency-Key": sent["username"]}
    first, again = (api("province11").post("/accounts/", sent, headers=headers).get_json() for _time in range(2))
    assert first["id"] == again["id"]
    assert first["result"]["password"]
    assert again["result"]["password"] is None


# Powers -------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("app_context")
@pytest.mark.parametrize("whom", STAFF)
def test_reduced_operator_takes_over_no_staff_account(reduced: Callable[..., Any], whom: str) -> None:
    actor, target = reduced(*ACCOUNTS), _account_id(whom)
    for act in (
        lambda: change_account(target, {"password": STRONG}, actor=actor),
        lambda: reset_password(target, STRONG, actor=actor),
        lambda: change_account(target, {"modules": {}, "name": "甲"}, actor=actor),
        lambda: change_account(target, {"active": True}, actor=actor),
    ):
        with pytest.raises(Forbidden) as refused:
            act()
        assert refused.value.code == "beyond_own"


@pytest.mark.usefixtures("app_context")
@pytest.mark.parametrize(
    ("role", "place"), [("operator", {}), ("province", {"province": "11"}), ("school", {"school": "10002"})]
)
def test_reduced_operator_makes_nobody_who_may_do_more(
    reduced: Callable[..., Any], role: str, place: dict[str, str]
) -> None:
    sent = {"username": f"made{next(_numbers)}", "password": STRONG, "name": "新", "role": role, **place}
    with pytest.raises(Forbidden) as refused:
        create_account(sent, actor=reduced(*ACCOUNTS))
    assert refused.value.code == "beyond_own"


@pytest.mark.usefixtures("app_context")
def test_reduced_operator_raises_nobody_by_roles(reduced: Callable[..., Any]) -> None:
    actor, other = reduced(*ACCOUNTS, *ROLES), reduced(("can_list", "accounts"))
    cards = {card.name: card for card in roles.all_roles()}
    more: Pair = ("can_list", "online_signing")
    change = [roles.GrantChange(cards[actor.username].id, more, True)]
    acts: tuple[Callable[[], Any], ...] = (
        lambda: roles.apply_changes(change, seen=fingerprint(), actor=actor),
        lambda: roles.create_role(f"copy{next(_numbers)}", "operator", like=cards["Operator"].id, actor=actor),
        lambda: roles.create_role(f"copy{next(_numbers)}", "school", like=cards["School"].id, actor=actor),
        lambda: roles.assign_roles(_account_id(other.username), [cards["Operator"].id], actor=actor),
        lambda: roles.assign_roles(_account_id("operator"), [cards[other.username].id], actor=actor),
        lambda: roles.assign_roles(_account_id(actor.username), [cards["Operator"].id], actor=actor),
    )
    for act in acts:
        with pytest.raises(AppError) as refused:
            act()
        assert refused.value.code in ("beyond_own", "own_account")
    given = roles.assign_roles(_account_id(other.username), [cards[actor.username].id], actor=actor)
    assert given.user.username == other.username  # what is the own may be given


@pytest.mark.usefixtures("app_context")
def test_operator_with_the_whole_role_puts_back_what_was_taken(actor_of: Callable[[str], Any]) -> None:
    operator, pair = actor_of("operator"), ("can_list", "verification_codes")
    role = next(card.id for card in roles.all_roles() if card.name == "Operator")
    for given in (False, True):
        actor = load_actor(operator.user_id or 0)
        assert roles.apply_changes([roles.GrantChange(role, pair, given)], seen=fingerprint(), actor=actor) == 1
