"""Every door reads a typed value in the one way: every spelling finds the same person, school and unit (rows on typing)."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import fields

from app.base.forms import FormSchema
from app.codes import forms
from app.codes.pages import READERS
from app.destination.catalogue import all_types
from app.destination.types.kinds import kind_of
from app.workflow import queues
from tests.fixtures.application import PASSWORD
from tests.fixtures.pages import token
from trial.demo.country import GRADUATES

Api = Callable[..., Any]
PERSON = next(one for one in GRADUATES if "·" in one.name)
SCHOOL = "南京大学"
ODD = "91350203M0001QKT19"
IMPOSSIBLE = {"000000000000000000": "没有单位使用这样的统一社会信用代码", "370572200401010138": "身份证号"}
WIDE = {place: place + 0xFEE0 for place in range(0x21, 0x7F)}
UNSEEN = ("\u200b", "\ufeff", "\u200e", "\u00ad")
DOTS = "·•・‧∙⋅･●◦.．。"


def spellings(value: str, seed: int) -> str:
    """The value as somebody may paste it."""
    chance = random.Random(seed)
    signs = []
    for sign in value:
        shown = chance.choice(DOTS) if sign == "·" else chance.choice((sign, sign.translate(WIDE), sign.lower()))
        signs.append(shown + chance.choice((*UNSEEN, " ", "\u3000", "", "", "", "")))
    return chance.choice(("", " ", "\u3000")) + "".join(signs)


@pytest.fixture
def fresh_limits(app_context: Flask) -> None:
    """No test waits for the limits of another."""
    queues.redis().flushdb()


@pytest.mark.parametrize("seed", range(12))
def test_every_spelling_finds_the_person(api: Api, fresh_limits: None, seed: int) -> None:
    wanted = {
        "name": spellings(PERSON.name, seed),
        "id_number": spellings(PERSON.id_number, seed + 100),
        "school": spellings(SCHOOL, seed + 200),
    }
    found = api("employer2").post("/favorites/", wanted)
    assert found.status_code in (200, 201), (wanted, found.text)
    assert found.get_json()["result"]["name"] == PERSON.name


@pytest.mark.parametrize("seed", range(8))
def test_every_spelling_opens_the_activation(client: FlaskClient, fresh_limits: None, seed: int) -> None:
    """The demonstration's graduates are active already: who is found is told so, who is not gets another answer."""
    form = {"name": spellings(PERSON.name, seed), "id_number": spellings(PERSON.id_number, seed + 100)}
    page = client.get("/activate").text
    answer = client.post("/activate", data={**form, "csrf_token": token(page)})
    assert answer.status_code == 409, form


@pytest.mark.parametrize("seed", range(6))
def test_every_spelling_is_found_in_the_lists(api: Api, seed: int) -> None:
    name = spellings(PERSON.name, seed).replace(")", "")
    school = api("school10284")
    for way in ("ct", "eq"):
        found = school.get("/graduates/", query_string={"q": f"(filters:!((col:name,opr:{way},value:'{name}')))"})
        assert [one["name"] for one in found.get_json()["result"]] == [PERSON.name], name
    part = school.get("/graduates/", query_string={"q": f"(filters:!((col:name,opr:eq,value:'{PERSON.name[:-1]}')))"})
    assert part.get_json()["count"] == 0


@pytest.mark.parametrize(
    ("kept", "typed"), [("英语(师范)", "英语（师范）"), ("英语（师范）", "英语(师范"), ("AI工程", "ａｉ工")]
)
def test_what_a_text_contains_is_found_in_every_width(api: Api, sql: Any, kept: str, typed: str) -> None:
    sql.execute("UPDATE graduates SET major = %s WHERE name = %s", (kept, PERSON.name))
    found = api("school10284").get("/graduates/", query_string={"major": typed})
    assert [one["name"] for one in found.get_json()["result"]] == [PERSON.name], typed


@pytest.mark.parametrize("code", [ODD, ODD.lower(), " 91350203 M0001QKT19 ", ODD.translate(WIDE), f"\u200b{ODD}"])
def test_a_lawful_odd_code_is_taken_and_warned_about(
    api: Api, client: FlaskClient, code: str, fresh_database: str
) -> None:
    sent = {"uscc": code, "name": "厦门某某有限公司", "kinds": ["1"], "reason": "请注意"}
    made = api("school10001").post("/warnings/", sent)
    assert made.status_code == 201, made.text
    assert made.get_json()["result"]["uscc"] == ODD
    told = understood(client, "uscc", code)
    assert told["value"] == ODD
    assert told["error"] == ""
    assert "请对照营业执照核对" in told["warning"]


def test_the_reviewer_is_told_of_an_odd_code(client: FlaskClient) -> None:
    form = {"username": "school10001", "password": PASSWORD, "csrf_token": token(client.get("/login/school").text)}
    client.post("/login/school", data=form)
    page = client.get(f"/staff/register/{ODD}")
    assert page.status_code == 200
    assert "最后一位与前面的字符对不上" in page.text


@pytest.mark.parametrize(("code", "said"), IMPOSSIBLE.items())
def test_an_impossible_code_is_refused_by_name_at_every_door(
    api: Api, client: FlaskClient, code: str, said: str
) -> None:
    assert said in understood(client, "uscc", code)["error"]
    warning = api("school10001").post("/warnings/", {"uscc": code, "name": "某", "kinds": ["1"], "reason": "x"})
    assert said in warning.get_json()["errors"]["uscc"][0]
    paper = api("graduate1").post("/offline_signing/", {"employer": {"uscc": code}, "submit": False})
    assert said in paper.get_json()["errors"]["employer.uscc"][0]
    later = api("graduate1").post("/supplementary/", {"employer": {"uscc": code}, "submit": False})
    assert said in later.get_json()["errors"]["employer.uscc"][0]
    here = api("graduate1").post("/destination/", {"type": "11", "data": {"uscc": code}, "submit": False})
    assert said in here.get_json()["errors"]["data.uscc"][0]


def test_what_a_field_is_called_says_how_it_is_read() -> None:
    """A walk over all forms of the program: a new one cannot bring a second way of reading."""
    kinds = {
        "uscc": forms.CreditCode,
        "phone": forms.Phone,
        "work_phone": forms.Phone,
        "fax": forms.Phone,
        "postcode": forms.Postcode,
        "website": forms.WebAddress,
        "email": forms.Email,
    }
    seen = set()
    for schema in all_forms(FormSchema):
        for name, field in schema().fields.items():
            expected = kinds.get(name)
            if expected is not None and not isinstance(field, fields.Nested):
                assert isinstance(field, expected), (schema, name)
                seen.add(name)
    assert seen == set(kinds)


def test_destinations_read_by_the_same_fields(app_context: Flask) -> None:
    kinds = {
        "uscc": forms.CreditCode,
        "phone": forms.Phone,
        "email": forms.Email,
        "uri": forms.WebAddress,
        "date": forms.Day,
    }
    checked = {field.kind for one in all_types().values() for field in one.fields if field.kind in kinds}
    for one in all_types().values():
        for field in one.fields:
            if field.kind in kinds:
                assert isinstance(kind_of(field).check(field), kinds[field.kind])
    assert {"uscc", "phone", "date"} <= checked


@pytest.mark.parametrize("kind", sorted(READERS))
def test_a_field_that_is_left_is_answered_for_strangers_too(client: FlaskClient, kind: str) -> None:
    assert understood(client, kind, "") == {"value": "", "error": "", "warning": ""}
    odd = understood(client, kind, "\u200b?\u3000" * 200)
    assert set(odd) == {"value", "error", "warning"}
    again = understood(client, kind, odd["value"])
    assert again["value"] == odd["value"]


def understood(client: FlaskClient, kind: str, value: str) -> dict[str, str]:
    """What the page is told when the field is left."""
    sent = {"csrf_token": token(client.get("/activate").text), "value": value}
    answer = client.post(f"/codes/values/{kind}", data=sent)
    assert answer.status_code == 200
    told: dict[str, str] = answer.get_json()
    return told


def all_forms(schema: type[FormSchema]) -> Iterator[type[FormSchema]]:
    """Every form of the program."""
    for one in schema.__subclasses__():
        if one.__module__.startswith("app."):
            yield one
        yield from all_forms(one)
