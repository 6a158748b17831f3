"""Provinces, schools and departments on the operators' screens; nobody closes anything there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.access.actors import SYSTEM
from app.access.audit import AuditLine
from app.base.database import session
from app.base.errors import Forbidden, Invalid, NotFound
from app.schools.models import Province, School
from app.schools.services import add_province, add_school, rename_school
from tests.fixtures.pages import token
from tests.schools.people import school
from tests.signing.stage import user

Browse = Callable[[str], FlaskClient]
LISTS = ("provinces", "schools", "departments")


@pytest.mark.parametrize("name", LISTS)
def test_operators_look_at_the_lists(browse: Browse, name: str) -> None:
    client = browse("operator")
    page = client.get(f"/staff/{name}/list/")
    assert page.status_code == 200
    for text in {
        "provinces": ("广东省", "两方协议", "毕业去向登记与网签"),
        "schools": ("中山大学", "10558", "广东省"),
        "departments": ("信息科学技术学院", "北京大学", "10001"),
    }[name]:
        assert text in page.text
    assert client.get(f"/staff/{name}/export").status_code == 200
    assert client.get(f"/staff/{name}/show/1").status_code == 200


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("account", ["province11", "school10001", "dept10001a"])
def test_others_do_not(browse: Browse, account: str, name: str) -> None:
    client = browse(account)
    assert client.get(f"/staff/{name}/list/").status_code != 200
    assert f"/staff/{name}/" not in client.get("/staff/accounts/list/").text


def test_nothing_is_deleted_and_no_opening_is_on_a_form(app: Flask, browse: Browse) -> None:
    client = browse("operator")
    csrf = token(client.get("/no/page").text)
    for name in LISTS:
        for path in (f"/staff/{name}/delete/1", f"/staff/{name}/action/delete/1", f"/staff/{name}/edit/1"):
            if path == "/staff/schools/edit/1":
                continue
            sent = {"csrf_token": csrf, "agreement_type": "three_party", "name": "x"}
            assert client.post(path, data=sent).status_code in (404, 405), path
    for path in ("/staff/provinces/add", "/staff/schools/add", "/staff/schools/edit/1"):
        form = client.get(path).text.split("<form")[-1]
        for column in ("agreement_type", "province_id", "modules", "opened"):
            assert f'name="{column}"' not in form, path
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    assert not any(
        "module" in rule and rule.startswith("/staff") and not rule.startswith("/staff/modules")
        for rule in rules
        if "settings" not in rule
    )


@pytest.mark.usefixtures("fresh_database")
def test_operator_adds_a_province_and_a_school_and_renames_it(app: Flask, browse: Browse) -> None:
    client = browse("operator")
    csrf = token(client.get("/staff/provinces/add").text)
    assert client.post("/staff/provinces/add", data={"csrf_token": csrf, "code": "37"}).status_code == 302
    body = {"csrf_token": csrf, "code": "10422", "name": "山东大学", "province_code": "37"}
    assert client.post("/staff/schools/add", data=body).status_code == 302
    with app.app_context():
        made = school("10422")
        assert (made.name, made.province.name, made.province.agreement_type) == ("山东大学", "山东省", None)
        key = made.id
    again = client.post("/staff/schools/add", data=body)
    assert again.status_code == 200
    assert "已在平台中" in again.text
    wrong = client.post("/staff/schools/add", data={**body, "code": "1042x", "name": "北京大学"})
    assert "5 位数字" in wrong.text
    assert "同名" in wrong.text
    renamed = client.post(f"/staff/schools/edit/{key}", data={"csrf_token": csrf, "name": "山东新大学"})
    assert renamed.status_code == 302
    with app.app_context():
        assert school("10422").name == "山东新大学"
        subjects = session.scalars(select(AuditLine.subject).order_by(AuditLine.id.desc()).limit(3)).all()
        assert subjects == ["schools 10422", "schools 10422 山东大学", "provinces 37 山东省"]


@pytest.mark.parametrize("account", ["province11", "school10001", "dept10001a", "employer1", "graduate1"])
@pytest.mark.usefixtures("undone")
def test_only_operators_add_and_rename(account: str) -> None:
    actor = user(account)
    province = session.scalars(select(Province).where(Province.code == "11")).one()
    with pytest.raises(Forbidden):
        add_province("37", "山东省", actor=actor)
    with pytest.raises(Forbidden):
        add_school("10422", "山东大学", province, actor=actor)
    with pytest.raises(Forbidden):
        rename_school(school().id, "别名", actor=actor)


@pytest.mark.parametrize(
    ("code", "name", "field"),
    [
        ("1042", "甲大学", "code"),
        ("abcde", "甲大学", "code"),
        ("１０４２２", "甲大学", "code"),
        ("10422", " ", "name"),
        ("10422", "长" * 65, "name"),
        ("10422", "北京大学", "name"),
    ],
)
@pytest.mark.usefixtures("undone")
def test_wrong_school_is_told_at_its_field(code: str, name: str, field: str) -> None:
    province = session.scalars(select(Province).where(Province.code == "11")).one()
    with pytest.raises(Invalid) as refused:
        add_school(code, name, province, actor=SYSTEM)
    assert set(refused.value.errors) == {field}


@pytest.mark.usefixtures("undone")
def test_odd_places_are_refused() -> None:
    with pytest.raises(Invalid):
        add_province("99", "无此省", actor=SYSTEM)
    with pytest.raises(NotFound):
        rename_school(987654, "甲大学", actor=user("operator"))
    with pytest.raises(Invalid):
        rename_school(school().id, "北京大学", actor=user("operator"))
    assert rename_school(school().id, "中山大学", actor=user("operator")).name == "中山大学"


@pytest.mark.usefixtures("undone")
def test_place_that_is_there_is_given_back() -> None:
    province = session.scalars(select(Province).where(Province.code == "44")).one()
    assert add_province("44", "别名", actor=SYSTEM) is province
    assert add_school("10558", "别名", province, actor=SYSTEM).name == "中山大学"
    assert session.scalars(select(School).where(School.name == "别名")).all() == []
