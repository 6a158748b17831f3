"""A masked number is shown at a desk for a reason, and the person reads on the phone who saw it, and why."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.journeys.people import Open, look
from tests.roster.test_reveal import OWN


def test_the_desk_gives_a_reason_and_the_phone_reads_it(desk: Open, phone: Open) -> None:
    school = desk("school10001")
    school.goto("/staff/graduates/list/")
    school.get_by_role("link", name=OWN.name).first.click()
    place = school.locator("#personal")
    assert OWN.id_number not in school.content()
    place.get_by_role("button", name="显示…").click()
    sheet = school.locator("#personal-sheet[open]")
    look(school)
    sheet.get_by_label("为什么需要查看完整号码").select_option("other")
    sheet.get_by_role("button", name="显示", exact=True).click()
    expect(sheet).to_contain_text("请说明为什么需要查看完整信息")
    assert OWN.id_number not in school.content()
    sheet.get_by_label("为什么需要查看完整号码").select_option("contact")
    sheet.get_by_label("具体说明").fill("约本人面谈")
    sheet.get_by_role("button", name="显示", exact=True).click()
    expect(place).to_contain_text(OWN.id_number)
    look(school)
    mine = phone("graduate1")
    mine.goto("/graduate/me")
    mine.get_by_role("link", name="看看谁看过").click()
    told = mine.get_by_text("联系本人").first
    expect(told).to_be_visible()
    expect(mine.get_by_text("北京大学").first).to_be_visible()
    look(mine)
