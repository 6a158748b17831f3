"""Making and changing accounts: every rule and every refusal, for each kind of account (R1.4–R1.6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text

from app.access.actors import load_actor
from app.access.audit import AuditLine
from app.access.services import authenticate
from app.base import clock
from app.base.database import session
from app.base.errors import AppError, Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from app.schools.departments.queries import near_names
from app.staff.services import change_account, create_account, end_sessions, reset_password, unlock_accounts
from tests.staff.conftest import PASSWORD, Sent

pytestmark = pytest.mark.usefixtures("app_context")
Actors = Callable[[str], Any]
WHOLE = {"employment": "rw", "archive": "rw", "hukou": "rw"}
DEFAULT = {"employment": "rw", "archive": "none", "hukou": "none"}


def _last_line(action: str) -> AuditLine:
    line = session.scalar(select(AuditLine).where(AuditLine.action == action).order_by(AuditLine.id.desc()).limit(1))
    assert line is not None
    return line


# Who makes whom -----------------------------------------------------------------------------------------------------


def test_province_makes_a_school_account_with_the_default_permissions(actor_of: Actors, sent: Sent) -> None:
    account = create_account(sent("school", school="10002"), actor=actor_of("province11"))
    assert (account.kind, account.school.code, account.level, account.modules) == ("school", "10002", "all", DEFAULT)
    actor = load_actor(account.user_id)
    assert actor.writes("employment")
    assert not actor.reads("archive")
    assert actor.may("can_approve", "online_signing")
    assert authenticate(account.user.username, PASSWORD, ip=None, door="school").id == account.id


def test_school_makes_a_department_account(actor_of: Actors, sent: Sent, departments: list[str]) -> None:
    modules = {"employment": "ro", "archive": "rw"}
    account = create_account(
        sent("department", department=departments[0], modules=modules), actor=actor_of("school10001")
    )
    assert account.department.name == departments[0]
    assert account.modules == {"employment": "ro", "archive": "rw", "hukou": "none"}
    actor = load_actor(account.user_id)
    assert actor.reads("employment")
    assert not actor.writes("employment")
    assert (actor.province_id, actor.school_id) == (account.province_id, account.school_id)


@pytest.mark.parametrize(
    ("role", "place"),
    [
        ("operator", {}),
        ("province", {"province": "32"}),
        ("school", {"school": "10284", "level": "postgraduate"}),
        ("department", {"school": "10001"}),
    ],
)
def test_operator_makes_every_kind_of_staff(
    actor_of: Actors, sent: Sent, departments: list[str], role: str, place: dict[str, str]
) -> None:
    if role == "department":
        place = {**place, "department": departments[0]}
    account = create_account(sent(role, **place), actor=actor_of("operator"))
    actor = load_actor(account.user_id)
    assert actor.kind == role
    assert (actor.province_id is None) == (role == "operator")
    assert actor.modules == ({} if role == "operator" else DEFAULT)


@pytest.mark.parametrize(
    ("who", "role", "place", "error"),
    [
        ("province11", "operator", {}, Forbidden),
        ("province11", "province", {"province": "11"}, Forbidden),
        ("province11", "department", {"school": "10001"}, Forbidden),
        ("province11", "school", {"school": "10284"}, NotFound),  # another province's
        ("province11", "school", {"school": "99999"}, NotFound),
        ("province11", "province", {"province": "32"}, NotFound),
        ("school10001", "school", {"school": "10001"}, Forbidden),
        ("school10001", "province", {}, Forbidden),
        ("school10001", "operator", {}, Forbidden),
        ("school10001", "department", {"school": "10002"}, NotFound),  # another school's
        ("dept10001a", "department", {}, Forbidden),
        ("dept10001a", "school", {}, Forbidden),
        ("dept10001a", "department", {"school": "10002"}, NotFound),
        ("employer1", "department", {}, Forbidden),
        ("graduate1", "operator", {}, Forbidden),
        ("operator", "employer", {}, Forbidden),
        ("operator", "graduate", {}, Forbidden),
    ],
)
def test_nobody_else_makes_accounts(
    actor_of: Actors, sent: Sent, who: str, role: str, place: dict[str, str], error: type[AppError]
) -> None:
    request = sent(role, **place)
    with pytest.raises(error):
        create_account(request, actor=actor_of(who))
    assert session.scalar(text("SELECT id FROM ab_user WHERE username = :name"), {"name": request["username"]}) is None


# What may be given --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("employment", ["ro", "none"])
def test_only_accounts_with_read_and_write_make_accounts(
    manager: Callable[..., Any], sent: Sent, departments: list[str], employment: str
) -> None:
    actor = manager("school", like="school10001", modules={"employment": employment})
    with pytest.raises(Forbidden):
        create_account(sent("department", department=departments[0]), actor=actor)


def test_nobody_gives_more_than_the_own_account_has(
    manager: Callable[..., Any], sent: Sent, departments: list[str]
) -> None:
    actor = manager("school", like="school10001", modules={"archive": "ro", "hukou": "none"})
    for modules in ({"archive": "rw"}, {"hukou": "ro"}):
        with pytest.raises(Forbidden) as refused:
            create_account(sent("department", department=departments[0], modules=modules), actor=actor)
        assert refused.value.code == "more_than_own"
    account = create_account(sent("department", department=departments[0], modules={"archive": "ro"}), actor=actor)
    assert account.modules["archive"] == "ro"


def test_what_an_account_has_already_may_stay(
    manager: Callable[..., Any], actor_of: Actors, account_id: Callable[[str], int]
) -> None:
    actor = manager("school", like="school10001", modules={"archive": "none"})
    account = change_account(account_id("dept10001a"), {"name": "新的名字", "modules": WHOLE}, actor=actor)
    assert account.modules == WHOLE
    lower = change_account(account.id, {"modules": {"archive": "none"}}, actor=actor)
    assert lower.modules["archive"] == "none"
    with pytest.raises(Forbidden):
        change_account(account.id, {"modules": {"archive": "ro"}}, actor=actor)
    change_account(account.id, {"modules": WHOLE}, actor=actor_of("school10001"))


def test_school_of_one_level_gives_that_level_only(
    manager: Callable[..., Any], sent: Sent, departments: list[str], account_id: Callable[[str], int]
) -> None:
    actor = manager("school", like="school10001", level="postgraduate")
    made = create_account(sent("department", department=departments[0]), actor=actor)
    assert made.level == "postgraduate"
    for level in ("all", "undergraduate"):
        with pytest.raises(Forbidden):
            create_account(sent("department", department=departments[0], level=level), actor=actor)
        with pytest.raises(Forbidden):
            change_account(made.id, {"level": level}, actor=actor)
    # The accounts in charge of more than this level are not its own to see.
    with pytest.raises(NotFound):
        change_account(account_id("dept10001a"), {"name": "甲"}, actor=actor)


@pytest.mark.parametrize("level", ["all", "undergraduate", "postgraduate"])
def test_school_of_all_levels_gives_any(actor_of: Actors, sent: Sent, departments: list[str], level: str) -> None:
    request = sent("department", department=departments[0], level=level)
    assert create_account(request, actor=actor_of("school10001")).level == level


# Departments --------------------------------------------------------------------------------------------------------


def test_department_must_be_exactly_as_on_the_roster(actor_of: Actors, sent: Sent, departments: list[str]) -> None:
    almost = departments[0][:-2] + "系"
    with pytest.raises(Invalid) as refused:
        create_account(sent("department", department=almost), actor=actor_of("school10001"))
    assert list(refused.value.errors) == ["department"]
    assert departments[0] in str(refused.value.errors["department"][0])
    assert departments[0] in refused.value.values["near"]


def test_department_of_another_school_does_not_match(actor_of: Actors, sent: Sent, departments: list[str]) -> None:
    query = text("SELECT d.name FROM departments d JOIN schools s ON s.id = d.school_id WHERE s.code = '10284'")
    foreign = next(name for name in session.scalars(query) if name not in departments)
    with pytest.raises(Invalid):
        create_account(sent("department", department=foreign), actor=actor_of("school10001"))


def test_department_whose_last_graduate_left_the_roster_does_not_match(
    actor_of: Actors, sent: Sent, departments: list[str]
) -> None:
    mark = text(
        "UPDATE graduates SET invalid_since = :since WHERE department_id IN (SELECT d.id FROM departments d"
        " JOIN schools s ON s.id = d.school_id WHERE d.name = :name AND s.code = '10001')"
    )
    name = departments[0]
    try:
        session.execute(mark, {"name": name, "since": clock.now()})
        session.commit()
        with pytest.raises(Invalid) as refused:
            create_account(sent("department", department=name), actor=actor_of("school10001"))
        assert name not in refused.value.values.get("near", [])
    finally:
        session.execute(mark, {"name": name, "since": None})
        session.commit()


def test_near_names_are_told_in_order() -> None:
    names = ["计算机科学与技术学院", "计算机学院", "外国语学院", "数学科学学院", "软件与微电子学院"]
    assert near_names("计算机 学院", names)[0] == "计算机学院"
    assert near_names("计算机科学技术学院", names)[0] == "计算机科学与技术学院"
    assert near_names("ＡＢＣ", names) == []
    assert near_names("甲", []) == []
    assert len(near_names("学院", names * 3)) <= 5


# Fields -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": None}, "username"),
        ({"username": "abc"}, "username"),
        ({"username": "a" * 65}, "username"),
        ({"username": "张三丰的账号"}, "username"),
        ({"username": "with space"}, "username"),
        ({"username": "-minus"}, "username"),
        ({"username": 12345}, "username"),
        ({"name": " "}, "name"),
        ({"name": "长" * 65}, "name"),
        ({"name": ["a"]}, "name"),
        ({"password": "short"}, "password"),
        ({"password": "Password123"}, "password"),
        ({"password": None}, "password"),
        ({"password": 1234567890}, "password"),
        ({"role": None}, "role"),
        ({"role": "chief"}, "role"),
        ({"school": None}, "school"),
        ({"level": "doctor"}, "level"),
        ({"modules": {"employment": "all"}}, "modules.employment"),
        ({"modules": {"employment": None}}, "modules.employment"),
        ({"modules": "rw"}, "modules"),
    ],
)
def test_wrong_field_is_named(actor_of: Actors, sent: Sent, change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_account({**sent("school", school="10002"), **change}, actor=actor_of("province11"))
    assert field in refused.value.errors, refused.value.errors


def test_all_wrong_fields_are_named_at_once(actor_of: Actors) -> None:
    with pytest.raises(Invalid) as refused:
        create_account({"role": "department", "password": "x"}, actor=actor_of("school10001"))
    assert {"username", "name", "password", "department"} <= set(refused.value.errors)


@pytest.mark.parametrize(
    ("role", "change", "field"),
    [
        ("operator", {"modules": {"archive": "none"}}, "modules"),
        ("operator", {"level": "postgraduate"}, "level"),
        ("province", {"level": "undergraduate", "province": "11"}, "level"),
        ("province", {}, "province"),
        ("department", {"department": "无"}, "school"),
    ],
)
def test_what_means_nothing_for_the_kind_is_refused(
    actor_of: Actors, sent: Sent, role: str, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        create_account(sent(role, **change), actor=actor_of("operator"))
    assert field in refused.value.errors


def test_user_name_is_taken_once_whatever_its_capitals(actor_of: Actors, sent: Sent) -> None:
    for name in ("school10002", "SCHOOL10002", "graduate1"):
        with pytest.raises(Conflict) as refused:
            create_account({**sent("school", school="10002"), "username": name}, actor=actor_of("province11"))
        assert refused.value.code == "username_taken"


def test_password_is_not_written_anywhere_readable(actor_of: Actors, sent: Sent) -> None:
    account = create_account(sent("school", school="10002"), actor=actor_of("province11"))
    assert PASSWORD not in (account.user.password or "")
    line = _last_line("account_created")
    assert (line.actor, line.subject) == ("province11", account.user.username)
    assert line.detail["after"]["modules.employment"] == "rw"
    assert PASSWORD not in str(line.detail)


# Changes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "whom", "error"),
    [
        ("province11", "school10284", NotFound),
        ("province11", "province32", NotFound),
        ("province11", "employer1", NotFound),
        ("province11", "graduate1", NotFound),
        ("province11", "operator", NotFound),
        ("province11", "province11", Forbidden),  # the own account
        ("province11", "dept10001a", Forbidden),  # the school is the level above
        ("school10001", "school10002", NotFound),
        ("school10001", "province11", NotFound),
        ("school10002", "dept10001a", NotFound),
        ("school10001", "school10001", Forbidden),
        ("dept10001a", "dept10001b", NotFound),
        ("dept10001a", "dept10001a", Forbidden),
        ("dept10001a", "school10001", NotFound),
        ("employer1", "employer1b", NotFound),
        ("graduate1", "graduate2", NotFound),
        ("operator", "operator", Forbidden),
    ],
)
def test_nobody_else_changes_accounts(
    actor_of: Actors, account_id: Callable[[str], int], who: str, whom: str, error: type[AppError]
) -> None:
    actor, target = actor_of(who), account_id(whom)
    for attempt in (
        lambda: change_account(target, {"name": "甲"}, actor=actor),
        lambda: reset_password(target, PASSWORD, actor=actor),
        lambda: unlock_accounts([target], actor=actor),
        lambda: end_sessions([target], actor=actor),
    ):
        with pytest.raises(error):
            attempt()


def test_sibling_school_account_is_seen_but_not_changed(
    manager: Callable[..., Any], account_id: Callable[[str], int]
) -> None:
    actor = manager("school", like="school10001")
    with pytest.raises(Forbidden):
        change_account(account_id("school10001"), {"modules": {"employment": "none"}}, actor=actor)


@pytest.mark.parametrize(
    "change",
    [{"modules": {"employment": "ro"}}, {"active": False}, {"level": "postgraduate"}, {"password": "Other-7788-abc"}],
)
def test_change_of_powers_ends_sessions_at_once(
    actor_of: Actors, sent: Sent, api: Callable[..., Any], change: dict[str, Any]
) -> None:
    account = create_account(sent("school", school="10002"), actor=actor_of("province11"))
    caller = api(account.user.username, PASSWORD)
    assert caller.get("/me").status_code == 200
    change_account(account.id, {"name": "另一个名字"}, actor=actor_of("province11"))
    assert caller.get("/me").status_code == 200  # a name is no power
    change_account(account.id, change, actor=actor_of("province11"))
    assert caller.get("/me").status_code == 401


def test_change_is_written_down_before_and_after(actor_of: Actors, sent: Sent) -> None:
    account = create_account(sent("school", school="10002"), actor=actor_of("province11"))
    change_account(account.id, {"name": "新名", "modules": {"archive": "ro"}}, actor=actor_of("province11"))
    line = _last_line("account_changed")
    assert line.detail == {
        "before": {"name": "测试用户", "modules.archive": "none"},
        "after": {"name": "新名", "modules.archive": "ro"},
    }
    assert (line.actor, line.source) == ("province11", "127.0.0.1")
    before = line.id
    change_account(account.id, {"name": "新名", "active": True}, actor=actor_of("province11"))
    assert _last_line("account_changed").id == before  # nothing changed, nothing written


def test_account_that_is_switched_off_cannot_log_in_and_comes_back(actor_of: Actors, sent: Sent) -> None:
    account = create_account(sent("school", school="10002"), actor=actor_of("province11"))
    name = account.user.username
    change_account(account.id, {"active": False}, actor=actor_of("province11"))
    with pytest.raises(Unauthenticated):
        authenticate(name, PASSWORD, ip=None, door="school")
    with pytest.raises(Unauthenticated):
        load_actor(account.user_id)
    change_account(account.id, {"active": True}, actor=actor_of("province11"))
    assert authenticate(name, PASSWORD, ip=None, door="school").id == account.id


def test_new_password_opens_and_the_old_one_does_not(actor_of: Actors, sent: Sent) -> None:
    account = create_account(sent("school", school="10002"), actor=actor_of("province11"))
    name = account.user.username
    for _try in range(5):
        with pytest.raises(AppError):
            authenticate(name, "wrong", ip=None, door="school")
    reset_password(account.id, "Other-7788-abc", actor=actor_of("province11"))
    assert authenticate(name, "Other-7788-abc", ip=None, door="school").id == account.id  # the lock is gone too
    with pytest.raises(Unauthenticated):
        authenticate(name, PASSWORD, ip=None, door="school")
    for weak in ("short", "", f"{name}A1!"):
        with pytest.raises(Invalid):
            reset_password(account.id, weak, actor=actor_of("province11"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"level": "x"}, "level"),
        ({"modules": {"hukou": "x"}}, "modules.hukou"),
        ({"active": "perhaps"}, "active"),
        ({"password": "short"}, "password"),
        ({"username": "another"}, "username"),
        ({"role": "operator"}, "role"),
        ({"school": "10001"}, "school"),
        ({"department": "别的院系"}, "department"),
    ],
)
def test_wrong_change_changes_nothing(
    actor_of: Actors, account_id: Callable[[str], int], change: dict[str, Any], field: str
) -> None:
    number = account_id("school10002")
    with pytest.raises(Invalid) as refused:
        change_account(number, {"name": "不会保存", **change}, actor=actor_of("province11"))
    assert field in refused.value.errors
    assert session.scalar(text("SELECT name FROM accounts WHERE id = :id"), {"id": number}) != "不会保存"


def test_settled_fields_may_be_sent_as_they_are(actor_of: Actors, account_id: Callable[[str], int]) -> None:
    sent = {"username": "school10002", "role": "school", "school": "10002", "department": None, "name": "同名"}
    assert change_account(account_id("school10002"), sent, actor=actor_of("province11")).name == "同名"


def test_taking_the_permission_from_the_role_takes_the_power(actor_of: Actors, sent: Sent) -> None:
    from dataclasses import replace

    actor = actor_of("province11")
    powerless = replace(actor, permissions=actor.permissions - {("can_create", "accounts"), ("can_edit", "accounts")})
    with pytest.raises(Forbidden):
        create_account(sent("school", school="10002"), actor=powerless)


def test_accounts_are_managed_before_the_province_opens_anything(actor_of: Actors, sent: Sent) -> None:
    """A season is prepared: school and department accounts come before the modules (R2.2)."""
    made = create_account(sent("school", school="10558"), actor=actor_of("province44"))
    assert made.school.code == "10558"
    name = session.scalar(
        text("SELECT d.name FROM departments d JOIN schools s ON s.id = d.school_id WHERE s.code = '10558' LIMIT 1")
    )
    create_account(sent("department", department=name), actor=actor_of("school10558"))
