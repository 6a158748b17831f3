"""单位信息 on the screens of units and of the service line, and its way into signings (R5.2, R5.7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.access.audit import AuditLine
from app.access.models import Account
from app.base.database import session
from app.base.errors import Conflict, Forbidden, NotFound
from app.cases.records import case_json
from app.employers.models import Employer, UnitChange
from app.employers.units.services import make_owner, update_unit
from app.notices.models import Notification
from app.signing.online.snapshots import agreement_content
from app.signing.online.workflow import ONLINE_SIGNING
from app.workflow import engine
from tests.fixtures.browser import check_no_sideways_scrolling
from tests.notices.browser import logged_in, token
from tests.signing.stage import Stage, invite, user


def test_change_flows_into_signings_that_are_not_complete(fresh_database: str, app_context: Flask) -> None:
    """Whoever has not signed yet signs with the unit as it is; what is complete stays as it was signed (R5.7)."""
    signed = Stage("employer1", "graduate1", "dept10001a", "school10001").bring("signed")
    waiting = invite(user("employer1"), user("graduate2"))
    unit_id, before = signed.employer_id, signed.snapshot["employer"]
    changed = {"name": "北京砚渡禾科技集团有限公司", "address": "新址 8 号", "nature": "39", "type": "2"}
    update_unit(unit_id or 0, changed, actor=user("operator"))
    session.expunge_all()
    signed, waiting = (engine.load(ONLINE_SIGNING, case.id, actor=user("employer1")) for case in (signed, waiting))
    assert agreement_content(waiting)["employer"]["name"] == changed["name"]
    assert agreement_content(waiting)["employer"]["address"].endswith("新址 8 号")
    assert case_json(waiting, user("employer1"))["employer"]["name"] == changed["name"]
    assert signed.snapshot["employer"] == before
    assert case_json(signed, user("employer1"))["employer"]["name"] == before["name"] != changed["name"]


def test_two_at_once_do_not_overwrite_each_other(fresh_database: str, app_context: Flask) -> None:
    unit = session.get_one(Employer, user("employer1").employer_id)
    seen = unit.updated_at.isoformat()
    update_unit(unit.id, {"address": "一号路 1 号"}, actor=user("employer1"))
    with pytest.raises(Conflict) as refused:
        update_unit(unit.id, {"short_name": "砚渡"}, actor=user("operator"), seen=seen)
    assert refused.value.code == "stale"
    with pytest.raises(Forbidden):
        update_unit(unit.id, {"short_name": "砚渡"}, actor=user("employer1"))
    changes = session.scalars(select(UnitChange).where(UnitChange.employer_id == unit.id)).all()
    assert [list(row.changes) for row in changes] == [["address"]]


def test_the_service_line_names_a_new_owner(
    fresh_database: str, app: Flask, drain: Callable[..., int], api: Callable[..., Any]
) -> None:
    """Where the owner has left: with a reason, a line of the unit's history, and a notice to all who work for it."""
    with app.app_context():
        unit, colleague = user("employer1").employer_id, _account("employer1b")
        stranger = _account("employer2")
    client = logged_in(app, "operator")
    show, address = f"/staff/units/show/{unit}", f"/staff/units/owner/{unit}"

    def press(account: int, reason: str, page: str = show) -> Any:
        form = {"csrf_token": token(client.get(page).text), "account": str(account), "reason": reason}
        return client.post(address, data=form)

    assert "指定新的管理员" in client.get(show).text
    assert press(colleague, " ").status_code == 422
    assert press(stranger, "原管理员离职").status_code == 404
    assert press(colleague, "原管理员离职").status_code == 302
    assert press(colleague, "原管理员离职").status_code == 302  # pressed again: nothing more happens
    drain()
    with app.app_context():
        assert [user(name).unit_role for name in ("employer1", "employer1b")] == ["owner", "owner"]
        changes = session.scalars(select(UnitChange).where(UnitChange.employer_id == unit)).all()
        assert [row.changes["reason"] for row in changes] == [["", "原管理员离职"]]
        lines = session.scalars(select(AuditLine).where(AuditLine.action == "colleague_role")).all()
        assert [line.detail["reason"] for line in lines] == ["原管理员离职"]
        query = select(Notification.user_id).where(Notification.template == "owner_appointed")
        assert set(session.scalars(query)) == {user(name).user_id for name in ("employer1", "employer1b")}
    assert "原管理员离职" in client.get(show).text
    assert "原管理员离职" in logged_in(app, "employer1").get("/employer/unit").text
    with app.app_context():
        for outsider in ("employer1", "employer2", "school10001", "province11", "graduate1"):
            with pytest.raises((Forbidden, NotFound)):
                make_owner(unit or 0, {"account": colleague, "reason": "x"}, actor=user(outsider))
        assert len(session.scalars(select(UnitChange).where(UnitChange.employer_id == unit)).all()) == 1


def _account(username: str) -> int:
    return session.scalars(select(Account.id).where(Account.user_id == user(username).user_id)).one()


@pytest.mark.browser
def test_service_line_changes_what_the_unit_cannot(
    fresh_database: str, desk: Callable[..., Page], phone: Callable[..., Page], axe: Callable[..., None]
) -> None:
    page = desk("operator")
    page.goto("/staff/units/list/")
    axe(page)
    page.get_by_role("link", name="北京砚渡禾信息技术有限公司").click()
    axe(page)
    page.fill("#f-uscc", "91110108MX5PER8K08")
    page.get_by_role("button", name="保存单位信息").click()
    expect(page.locator("#f-uscc-error")).to_be_visible()
    page.fill("#f-uscc", "91320106MXB7W33413")
    page.get_by_role("button", name="保存单位信息").click()
    expect(page.locator("#f-uscc-error")).to_be_visible()
    page.fill("#f-uscc", "91110108MX5PER7K08")
    page.fill("#f-name", "北京砚渡禾·䶮㛃科技有限公司")
    page.fill("#f-short_name", "砚渡")
    page.get_by_role("button", name="保存单位信息").click()
    expect(page.locator("h1")).to_have_text("北京砚渡禾·䶮㛃科技有限公司")
    expect(page.locator(".timeline")).to_contain_text("砚渡禾 → 砚渡")
    axe(page)
    unit = phone("employer1")
    unit.goto("/employer/unit")
    expect(unit.locator("main")).to_contain_text("北京砚渡禾·䶮㛃科技有限公司")
    expect(unit.locator(".timeline")).to_contain_text("由客服修改")
    check_no_sideways_scrolling(unit)
    axe(unit)


@pytest.mark.browser
def test_natures_follow_the_type(fresh_database: str, desk: Callable[..., Page], app: Flask) -> None:
    """The list narrows as the type is chosen; without scripts all are there and the rule answers (R5.2)."""
    page = desk("employer3")
    page.goto("/employer/verification/unit")
    nature = page.locator("#f-nature")

    def offered() -> list[Any]:
        return nature.evaluate("s => [...s.options].filter(o => o.value && !o.disabled).map(o => o.value)")

    assert offered() == ["39"]
    page.select_option("#f-type", "5")
    assert set(offered()) == {"20", "21", "22", "23", "29"}
    expect(nature).to_have_value("")
    page.select_option("#f-type", "1")
    expect(nature).to_have_value("31")
    plain = desk("employer3", java_script_enabled=False)
    plain.goto("/employer/verification/unit")
    plain.select_option("#f-type", "1")
    plain.select_option("#f-nature", "39")
    plain.click("main form button.button--primary")
    expect(plain.locator("#f-nature-error")).to_contain_text("国有企业")
