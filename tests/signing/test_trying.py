"""Before many are invited: who can be and who not, by the rules of sending; pay and post of each; a template for all of it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select

from app.base.database import session
from app.base.errors import Forbidden, Invalid
from app.roster.models import Graduate
from app.signing.online.models import OnlineSigning
from app.signing.online.pages.letter_fields import each_of
from app.signing.online.services.invitations import invite_graduates, try_invitations
from app.signing.online.services.letter_templates import create_template, is_kept
from app.signing.online.sheets import read_terms, terms_template
from app.workflow.models import History, OutboxMessage
from tests.signing.stage import invite, keep, letter, user

pytestmark = pytest.mark.usefixtures("undone")


def _ids(*graduates: str) -> list[int]:
    for one in graduates:
        keep(user("employer1"), user(one))
    return [int(user(one).graduate_id or 0) for one in graduates]


def _counts() -> list[int]:
    return [
        session.scalar(select(func.count()).select_from(one)) or 0 for one in (OnlineSigning, History, OutboxMessage)
    ]


def test_a_dry_run_says_what_sending_would_say_and_changes_nothing() -> None:
    unit = user("employer1")
    ids = [*_ids("graduate1", "graduate2", "graduate17"), 10**9]
    invite(unit, user("graduate2"))
    before = _counts()
    tried = try_invitations(ids, actor=unit)
    assert _counts() == before
    assert [one.id for one in tried.possible] == ids[:1]
    outcome = invite_graduates(ids, letter(), actor=unit)
    assert [vars(one) for one in outcome.refused] == [vars(one) for one in tried.refused]
    assert [case.graduate_id for case in outcome.created] == ids[:1]
    with pytest.raises(Forbidden):
        try_invitations(ids, actor=user("graduate1"))


def test_each_has_their_own_post_and_pay() -> None:
    ids = _ids("graduate1", "graduate2")
    each = [{"graduate_id": ids[1], "title": "组长", "salary_month": "1.5万", "department": ""}]
    first, second = invite_graduates(ids, letter(), actor=user("employer1"), each=each).created
    assert (first.data["position"]["title"], first.data["position"]["salary_month"]) == ("软件工程师", "12000.00")
    assert (second.data["position"]["title"], second.data["position"]["salary_month"]) == ("组长", "15000.00")
    assert second.data["position"]["address"] == first.data["position"]["address"]


@pytest.mark.parametrize("each", ["x", [1], [{}], [{"graduate_id": "1"}], [{"graduate_id": 1, "salary_month": "很多"}]])
def test_what_cannot_be_read_of_each_is_told_and_nobody_is_invited(each: Any) -> None:
    ids, before = _ids("graduate1"), _counts()
    with pytest.raises(Invalid) as refused:
        invite_graduates(ids, letter(), actor=user("employer1"), each=each)
    assert list(refused.value.errors) == ["each"]
    assert _counts() == before


def _people() -> list[Graduate]:
    query = select(Graduate).where(Graduate.id.in_(_ids("graduate1", "graduate7"))).order_by(Graduate.id)
    return list(session.scalars(query.options(*Graduate.eager_options())))


def _sheet(people: list[Graduate], rows: dict[int, dict[str, Any]]) -> bytes:
    book = load_workbook(io.BytesIO(terms_template(people)))
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    for row, cells in rows.items():
        for heading, value in cells.items():
            sheet.cell(row, heads.index(heading) + 1, value)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_the_sheet_comes_with_the_chosen_and_is_read_as_people_fill_it_in() -> None:
    people = _people()
    bare = load_workbook(io.BytesIO(terms_template(people))).worksheets[0]
    assert people[0].id_number not in {cell.value for row in bare for cell in row}
    rows: dict[int, dict[str, Any]] = {
        2: {"月薪": 9000, "岗位名称": "会计"},
        3: {"身份证号": people[1].id_number, "报到日期": "2027.7.1"},
    }
    found = read_terms(_sheet(people, rows), people)
    assert found == [
        {"graduate_id": people[0].id, "title": "会计", "salary_month": "9000.00"},
        {"graduate_id": people[1].id, "report_by": "2027-07-01"},
    ]


def test_what_is_wrong_in_the_sheet_is_told_by_its_place() -> None:
    people = _people()
    with pytest.raises(Invalid) as refused:
        read_terms(_sheet(people, {2: {"月薪": "很多"}, 3: {"学生姓名": "别人"}}), people)
    first, second = (str(one) for one in refused.value.errors["file"])
    assert "第 2 行" in first
    assert "月薪" in first
    assert "第 3 行" in second
    with pytest.raises(Invalid) as refused:
        read_terms(_sheet(people, {2: {"岗位名称": "长" * 200}}), people)
    assert "个字" in str(refused.value.errors["file"][0]), "each statement is whole"


def test_one_template_holds_the_whole_letter(app_context: Flask) -> None:
    whole = {name: part for name, part in letter().items() if name != "valid_until"}
    unit = user("employer1")
    template = create_template("letter", {**whole, "name": "整函"}, actor=unit)
    assert template.data["position"]["report_by"] == whole["position"]["report_by"]
    assert template.data["clauses"] == whole["clauses"]
    later = {**whole, "position": {**whole["position"], "report_by": "2027-08-01"}}
    assert is_kept("letter", later, actor=unit)
    assert not is_kept("letter", {**whole, "clauses": "其他"}, actor=unit)
    with pytest.raises(Invalid) as refused:
        create_template("letter", {**whole, "position": {}, "name": "空"}, actor=unit)
    assert "position.title" in refused.value.errors


@pytest.mark.parametrize("each", ["", "x", "1", "{}", "[1]", "[" * 100_000, '{"a":' * 100_000])
def test_what_a_form_carries_along_and_nobody_can_read_is_nothing(each: str) -> None:
    assert each_of({"each": each}) == []
