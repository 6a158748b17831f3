"""The unit's desk: whom, what, look and send; a preview that is the letter, templates that fill it, pay and post of each."""

from __future__ import annotations

import io
import re
from typing import Any

from flask import Flask
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from app.base.database import session, transaction
from app.signing.online.services.letter_templates import create_template
from tests.employers.stage_renewal import opened, unit
from tests.fixtures.browser import PHONE, Visitors
from tests.journeys.people import dialog, follow, look, press, write_letter
from tests.signing.paper.stage import UNIT, PaperStage
from tests.signing.stage import invite, keep, letter, user

LIVE = "#live-letter .letter"


def _whom(app: Flask, *graduates: str) -> str:
    """The address at which these are chosen; employer1 has all of them in its favourites."""
    with app.app_context():
        for name in graduates:
            keep(user("employer1"), user(name))
        chosen = [user(name).graduate_id for name in graduates]
        session.remove()
    return "/employer/invitations/new?" + "&".join(f"graduate={one}" for one in chosen)


def _words(page: Page, place: str) -> str:
    return re.sub(r"\s+", " ", page.locator(place).first.inner_text())


def test_the_preview_lives_from_the_first_sign_and_is_the_letter(app: Flask, visitors: Visitors) -> None:
    page = visitors.open("employer1")
    page.goto(_whom(app, "graduate3"))  # one who can be invited: the letter at once
    page.locator("[name='position.title']").press_sequentially("研")
    expect(page.locator(LIVE)).to_contain_text("研")
    write_letter(page)
    page.fill("[name='position.salary_month']", "8千")
    page.fill("[name='position.liquidated_damages']", "３,000")
    page.fill("[name='position.address']", "中关村大街 1 号")
    expect(page.locator(LIVE)).to_contain_text("¥8,000")
    expect(page.locator(LIVE)).to_contain_text("¥3,000")
    expect(page.locator(LIVE)).to_contain_text("北京市 海淀区")
    look(page)
    live = _words(page, LIVE)
    press(page, "下一步")
    expect(page.locator("h1")).to_have_text("预览签约邀请函")
    assert _words(page, "main .letter") == live
    look(page)
    press(page, "发送邀请函")
    expect(page.get_by_text("已发送 1 份签约邀请函")).to_be_visible()
    graduate = visitors.open("graduate3")
    graduate.goto("/graduate/signing")
    graduate.locator("main a[href*='/graduate/signing/']").first.click()
    assert _words(graduate, "main .letter") == live


def test_a_template_fills_the_letter_when_it_is_chosen(app: Flask, visitors: Visitors) -> None:
    whole = {name: part for name, part in letter().items() if name != "valid_until"}
    whole["hukou"] = {"accept": True, "address": "西城区 2 号", "optional": True}
    with app.app_context():
        unit = user("employer1")
        create_template("letter", {**whole, "name": "整函"}, actor=unit)
        create_template("position", {**letter()["position"], "title": "测试工程师", "name": "测试岗"}, actor=unit)
        session.remove()
    page = visitors.open("employer1")
    page.goto(_whom(app, "graduate4"))
    page.select_option("[name='template.letter']", label="整函")
    expect(page.locator("[name='hukou.address']")).to_have_value("西城区 2 号")
    expect(page.locator("[name=clauses]")).to_have_value(whole["clauses"])
    expect(page.locator("[data-region] select").nth(2)).to_have_value("110108")
    page.select_option("[name='template.position']", label="测试岗")
    expect(page.locator("[name='position.title']")).to_have_value("测试工程师")
    expect(page.locator("[name='hukou.address']")).to_have_value("西城区 2 号")  # the other choices stay
    expect(page.locator("[name='template.letter'] option:checked")).to_have_text("整函")
    expect(page.locator(LIVE)).to_contain_text("测试工程师")
    press(page, "下一步")
    expect(page.locator("h1")).to_have_text("预览签约邀请函")


def _filled_in(template: bytes, pay: dict[int, Any]) -> bytes:
    book = load_workbook(io.BytesIO(template))
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    for row, amount in pay.items():
        sheet.cell(row, heads.index("月薪") + 1, amount)
        sheet.cell(row, heads.index("岗位名称") + 1, f"岗位{row}")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_many_are_tried_first_and_a_sheet_says_pay_and_post_of_each(app: Flask, visitors: Visitors) -> None:
    page = visitors.open("employer1")
    page.goto(_whom(app, "graduate5", "graduate8", "graduate13", "graduate17"))
    expect(page.get_by_text("已选 4 人，可邀请 3 人，1 人暂不能邀请。")).to_be_visible()
    look(page)
    with page.expect_download() as loading:
        page.get_by_role("button", name="下载所选学生的表格").click()
    sheet = loading.value.path().read_bytes()
    wrong = {"name": "各人.xlsx", "mimeType": "application/octet-stream", "buffer": _filled_in(sheet, {2: "八千?"})}
    page.set_input_files("[name=sheet]", wrong)  # type: ignore[arg-type]
    press(page, "下一步")
    expect(page.get_by_text("第 2 行")).to_be_visible()
    right = {**wrong, "buffer": _filled_in(sheet, {2: 9000, 3: "1.2万"})}
    page.set_input_files("[name=sheet]", right)  # type: ignore[arg-type]
    press(page, "下一步")
    write_letter(page)
    press(page, "下一步")
    expect(page.locator("main")).to_contain_text("岗位2 · ¥9,000")
    expect(page.locator("main")).to_contain_text("岗位3 · ¥12,000")
    press(page, "发送邀请函")
    expect(page.get_by_text("已发送 3 份签约邀请函")).to_be_visible()
    for told in ("岗位2", "岗位3", "研发工程师"):
        expect(page.locator("td", has_text=told).first).to_be_visible()


def test_a_colleague_is_invited_looks_and_does_nothing(app: Flask, visitors: Visitors) -> None:
    """The owner sends a code; who comes by it sees the unit's people on the phone and finds nothing to press (B13)."""
    with app.app_context():
        signing = invite(user("employer1"), user("graduate2")).id
        session.remove()
    owner = visitors.open("employer1")
    owner.goto("/employer/colleagues")
    look(owner)
    owner.get_by_role("button", name="邀请同事").click()
    owner.fill("#invite [name=address]", "13900030001")
    owner.locator("#invite [value=viewer]").check()
    press(owner, "发送邀请")
    code = owner.locator("[data-invited-code]").inner_text()
    look(owner)
    colleague = visitors.open("employer3", size=PHONE)
    colleague.goto("/join")
    colleague.fill("#f-code", code.lower())
    press(colleague, "继续")
    look(colleague)
    press(colleague, "加入 北京砚渡禾信息技术有限公司")
    expect(colleague.get_by_text("您的权限为“仅查看”")).to_be_visible()
    colleague.goto(f"/employer/signings/{signing}")
    look(colleague)
    expect(colleague.locator("main form[method=post]")).to_have_count(0)
    colleague.goto("/employer/colleagues")
    expect(colleague.get_by_role("button", name="邀请同事")).to_have_count(0)
    look(colleague)
    owner.goto("/employer/colleagues")
    expect(owner.get_by_role("row", name="employer3")).to_contain_text("仅查看")
    _the_owner_confirms_the_unit_for_another_year(app, visitors, owner, colleague)
    _the_owner_says_which_records_are_the_units_own(app, visitors, owner, colleague)


def _the_owner_confirms_the_unit_for_another_year(app: Flask, visitors: Visitors, owner: Page, colleague: Page) -> None:
    """One press where nothing has changed; an operator renews; whoever only looks finds nothing to press (B13)."""
    with app.app_context():
        opened()
        session.remove()
    colleague.goto("/employer/renewal")
    look(colleague)
    expect(colleague.locator("main form[method=post]")).to_have_count(0)
    owner.goto("/employer/")
    look(owner)
    follow(owner, "核对单位信息")
    look(owner)
    press(owner, "没有变化")
    dialog(owner).get_by_role("button", name="发送验证码").click()
    expect(dialog(owner)).to_contain_text("验证码")
    look(owner)
    code = re.search(r"验证码 (\d{6})", dialog(owner).inner_text())
    assert code
    dialog(owner).locator("[name=code]").fill(code[1])
    dialog(owner).get_by_role("button", name="没有变化").click()
    expect(owner.locator("main")).to_contain_text("年度复核审核中")
    look(owner)
    operator = visitors.open("operator")
    operator.goto("/staff/unit-renewals/list/")
    look(operator)
    operator.get_by_role("link", name="北京砚渡禾信息技术有限公司").first.click()
    look(operator)
    press(operator, "通过年度复核")
    expect(operator.locator("main")).to_contain_text("年度复核已通过")
    owner.goto("/employer/")
    expect(owner.locator("main")).to_contain_text("认证有效至")


def _the_owner_says_which_records_are_the_units_own(
    app: Flask, visitors: Visitors, owner: Page, colleague: Page
) -> None:
    """“Not ours” with the reason; the graduate reads on the phone what to do next, and hears of the change of mind (B13)."""
    with app.app_context():
        with transaction():
            unit().uscc = UNIT["uscc"]
        case = PaperStage().supplementary("signed")
        name, number = case.graduate.name, case.id
        session.remove()
    colleague.goto("/employer/named")
    look(colleague)
    expect(colleague.get_by_text(name)).to_be_visible()
    expect(colleague.locator("main form[method=post]")).to_have_count(0)
    owner.goto("/employer/")
    owner.locator("main a[href*='/employer/named']").first.click()
    look(owner)
    press(owner, "非本单位")
    dialog(owner).locator("textarea").fill("从未录用此人")
    dialog(owner).get_by_role("button", name="不属于本单位").click()
    expect(owner.get_by_text("已告知毕业生和学校")).to_be_visible()
    look(owner)
    graduate = visitors.open("graduate1", size=PHONE)
    graduate.goto(f"/graduate/registered/{number}")
    expect(graduate.get_by_text("单位表示该记录与其无关")).to_be_visible()
    expect(graduate.get_by_text("从未录用此人")).to_be_visible()
    look(graduate)
    press(owner, "属于本单位")
    owner.goto("/employer/signings?tab=signed")
    expect(owner.locator("main")).to_contain_text(name)
    look(owner)
    graduate.reload()
    expect(graduate.get_by_text("单位表示该记录与其无关")).to_have_count(0)
