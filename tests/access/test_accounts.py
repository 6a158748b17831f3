"""Accounts come into being with their role, their scope and the module permissions of R1.4."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.access.accounts import account_named, create_account, hash_password
from app.access.actors import SYSTEM, Actor, load_actor
from app.base.database import session
from app.base.errors import Conflict, Forbidden, Invalid
from app.schools.queries import school_by_code

HASH = hash_password("Qianyue@2027")


def _new(username: str, actor: Actor = SYSTEM, **values: Any) -> Any:
    school = school_by_code("10002")
    assert school is not None
    scope = {"province_id": school.province_id, "school_id": school.id, "level": "undergraduate"}
    given = {"name": "申屠澜", "kind": "school", "password_hash": HASH, **scope, **values}
    return create_account(username=username, actor=actor, **given)


def test_new_school_account_has_role_scope_and_default_modules(app_context: Flask) -> None:
    account = _new("new-school")
    actor = load_actor(account.user_id)
    assert (actor.kind, actor.level, actor.school_id) == ("school", "undergraduate", account.school_id)
    assert dict(actor.modules) == {"employment": "rw", "archive": "none", "hukou": "none"}
    assert actor.may("can_approve", "online_signing")
    assert actor.writes("employment")
    assert not actor.reads("archive")


def test_given_modules_replace_the_default_ones(app_context: Flask) -> None:
    account = _new("school-with-archive", modules={"archive": "ro"})
    assert account.modules == {"employment": "rw", "archive": "ro", "hukou": "none"}


def test_taken_name_is_refused_and_nothing_is_changed(app_context: Flask) -> None:
    with pytest.raises(Conflict) as refusal:
        _new("school10002")
    assert refusal.value.code == "username_taken"
    session.rollback()
    account = account_named("school10002")
    assert account is not None
    assert account.level == "all"


@pytest.mark.parametrize("username", ["school10001", "dept10001a", "employer1", "graduate1", "province11"])
def test_only_operators_and_the_program_make_accounts(
    username: str, actor_of: Callable[[str], Actor], app_context: Flask
) -> None:
    with pytest.raises(Forbidden):
        _new("by-stranger", actor=actor_of(username))
    assert account_named("by-stranger") is None


def test_operator_makes_accounts(actor_of: Callable[[str], Actor], app_context: Flask) -> None:
    assert _new("by-operator", actor=actor_of("operator")).id


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "长" * 65}, "name"),
        ({"kind": "dean"}, "role"),
        ({"level": None}, "level"),
        ({"level": "doctor"}, "level"),
        ({"modules": {"employment": "all"}}, "modules"),
        ({"modules": {"payroll": "rw"}}, "modules"),
    ],
)
def test_wrong_field_is_named_and_nothing_is_saved(values: dict[str, Any], field: str, app_context: Flask) -> None:
    with pytest.raises(Invalid) as refusal:
        _new("wrong-fields", **values)
    assert list(refusal.value.errors) == [field]
    assert account_named("wrong-fields") is None
