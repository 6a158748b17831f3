"""The main job in the browser, with real workers: invited at a desk, accepted on a phone, witnessed, in force, reported."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import psycopg
import pypdf
from playwright.sync_api import Page, expect

from tests.journeys import people
from tests.journeys.people import Open, dialog, eventually, look, open_case_of, press, prove
from trial.demo.country import GRADUATES

PERSON = GRADUATES[2]  # of 北京大学, which reviews in two steps; nobody has kept her yet
UNIT = "北京砚渡禾信息技术有限公司"
NUMBER = re.compile(r"\d{18}")


def test_from_the_invitation_to_the_agreement(desk: Open, phone: Open, sql: psycopg.Connection, tmp_path: Path) -> None:
    """两方协议, department first: every page on the way, at 1280 px for unit and staff, at 390 px for the graduate."""
    sql.execute("UPDATE graduates SET confirmed_at = NULL WHERE name = %s", (PERSON.name,))
    unit = desk("employer1")
    _unit_finds_and_invites(unit)
    graduate = phone("graduate3")
    _graduate_confirms_and_accepts(graduate)
    _department_and_school_witness(desk("dept10001a"), desk("school10001"))
    number = _graduate_downloads(graduate, tmp_path)
    _unit_sees_the_end(unit, number)
    review = desk("school10001")
    open_case_of(review, PERSON.name)
    eventually(review, lambda: review.get_by_text("签就业协议形式就业").count() > 0)
    look(review)


def _unit_finds_and_invites(page: Page) -> None:
    page.goto("/employer/")
    expect(page.locator("h1")).to_have_text(UNIT)
    look(page)
    people.find_graduate(page, PERSON.name, PERSON.id_number[:-1] + "0", "北京大学")
    expect(dialog(page)).to_contain_text("未找到匹配的毕业生")
    look(page)
    people.search(page, PERSON.name, PERSON.id_number, "北京大学")
    expect(page.get_by_text(f"已将{PERSON.name}加入")).to_be_visible()
    look(page)
    page.locator("tr", has_text=PERSON.name).get_by_role("link", name="发起签约邀请").click()
    expect(page.locator("h1")).to_have_text("发起签约邀请")
    people.write_letter(page, salary_month="0", phone="123")
    expect(page.locator("#live-letter")).to_contain_text("研发工程师")
    look(page)
    press(page, "下一步")
    wrong = page.locator("[data-errors]")
    expect(wrong).to_contain_text("月薪")
    expect(wrong).to_contain_text("联系电话")
    expect(page.locator("[name='position.salary_month']")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name='position.title']")).to_have_value("研发工程师")
    expect(page.locator("[name=clauses]")).to_have_value(re.compile("第二条"))
    look(page)
    page.fill("[name='position.salary_month']", "12000")
    page.fill("[name='position.phone']", "010-62510000")
    press(page, "下一步")
    expect(page.locator("h1")).to_have_text("预览签约邀请函")
    expect(page.locator("main")).to_contain_text("¥12,000")
    look(page)
    second = _second_window(page)
    press(page, "发送邀请函")
    expect(page.get_by_text("已发送 1 份签约邀请函")).to_be_visible()
    expect(page.locator("tr", has_text=PERSON.name)).to_contain_text("等待学生应约")
    look(page)
    _nothing_is_sent_twice(second)


def _second_window(page: Page) -> Page:
    """The same preview once more, as a second window or the back button would show it."""
    second = page.context.new_page()
    second.goto(
        page.url.replace("/preview", "/new?graduate=") + str(page.locator("[name=graduate]").first.input_value())
    )
    people.write_letter(second)
    press(second, "下一步")
    expect(second.locator("h1")).to_have_text("预览签约邀请函")
    return second


def _nothing_is_sent_twice(page: Page) -> None:
    """Refused in words, and there is one invitation."""
    press(page, "发送邀请函")
    expect(page.locator("main")).to_contain_text("有效的邀请")
    look(page)
    page.goto("/employer/signings?tab=signing")
    expect(page.locator("tbody tr", has_text=PERSON.name)).to_have_count(1)
    page.close()


def _graduate_confirms_and_accepts(page: Page) -> None:
    page.goto("/graduate/signing")
    expect(page.locator("h1")).to_have_text("核对基本信息")
    expect(page.locator("main")).to_contain_text("130871********0166")
    look(page)
    press(page, "信息有误")
    expect(page.get_by_text("等待学校更正")).to_be_visible()
    press(page, "信息确认无误")
    expect(page.locator("#proof[open]")).to_contain_text("您确认以上信息是您本人的")
    look(page)
    prove(page)
    expect(page.get_by_text(f"{UNIT}邀请您签约")).to_be_visible()
    look(page)
    people.follow(page, "查看并回应")
    expect(page.locator("h1")).to_have_text(UNIT)
    expect(page.locator("main")).to_contain_text("¥12,000")
    expect(page.locator("main")).to_contain_text("第二条 试用期满后调薪。")
    look(page)
    press(page, "接受")
    for words in ("研发工程师", "第二条 试用期满后调薪。", "只有解约才能解除"):
        expect(dialog(page)).to_contain_text(words)
    look(page)
    dialog(page).locator("[name=code]").fill("000000")
    dialog(page).get_by_role("button", name="确认").dblclick()
    expect(dialog(page).get_by_role("alert")).to_contain_text("还可尝试")
    look(page)
    prove(page)
    expect(page.get_by_text("您已接受邀请")).to_be_visible()
    expect(page.get_by_text("该记录已被更改")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("等待学院审核")
    look(page)
    page.goto("/graduate/")
    expect(page.locator("main")).to_contain_text("等待学院审核")
    look(page)


def _department_and_school_witness(department: Page, school: Page) -> None:
    department.goto("/")
    look(department)
    open_case_of(department, PERSON.name)
    for words in ("两方协议", "研发工程师", UNIT, "本平台", "就业管理系统", "尚未报送", "叶知章"):
        expect(department.locator("main")).to_contain_text(words)
    expect(department.get_by_role("button", name="鉴证不通过")).to_be_visible()
    look(department)
    press(department, "鉴证通过")
    expect(department.get_by_text("学院鉴证通过")).to_be_visible()
    open_case_of(school, PERSON.name)
    school.locator('[name="approve.note"]').fill("材料齐全")
    press(school, "鉴证通过")
    expect(school.get_by_text("学校鉴证通过")).to_be_visible()
    expect(school.get_by_text("材料齐全")).to_be_visible()
    look(school)


def _graduate_downloads(page: Page, folder: Path) -> str:
    items = people.messages(page)
    eventually(page, lambda: items.count() >= 3)
    assert "鉴证" in " ".join(items.all_inner_texts())
    look(page)
    page.goto("/graduate/")
    expect(page.locator("main")).to_contain_text(f"已与{UNIT}签约")
    look(page)
    people.follow(page, "查看就业协议书")
    found = NUMBER.search(page.locator("main").inner_text())
    assert found
    look(page)
    text = _pdf(page, "查看并下载", folder)
    for words in (found[0], PERSON.name, UNIT, "研发工程师", "第二条", "鉴证", "叶知章"):
        assert words in text, words
    return found[0]


def _pdf(page: Page, name: str, folder: Path) -> str:
    """The text of the agreement behind the link of that name, once the worker has made it."""
    address = page.locator("main").get_by_role("link", name=name).first.get_attribute("href")
    answer = page.request.get(f"{address}")
    for _ in range(60):
        if answer.status == 200:
            break
        page.wait_for_timeout(300)
        answer = page.request.get(f"{address}")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/pdf"
    file = folder / "agreement.pdf"
    file.write_bytes(answer.body())
    return re.sub(r"\s", "", "".join(one.extract_text() for one in pypdf.PdfReader(file).pages)).replace(" ", "")


def _unit_sees_the_end(page: Page, number: str) -> None:
    page.goto("/employer/signings?tab=signed")
    row = page.locator("tbody tr", has_text=PERSON.name)
    expect(row).to_contain_text(number)
    expect(row).to_contain_text("签约审核通过")
    look(page)
    row.get_by_role("link", name=PERSON.name).click()
    expect(page.locator("main")).to_contain_text("学校鉴证通过")
    expect(page.get_by_role("link", name="下载就业协议书")).to_be_visible()
    look(page)
    items = people.messages(page)
    eventually(page, lambda: items.count() >= 3)
    assert number in " ".join(items.all_inner_texts())
    look(page)


def test_three_parties_are_reviewed(desk: Open, phone: Open, staged: Callable[..., int], tmp_path: Path) -> None:
    """三方协议, 南京大学 alone: the verb is 审核 on every page and on the agreement."""
    case_id = staged("graduate13", "accepted")
    school = desk("school10284")
    open_case_of(school, GRADUATES[12].name)
    expect(school.locator("main")).to_contain_text("三方协议")
    assert "鉴证" not in school.locator("main").inner_text()
    press(school, "审核通过")
    expect(school.get_by_text("学校审核通过")).to_be_visible()
    graduate = phone("graduate13")
    graduate.goto(f"/graduate/signing/{case_id}")
    text = _pdf(graduate, "查看并下载", tmp_path)
    assert GRADUATES[12].name in text
    assert "鉴证" not in text
    items = people.messages(graduate)
    eventually(graduate, lambda: items.count() >= 2)
    assert "鉴证" not in " ".join(items.all_inner_texts())
    look(graduate)
