"""The reviewer's desk in the browser: thirty records with thirty keys, a hasty press, a verdict taken back, two at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import delete, text

from app.base.database import session, transaction
from app.cases.admin.desk import put_down, take_up
from app.roster.models import Claim
from tests.guards.brought import hand_on, sibling_of
from tests.journeys.people import agree, dialog, look
from tests.signing.stage import fire, invite, user

Waiting = Callable[[int], list[int]]
LIST = "/staff/online-signings/list/?_flt_0_state=school_review"
MANY = 30  # more than a page of the list holds


@pytest.fixture(scope="module", autouse=True)
def _ten_seconds(environment: dict[str, str]) -> Iterator[None]:
    environment["UNDO_SECONDS"] = "10"
    yield
    environment["UNDO_SECONDS"] = "0"


@pytest.fixture
def waiting(app: Flask) -> Waiting:
    """A function: so many signings that wait for school 10002, the oldest first."""

    def set_up(count: int) -> list[int]:
        ids = []
        with app.app_context():
            graduate = user("graduate7")
            for _ in range(count):
                case = invite(user("employer1"), graduate)
                fire(case, "accept", graduate)
                with transaction():
                    session.refresh(case)
                    session.execute(delete(Claim).where(Claim.graduate_id == graduate.graduate_id))
                    hand_on(graduate.graduate_id or 0, sibling_of(graduate.graduate_id or 0))
                    ids.append(int(case.id))
                session.expire_all()
            session.execute(_claims_follow())
            session.commit()
            session.remove()
        return ids

    return set_up


def _claims_follow() -> Any:
    return text(
        "INSERT INTO claims (graduate_id, workflow, case_id, kind) SELECT graduate_id, 'online_signing', id, 'review' "
        "FROM online_signings WHERE stage = 'review' ON CONFLICT DO NOTHING"
    )


def _states(sql: Any, ids: list[int]) -> list[str]:
    rows = sql.execute("SELECT state FROM online_signings WHERE id = ANY(%s) ORDER BY id", (ids,)).fetchall()
    return [row[0] for row in rows]


def _open_first(page: Page) -> None:
    page.goto(LIST)
    page.locator("a.table__open").first.click()
    expect(page.locator("#desk h1")).to_be_visible()
    page.wait_for_load_state()  # until then it may still move, and no key is heard


def _place(page: Page, words: str) -> None:
    expect(page.locator(".deskbar__place")).to_have_text(words)


def test_thirty_records_take_thirty_keys_and_no_page(desk: Any, waiting: Waiting, sql: Any) -> None:
    ids = waiting(MANY)
    page = desk("school10002")
    _open_first(page)
    look(page)
    assert f"/show/{ids[0]}" in page.url  # what waits longest comes first
    page.evaluate("() => { window.same = 1 }")
    for left in range(MANY, 0, -1):
        _place(page, f"1 / {left}")
        assert "_flt_0_state=school_review" in page.url
        page.keyboard.press("a")
    expect(page.locator("#approve-form")).to_have_count(0)  # nothing is left to decide
    assert page.evaluate("() => window.same") == 1
    assert _states(sql, ids) == ["signed"] * MANY


def test_skip_return_and_take_back(desk: Any, waiting: Waiting, sql: Any) -> None:
    ids = waiting(3)
    page = desk("school10002")
    _open_first(page)
    _place(page, "1 / 3")
    page.keyboard.press("j")
    _place(page, "2 / 3")
    page.keyboard.press("k")
    _place(page, "1 / 3")
    page.keyboard.press("n")
    _place(page, "2 / 3")
    page.keyboard.press("r")  # nothing is returned here, so it is rejected
    dialog(page).locator("select").first.select_option("9")
    dialog(page).locator("textarea").first.fill("信息有误")
    agree(page)
    _place(page, "2 / 2")
    assert _states(sql, ids) == ["school_review", "rejected", "school_review"]
    page.keyboard.press("u")
    expect(page.locator("#flashes")).to_contain_text("已撤销")
    assert f"/show/{ids[1]}" in page.url
    assert _states(sql, ids) == ["school_review"] * 3
    page.keyboard.press("Shift+?")
    expect(dialog(page)).to_contain_text("快捷键")
    page.locator("[data-desk-keys-off]").check()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.wait_for_timeout(500)
    assert _states(sql, ids) == ["school_review"] * 3


def test_second_press_decides_no_stranger(desk: Any, waiting: Waiting, sql: Any) -> None:
    ids = waiting(3)
    before = _states(sql, ids)
    page = desk("school10002")
    _open_first(page)
    button = page.locator("#approve-form .button--primary")
    place = button.bounding_box()
    assert place is not None
    at = (place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    count = page.locator(".deskbar__place").text_content()
    button.click()
    expect(page.locator(".deskbar__place")).not_to_have_text(count or "")
    page.mouse.click(*at)
    page.wait_for_timeout(1500)
    assert before.count("school_review") - _states(sql, ids).count("school_review") <= 1
    assert sql.execute(
        "SELECT count(*) FROM history WHERE event = 'approve' AND at > now() - interval '5 s'"
    ).fetchone() == (1,)


def test_others_see_who_has_it_open(app: Flask, desk: Any, phone: Any, waiting: Waiting) -> None:
    (case_id,) = waiting(1)
    with app.app_context():
        colleague = replace(user("school10002"), user_id=10**6, name="王老师")
        assert take_up("online_signing", case_id, colleague) == ""
        for page in (desk("school10002"), phone("school10002")):
            page.goto(f"/staff/online-signings/show/{case_id}")
            expect(page.locator("#desk")).to_contain_text("正在由 王老师 审核")
            look(page)
        put_down("online_signing", case_id, colleague)
        assert take_up("online_signing", case_id, user("school10002")) == ""
        assert take_up("online_signing", case_id, colleague) == user("school10002").name


def test_verdict_is_within_reach_of_the_thumb(phone: Any, waiting: Waiting) -> None:
    (case_id,) = waiting(1)
    page = phone("school10002")
    page.goto(f"/staff/online-signings/show/{case_id}")
    place = page.locator(".desk__thumb .button--primary").bounding_box()
    assert place is not None
    assert 500 < place["y"] < 844
