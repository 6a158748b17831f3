"""Operators at the reference data: list, search, add, change, refusals at the field; nobody else gets in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.codes import cache
from tests.fixtures.application import PASSWORD
from tests.fixtures.database import TEST, Servers
from tests.fixtures.pages import token

LISTS = ["codes", "regions", "universities"]
NEW_CODE = {"code_table": "destination", "code": "10G", "label": "新类别", "parent": "10", "position": ""}


@pytest.fixture
def enter(app: Flask) -> Callable[[str], FlaskClient]:
    """A function that logs an account of the staff in."""

    def log_in(username: str) -> FlaskClient:
        client = app.test_client()
        form = {"username": username, "password": PASSWORD}
        form["csrf_token"] = token(client.get("/login/school").text)
        assert client.post("/login/school", data=form).status_code == 302
        return client

    return log_in


@pytest.fixture
def operator(enter: Callable[[str], FlaskClient]) -> Iterator[FlaskClient]:
    """A browser with the operator's account."""
    cache.forget()
    yield enter("operator")
    cache.forget()


@pytest.fixture
def sql(servers: Servers, database: str) -> Iterator[psycopg.Connection]:
    """A plain connection beside the program."""
    with servers.postgres.connect(TEST) as connection:
        yield connection


def _post(client: FlaskClient, address: str, **values: Any) -> Any:
    return client.post(address, data={"csrf_token": token(client.get(address).text), **values})


def _id(sql: psycopg.Connection, table: str, code: str) -> int:
    row = sql.execute("SELECT id FROM code_entries WHERE code_table = %s AND code = %s", (table, code)).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize(
    ("address", "shown", "hidden"),
    [
        ("codes/list/?_flt_0_code_table=sex", "男", "汉族"),
        ("codes/list/?_flt_0_code_table=destination&_flt_0_code=10A", "公招接收函", "士官"),
        ("regions/list/?_flt_0_full_name=南京市", "江苏省 南京市 玄武区", "北京市"),
        ("regions/list/?_flt_0_level=province", "北京市", "海淀区"),
        ("universities/list/?_flt_0_name=北京大学", "北京大学", "清华大学"),
        ("universities/list/?_flt_0_province=320000&_flt_0_code=10284", "南京大学", "北京大学"),
    ],
)
def test_lists_can_be_searched(operator: FlaskClient, address: str, shown: str, hidden: str) -> None:
    answer = operator.get(f"/staff/{address}")
    assert answer.status_code == 200
    rows = answer.text.split("<tbody>")[1]
    assert shown in rows
    assert hidden not in rows


def test_a_new_code_can_be_chosen_at_once(operator: FlaskClient, sql: psycopg.Connection) -> None:
    answer = _post(operator, "/staff/codes/add", **NEW_CODE)
    assert (answer.status_code, answer.location) == (302, "/staff/codes/list/")
    line = sql.execute("SELECT id, label, edited_by, source FROM code_entries WHERE code = '10G'").fetchone()
    assert line is not None
    assert line[1:] == ("新类别", "operator", None)
    assert "10G" in operator.get(f"/staff/codes/show/{line[0]}").text
    assert "operator" in operator.get("/staff/codes/list/?_flt_0_code=10G").text


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"code": "10A"}, "该代码在这段时间内已存在"),
        ({"label": ""}, "label"),
        ({"label": "长" * 129}, "128"),
        ({"parent": "nowhere"}, "上级代码不存在"),
        ({"valid_from": "2027-01-02", "valid_to": "2027-01-01"}, "失效日期早于生效日期"),
        ({"valid_from": "tomorrow"}, "valid_from"),
        ({"code_table": "nothing"}, "code_table"),
        ({"position": "-1"}, "position"),
    ],
)
def test_a_wrong_code_is_refused_at_its_field(
    operator: FlaskClient, sql: psycopg.Connection, values: dict[str, str], message: str
) -> None:
    before = sql.execute("SELECT count(*) FROM code_entries").fetchone()
    answer = _post(operator, "/staff/codes/add", **{**NEW_CODE, "code": "10H", **values})
    assert answer.status_code == 200
    assert message in answer.text
    assert "field__error" in answer.text
    assert sql.execute("SELECT count(*) FROM code_entries").fetchone() == before


def test_a_code_is_ended_but_never_changed_or_deleted(operator: FlaskClient, sql: psycopg.Connection) -> None:
    key = _id(sql, "destination", "10B")
    form = {"label": "军士", "parent": "10", "position": "120", "valid_to": "2026-12-31", "code": "ZZ"}
    assert _post(operator, f"/staff/codes/edit/{key}", **form).status_code == 302
    line = sql.execute("SELECT code, label, valid_to::text FROM code_entries WHERE id = %s", (key,)).fetchone()
    assert line == ("10B", "军士", "2026-12-31")
    page = operator.get("/staff/codes/list/").text
    answer = operator.post(f"/staff/codes/delete/{key}", data={"csrf_token": token(page)})
    assert answer.status_code == 404


def test_a_refused_change_leaves_the_row_as_it_was(operator: FlaskClient, sql: psycopg.Connection) -> None:
    key = _id(sql, "destination", "10C")
    answer = _post(operator, f"/staff/codes/edit/{key}", label="别的", parent="10C", position="1")
    assert answer.status_code == 200
    assert "上级代码不存在" in answer.text
    assert "别的" in answer.text
    line = sql.execute("SELECT label, edited_at FROM code_entries WHERE id = %s", (key,)).fetchone()
    assert line == ("医学规培", None)


def test_a_renamed_city_renames_its_counties(operator: FlaskClient, sql: psycopg.Connection) -> None:
    assert _post(operator, "/staff/regions/edit/320200", name="锡市").status_code == 302
    row = sql.execute("SELECT full_name FROM regions WHERE code = '320205'").fetchone()
    assert row == ("江苏省 锡市 锡山区",)


def test_a_new_region_and_a_new_university(operator: FlaskClient, sql: psycopg.Connection) -> None:
    assert _post(operator, "/staff/regions/add", code="653228", name="和新县").status_code == 302
    assert sql.execute("SELECT full_name FROM regions WHERE code = '653228'").fetchone() == (
        "新疆维吾尔自治区 和田地区 和新县",
    )
    again = _post(operator, "/staff/regions/add", code="653228", name="和新县")
    assert "该代码已存在" in again.text
    form = {"identifier": "4132099999", "name": "新职业大学", "province": "320000", "level": "本科"}
    assert _post(operator, "/staff/universities/add", **form).status_code == 302
    assert "江苏省" in operator.get("/staff/universities/show/99999").text


def test_a_row_that_is_not_there_is_not_found(operator: FlaskClient) -> None:
    for name in LISTS:
        for key in ("0", "-1", "x", "99999999999999999999", "%E4%B8%80"):
            assert operator.get(f"/staff/{name}/show/{key}").status_code == 404
            assert operator.get(f"/staff/{name}/edit/{key}").status_code == 404


def test_every_list_can_be_downloaded(operator: FlaskClient) -> None:
    for name in LISTS:
        with operator.get(f"/staff/{name}/export") as answer:
            if answer.status_code == 303:  # more than 5,000 rows are made by a worker
                assert answer.headers["Location"].startswith("/downloads/")
                continue
            assert answer.status_code == 200
            assert answer.data.startswith(b"PK")


@pytest.mark.parametrize("username", ["province11", "school10001", "dept10001a"])
def test_nobody_else_gets_in(enter: Callable[[str], FlaskClient], username: str) -> None:
    client = enter(username)
    for name in LISTS:
        for page in ("list/", "add", "export"):
            assert client.get(f"/staff/{name}/{page}").status_code in (302, 403), (name, page)


def test_a_list_costs_few_statements(operator: FlaskClient, app: Flask) -> None:
    from sqlalchemy import event

    from app.base.database import db

    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    for name in LISTS:
        operator.get(f"/staff/{name}/list/")
        seen.clear()
        event.listen(engine, "before_cursor_execute", note)
        try:
            assert operator.get(f"/staff/{name}/list/").status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", note)
        assert len(seen) <= 4 + 6, seen  # four of them are the authentication
