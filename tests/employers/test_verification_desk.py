"""The operators' desk of verifications: register, registered name, papers beside the data, what was applied for before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect

from app.company_register.client import read_entry
from app.company_register.queries import FOUND, UnitState
from tests.employers.stage_verification import bring
from tests.fixtures.company_register import register_url as register_url
from tests.journeys.people import look
from tests.notices.browser import logged_in

UNIT, NAME = "91110108MX5PER7K08", "北京砚渡禾信息技术有限公司"


def test_the_register_may_tell_a_name() -> None:
    assert read_entry({"state": "存续", "since": None}).name == ""
    assert read_entry({"state": "存续", "since": None, "name": NAME}).name == NAME
    for odd in (5, "长" * 200, "a\x00b"):
        with pytest.raises(ValueError, match="no name"):
            read_entry({"state": "存续", "since": None, "name": odd})


@pytest.mark.parametrize(
    ("typed", "same"), [(NAME, True), ("北京砚渡禾信息技术有限公司 ", True), ("", True), ("点我有限公司", False)]
)
def test_names_are_compared_as_they_are_kept(typed: str, same: bool) -> None:
    assert UnitState(FOUND, "存续", None, NAME).is_called(typed) == same
    assert UnitState(FOUND, "存续").is_called(typed)


@pytest.fixture
def in_review(app: Flask) -> int:
    """A verification with licence and letter that waits for operators."""
    with app.app_context():
        return int(bring("in_review").id)


def test_a_strange_name_is_pointed_out(app: Flask, change_settings: Callable[..., None], register_url: str) -> None:
    change_settings(register_url=register_url)
    client = logged_in(app, "operator")
    piece = client.get(f"/staff/register/{UNIT}?name={NAME}").text
    assert f"登记名称：{NAME}" in piece
    piece = client.get(f"/staff/register/{UNIT}?name=点我有限公司").text
    assert "登记名称与填写的名称不一致" in piece
    assert NAME in piece


def test_data_and_papers_stand_side_by_side(desk: Any, phone: Any, in_review: int) -> None:
    page = desk("operator")
    page.goto(f"/staff/verifications/show/{in_review}")
    look(page)
    data, papers = (page.locator(one).bounding_box() for one in (".verify > .stack", ".verify__papers"))
    assert data is not None
    assert papers is not None
    assert papers["x"] >= data["x"] + data["width"]
    assert abs(papers["y"] - data["y"]) < 5
    assert papers["height"] <= 800
    expect(page.locator("aside.split__aside")).to_contain_text("国家企业信用信息公示系统")
    small = phone("operator")
    small.goto(f"/staff/verifications/show/{in_review}")
    look(small)
