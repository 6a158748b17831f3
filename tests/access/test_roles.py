"""Roles: given out once by the tables and views, edited by operators, read as one cached set (R1.3)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.access.actors import DEPARTMENT, EMPLOYER, GRADUATE, OPERATOR, PROVINCE, SCHOOL
from app.access.permissions import permissions_of
from app.base.database import session
from app.staff.commands import sync

ROLE_ID = text("SELECT id FROM ab_role WHERE name = :name")
TAKE = text(
    "DELETE FROM ab_permission_view_role WHERE role_id = :role AND permission_view_id = (SELECT pv.id FROM"
    " ab_permission_view pv JOIN ab_permission p ON p.id = pv.permission_id JOIN ab_view_menu v"
    " ON v.id = pv.view_menu_id WHERE p.name = :permission AND v.name = :view)"
)


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str, app_context: Flask) -> None:
    """Each test begins with the roles as they are first given."""


def _role(name: str) -> int:
    return int(session.execute(ROLE_ID, {"name": name}).scalar_one())


def _permissions(name: str) -> frozenset[tuple[str, str]]:
    return permissions_of([_role(name)])


def test_six_roles_and_three_posts_exist_and_no_other() -> None:
    names = set(session.scalars(text("SELECT name FROM ab_role")))
    posts = {"SystemAdministrator", "SecurityAdministrator", "Auditor"}
    assert names == {"Operator", "Province", "School", "Department", "Employer", "Graduate"} | posts


@pytest.mark.parametrize(
    ("role", "has", "has_not"),
    [
        (
            SCHOOL,
            {"list", "show", "export", "approve", "reject", "void", "edit_category"},
            {"invite", "accept", "expire"},
        ),
        (DEPARTMENT, {"list", "show", "export", "approve", "reject"}, {"void", "edit_category", "accept"}),
        (PROVINCE, {"list", "show", "export"}, {"approve", "reject", "void"}),
        (OPERATOR, {"list", "show", "export"}, {"approve", "invite"}),
        (EMPLOYER, {"list", "show", "invite", "withdraw"}, {"approve", "accept"}),
        (GRADUATE, {"list", "show", "accept", "decline", "abort"}, {"export", "approve", "invite"}),
    ],
)
def test_roles_follow_from_the_table(role: str, has: set[str], has_not: set[str]) -> None:
    own = {name.removeprefix("can_") for name, view in _permissions(role.capitalize()) if view == "online_signing"}
    assert has <= own
    assert not has_not & own


def test_no_role_may_fire_what_only_the_clock_fires() -> None:
    names = set(session.scalars(text("SELECT name FROM ab_permission")))
    assert "can_expire" not in names
    assert "can_terminate" not in names


def test_sync_is_idempotent() -> None:
    before = session.execute(text("SELECT count(*), max(id) FROM ab_permission_view_role")).one()
    assert sync() == 0
    assert session.execute(text("SELECT count(*), max(id) FROM ab_permission_view_role")).one() == before


def test_sync_never_gives_back_what_an_operator_took() -> None:
    session.execute(TAKE, {"role": _role("School"), "permission": "can_void", "view": "online_signing"})
    session.commit()
    assert sync() == 0
    assert ("can_void", "online_signing") not in _permissions("School")


def test_sync_keeps_what_an_operator_gave() -> None:
    give = text(
        "INSERT INTO ab_permission_view_role (id, role_id, permission_view_id) SELECT nextval('ab_permission_view_role_id_seq'),"
        " :role, pv.id FROM ab_permission_view pv JOIN ab_permission p ON p.id = pv.permission_id JOIN ab_view_menu v"
        " ON v.id = pv.view_menu_id WHERE p.name = 'can_void' AND v.name = 'online_signing'"
    )
    session.execute(give, {"role": _role("Department")})
    session.commit()
    sync()
    assert ("can_void", "online_signing") in _permissions("Department")


def test_sync_gives_what_is_new() -> None:
    session.execute(TAKE, {"role": _role("School"), "permission": "can_void", "view": "online_signing"})
    seeded = "role = 'School' AND permission = 'can_void' AND view = 'online_signing'"
    session.execute(text(f"DELETE FROM seeded_permissions WHERE {seeded}"))
    session.commit()
    assert sync() == 1
    assert ("can_void", "online_signing") in _permissions("School")


def test_many_processes_may_sync_at_once(app: Flask) -> None:
    for table in ("ab_permission_view_role", "seeded_permissions", "ab_permission_view", "ab_user_role", "ab_role"):
        session.execute(text(f"DELETE FROM {table}"))
    session.commit()
    errors: list[Exception] = []
    grants: list[int] = []

    def run() -> None:
        with app.app_context():
            try:
                grants.append(sync())
            except Exception as error:
                errors.append(error)

    threads = [threading.Thread(target=run) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(grants)[:3] == [0, 0, 0]
    assert max(grants) > 20
    assert ("can_approve", "online_signing") in _permissions("School")


def test_change_of_a_role_is_seen_at_once(actor_of: Callable[[str], Any]) -> None:
    assert actor_of("school10001").may("can_void", "online_signing")
    session.execute(TAKE, {"role": _role("School"), "permission": "can_void", "view": "online_signing"})
    session.commit()
    assert not actor_of("school10001").may("can_void", "online_signing")


def test_permissions_are_read_once() -> None:
    from sqlalchemy import event

    from app.base.database import db

    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    roles = [_role("School"), _role("Department")]
    permissions_of(roles)
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert permissions_of(roles) == _permissions("School") | _permissions("Department")
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert not [statement for statement in seen if "ab_view_menu" in statement]


def test_fab_adds_and_never_removes_permissions(app: Flask) -> None:
    """Views and API of a workflow share one name; FAB's own method would delete what the other has."""
    manager = app.appbuilder.sm  # type: ignore[attr-defined]
    before = _permissions("School")
    manager.add_permissions_view(["can_list"], "online_signing")
    app.appbuilder.add_permissions(update_perms=True)  # type: ignore[attr-defined]
    assert _permissions("School") == before


def test_stranger_has_access_to_nothing_but_the_description(app: Flask) -> None:
    manager = app.appbuilder.sm  # type: ignore[attr-defined]
    with app.test_request_context("/staff/"):
        assert not manager.has_access("can_list", "online_signing")
        assert manager.get_user_menu_access(["Security"]) == set()
        assert manager.has_access("can_get", "OpenApi")


def test_first_operator_is_made_on_the_command_line(app: Flask) -> None:
    from app.access.services import authenticate

    runner = app.test_cli_runner()
    arguments = ["access", "create-operator", "chief", "--name", "负责人", "--password", "Long-enough-7788"]
    assert runner.invoke(args=arguments).exit_code == 0
    assert authenticate("chief", "Long-enough-7788", ip=None, door="school").kind == OPERATOR
    assert runner.invoke(args=arguments).exit_code == 1
    assert runner.invoke(args=[*arguments[:-1], "short"]).exit_code == 1
    assert "0 sessions" in runner.invoke(args=["access", "log-out", "chief"]).output
    assert runner.invoke(args=["access", "log-out", "nobody-there"]).exit_code == 1
