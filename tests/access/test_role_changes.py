"""Changing, copying, restoring and assigning roles: rules and refusals (R1.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.access.actors import SYSTEM
from app.access.audit import AuditLine
from app.access.permissions import Pair, fingerprint
from app.base.database import session
from app.base.errors import Conflict, Forbidden, Invalid, NotFound
from app.staff.roles import matrix as role_queries
from app.staff.roles import services as role_changes
from app.staff.roles.services import GrantChange

Actors = Callable[[str], Any]
VOID: Pair = ("can_void", "online_signing")
APPROVE: Pair = ("can_approve", "online_signing")


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str, app_context: Flask) -> None:
    """Each test begins with the roles as they are first given."""


def _role(name: str) -> int:
    return next(card.id for card in role_changes.all_roles() if card.name == name)


def _apply(actor: Any, *changes: tuple[str, Pair, bool]) -> int:
    made = [GrantChange(_role(name), pair, given) for name, pair, given in changes]
    return role_changes.apply_changes(made, seen=fingerprint(), actor=actor)


def test_permission_is_taken_and_given_at_once_and_written_down(actor_of: Actors) -> None:
    operator = actor_of("operator")
    assert _apply(operator, ("School", VOID, False), ("Department", VOID, True)) == 2
    assert not actor_of("school10001").may(*VOID)
    assert actor_of("school10001").may(*APPROVE)
    assert actor_of("dept10001a").may(*VOID)
    lines = session.scalars(select(AuditLine).where(AuditLine.action == role_changes.CHANGED)).all()
    assert {(line.actor, line.subject) for line in lines} == {("operator", "School"), ("operator", "Department")}
    assert {str(line.detail) for line in lines} == {
        str({"given": [], "taken": [list(VOID)]}),
        str({"given": [list(VOID)], "taken": []}),
    }


def test_somebody_elses_change_meanwhile_is_noticed(actor_of: Actors) -> None:
    operator, seen = actor_of("operator"), fingerprint()
    _apply(operator, ("School", VOID, False))
    with pytest.raises(Conflict) as refused:
        role_changes.apply_changes([GrantChange(_role("School"), APPROVE, False)], seen=seen, actor=operator)
    assert refused.value.code == "stale"
    assert actor_of("school10001").may(*APPROVE)


@pytest.mark.parametrize("pair", sorted(role_changes.NEEDED))
def test_operators_role_keeps_the_matrix(actor_of: Actors, pair: Pair) -> None:
    with pytest.raises(Conflict) as refused:
        _apply(actor_of("operator"), ("Operator", pair, False))
    assert refused.value.code == "lock_out"
    assert actor_of("operator").may(*pair)


def test_nobody_takes_the_matrix_from_themselves(actor_of: Actors) -> None:
    operator = actor_of("operator")
    own = role_changes.create_role("值班运营", "operator", like=_role("Operator"), actor=operator)
    second = _operator_with([own.id])
    with pytest.raises(Conflict) as refused:
        _apply(second(), ("值班运营", ("can_edit", "roles"), False))
    assert refused.value.code == "lock_out"
    assert _apply(actor_of("operator"), ("值班运营", ("can_edit", "roles"), False)) == 1
    with pytest.raises(Forbidden):
        _apply(second(), ("School", VOID, False))


def _operator_with(role_ids: list[int]) -> Callable[[], Any]:
    from app.access.accounts import account_named, create_account, hash_password
    from app.access.actors import load_actor

    create_account(
        username="second", name="第二位", kind="operator", password_hash=hash_password("Xk9!mmpq27z"), actor=SYSTEM
    )
    account = account_named("second")
    assert account is not None
    operator = load_actor(session.scalar(text("SELECT id FROM ab_user WHERE username = 'operator'")))
    role_changes.assign_roles(account.id, role_ids, actor=operator)
    return lambda: load_actor(account.user_id)


def test_power_over_roles_is_for_operators_alone(actor_of: Actors) -> None:
    for name in ("School", "Province", "Employer"):
        with pytest.raises(Conflict) as refused:
            _apply(actor_of("operator"), (name, ("can_edit", "roles"), True))
        assert refused.value.code == "not_for_kind"
    school = actor_of("school10001")
    pretender = replace(school, permissions=school.permissions | role_changes.NEEDED)
    with pytest.raises(Forbidden):
        _apply(pretender, ("School", VOID, False))


@pytest.mark.parametrize("who", ["province11", "school10001", "dept10001a", "employer1", "graduate1"])
def test_nobody_else_changes_roles(actor_of: Actors, who: str) -> None:
    actor = actor_of(who)
    for attempt in (
        lambda: _apply(actor, ("School", VOID, False)),
        lambda: role_changes.create_role("新角色", "school", actor=actor),
        lambda: role_changes.remove_role(_role("School"), actor=actor),
        lambda: role_changes.assign_roles(1, [_role("School")], actor=actor),
    ):
        with pytest.raises(Forbidden):
            attempt()


def test_copy_has_the_same_permissions_and_lives_on_its_own(actor_of: Actors) -> None:
    operator = actor_of("operator")
    made = role_changes.create_role("只审核的学校", "school", like=_role("School"), actor=operator)
    grants = role_changes.grants_of([made.id, _role("School")])
    assert grants[made.id] == grants[_role("School")] != set()
    assert (made.kind, made.shipped, made.users, made.label) == ("school", False, 0, "只审核的学校")
    _apply(operator, ("只审核的学校", VOID, False))
    assert actor_of("school10001").may(*VOID)


@pytest.mark.parametrize(
    ("name", "kind", "field"),
    [
        ("", "school", "name"),
        ("x", "school", "name"),
        ("长" * 33, "school", "name"),
        ("a\nb", "school", "name"),
        ("School", "school", "name"),
        ("school", "school", "name"),
        ("学校新角色", "chief", "kind"),
    ],
)
def test_wrong_new_role_is_refused(actor_of: Actors, name: str, kind: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        role_changes.create_role(name, kind, actor=actor_of("operator"))
    assert list(refused.value.errors) == [field]


def test_copy_is_for_the_same_kind_of_account(actor_of: Actors) -> None:
    with pytest.raises(Invalid):
        role_changes.create_role("混合角色", "school", like=_role("Operator"), actor=actor_of("operator"))
    with pytest.raises(NotFound):
        role_changes.create_role("无源角色", "school", like=10**9, actor=actor_of("operator"))


def test_assigned_roles_add_up_and_end_sessions(actor_of: Actors, api: Callable[..., Any]) -> None:
    operator, caller = actor_of("operator"), api("school10001")
    bare = role_changes.create_role("暂停办理", "school", actor=operator)
    account = session.scalar(
        text("SELECT a.id FROM accounts a JOIN ab_user u ON u.id = a.user_id WHERE username = 'school10001'")
    )
    assert actor_of("school10001").may(*APPROVE)
    role_changes.assign_roles(account, [bare.id], actor=operator)
    assert actor_of("school10001").permissions == frozenset()
    assert caller.get("/me").status_code == 401
    role_changes.assign_roles(account, [bare.id, _role("School")], actor=operator)
    assert actor_of("school10001").may(*APPROVE)
    line = session.scalar(
        select(AuditLine).where(AuditLine.action == role_changes.ASSIGNED).order_by(AuditLine.id.desc())
    )
    assert line is not None
    assert line.detail == {"before": {"roles": ["暂停办理"]}, "after": {"roles": ["School", "暂停办理"]}}


@pytest.mark.parametrize("roles", [[], ["Operator"], ["School", "Province"]])
def test_only_roles_of_the_kind_are_assigned(actor_of: Actors, roles: list[str]) -> None:
    account = session.scalar(
        text("SELECT a.id FROM accounts a JOIN ab_user u ON u.id = a.user_id WHERE username = 'school10001'")
    )
    with pytest.raises(Invalid):
        role_changes.assign_roles(account, [_role(name) for name in roles], actor=actor_of("operator"))
    with pytest.raises(NotFound):
        role_changes.assign_roles(10**9, [_role("School")], actor=actor_of("operator"))


def test_nobody_changes_the_own_roles(actor_of: Actors) -> None:
    own = session.scalar(
        text("SELECT a.id FROM accounts a JOIN ab_user u ON u.id = a.user_id WHERE username = 'operator'")
    )
    with pytest.raises(Forbidden):
        role_changes.assign_roles(own, [_role("Operator")], actor=actor_of("operator"))


def test_role_in_use_and_shipped_roles_stay(actor_of: Actors) -> None:
    operator = actor_of("operator")
    made = role_changes.create_role("备用角色", "school", actor=operator)
    account = session.scalar(
        text("SELECT a.id FROM accounts a JOIN ab_user u ON u.id = a.user_id WHERE username = 'school10001'")
    )
    role_changes.assign_roles(account, [made.id], actor=operator)
    for role_id, code in ((made.id, "in_use"), (_role("School"), "shipped")):
        with pytest.raises(Conflict) as refused:
            role_changes.remove_role(role_id, actor=operator)
        assert refused.value.code == code
    role_changes.assign_roles(account, [_role("School")], actor=operator)
    role_changes.remove_role(made.id, actor=operator)
    with pytest.raises(NotFound):
        role_changes.role_card(made.id)


def test_shipped_role_is_restored(app: Flask, actor_of: Actors) -> None:
    operator = actor_of("operator")
    _apply(operator, ("School", VOID, False), ("School", ("can_list", "sync"), True))
    with app.test_request_context():
        wanted, among = {_role("School"): role_queries.shipped("school")}, role_queries.registered_pairs()
    changes = role_changes.differences(wanted, among)
    assert {(one.pair, one.given) for one in changes} == {(VOID, True), (("can_list", "sync"), False)}
    role_changes.apply_changes(changes, seen=fingerprint(), actor=operator)
    assert actor_of("school10001").may(*VOID)
    assert role_changes.differences(wanted, among) == []


def test_history_is_told_in_sentences(app: Flask, actor_of: Actors) -> None:
    operator = actor_of("operator")
    _apply(operator, ("School", VOID, False))
    role_changes.create_role("副本", "school", like=_role("School"), actor=operator)
    with app.test_request_context():
        entries, more = role_queries.history(1)
    assert not more
    assert "学校" in entries[0]["what"]
    assert entries[1]["actor"] == "operator"
    assert entries[1]["taken"] == ["在线签约管理 · 作废协议"] or "作废" in entries[1]["taken"][0]
