"""Graduates activate their account from the roster (R1.2, R1.10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select, update

from app.base.crypto import blind_index
from app.base.database import session, transaction
from app.base.masks import mask_phone
from app.base.sealed import at
from app.roster.models import Graduate
from app.workflow.models import OutboxMessage
from tests.entrances.conftest import NEW_PASSWORD, PEOPLE, Browser
from tests.notices.browser import token

PATH = "/activate"


def ask(browser: Browser, name: str, id_number: str | None = None) -> Any:
    return browser.post(PATH, PATH, name=name, id_number=id_number or PEOPLE[name].id_number)


def finish(browser: Browser, code: str, username: str, password: str = NEW_PASSWORD) -> Any:
    return browser.post(f"{PATH}/code", f"{PATH}/code", code=code, username=username, password=password)


def test_graduate_comes_in_from_nothing(stranger: Browser, another: Browser, code_of: Callable[[str], str]) -> None:
    person = PEOPLE["何婷"]
    assert f'href="{PATH}"' in stranger.get("/login/graduate").text
    assert f'href="{PATH}"' in stranger.get("/").text
    assert ask(stranger, "何婷").headers["Location"] == f"{PATH}/code"
    page = stranger.get(f"{PATH}/code").text
    assert "154****0363" in page
    assert person.mobile not in page
    done = finish(stranger, code_of(person.mobile), "heting363")
    assert done.headers["Location"] == "/graduate/"
    assert stranger.get("/graduate/").headers["Location"] == "/graduate/confirm"
    for name in ("heting363", person.id_number):
        form = {"username": name, "password": NEW_PASSWORD}
        assert another.post("/login/graduate", "/login/graduate", **form).headers["Location"] == "/graduate/"
        another.client.delete_cookie("session")


def test_whoever_else_the_roster_names_is_told(stranger: Browser, app: Flask, code_of: Callable[[str], str]) -> None:
    """A school that wrote its own number there does not open the account unheard."""
    person = PEOPLE["孙承杰"]
    with app.app_context(), transaction():
        rows = select(Graduate.id).where(Graduate.id_number_index == blind_index(person.id_number))
        key = session.scalars(rows).one()
        session.execute(update(Graduate).where(Graduate.id == key).values(email=at("own@person.example", key)))
    ask(stranger, "孙承杰")
    finish(stranger, code_of(person.mobile), "sunchengjie1")
    with app.app_context():
        letters = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "letter")).all()
        told = [one.payload for one in letters if one.payload["template"] == "account_activated"]
        assert [one["address"] for one in told if one["facts"] == {"mobile": mask_phone(person.mobile)}] == [
            "own@person.example"
        ]


def test_lower_case_and_spaces_are_understood(stranger: Browser) -> None:
    assert ask(stranger, "  李天波 ", f" {PEOPLE['李天波'].id_number.lower()} ").status_code == 302


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("田清苒", PEOPLE["廖辉"].id_number),  # both exist, not together
        ("田清苒", "110101199001011234"),  # no such number
        ("无此人", PEOPLE["田清苒"].id_number),  # no such name
        ("无此人", "not a number"),
        ("张云轩", PEOPLE["张云轩"].id_number),  # removed from the roster
    ],
)
def test_every_miss_looks_the_same(stranger: Browser, name: str, number: str) -> None:
    answer = ask(stranger, name, number)
    assert answer.status_code == 404
    assert "学生名单中没有与该姓名和身份证号相符的毕业生" in answer.text
    assert stranger.get(f"{PATH}/code").status_code == 302


def test_empty_fields_are_told(stranger: Browser) -> None:
    answer = stranger.post(PATH, PATH, name=" ", id_number="")
    assert answer.status_code == 422
    assert answer.text.count("field__error") == 2


def test_who_is_active_already_is_led_to_the_log_in(stranger: Browser) -> None:
    answer = ask(stranger, "李婉昕")
    assert answer.status_code == 409
    assert "已经激活" in answer.text


def test_without_a_mobile_the_school_is_named(stranger: Browser, sql: psycopg.Connection) -> None:
    sql.execute("UPDATE graduates SET mobile = NULL WHERE name = '钱可薇'")
    answer = ask(stranger, "钱可薇")
    assert answer.status_code == 409
    assert "中山大学就业部门" in answer.text


def test_code_is_worth_nothing_in_another_browser(
    stranger: Browser, another: Browser, code_of: Callable[[str], str]
) -> None:
    ask(stranger, "廖辉")
    code = code_of(PEOPLE["廖辉"].mobile)
    answer = another.post(f"{PATH}/code", PATH, code=code, username="liaohui372", password=NEW_PASSWORD)
    assert answer.status_code == 422
    assert "失效" in answer.text


def test_wrong_fields_do_not_use_up_the_code(stranger: Browser, code_of: Callable[[str], str]) -> None:
    mobile = PEOPLE["陈佳颖"].mobile
    ask(stranger, "陈佳颖")
    code = code_of(mobile)
    for username, password, words in (
        ("graduate1", NEW_PASSWORD, "已被使用"),
        ("GRADUATE1", NEW_PASSWORD, "已被使用"),
        (PEOPLE["陈佳颖"].id_number, NEW_PASSWORD, "身份证号"),
        ("chenjiaying", "short", "10"),
        ("chenjiaying", "Chenjiaying-2027", "用户名"),
    ):
        answer = finish(stranger, code, username, password)
        assert answer.status_code == 422, username
        assert "field__error" in answer.text
        assert words in answer.text
        assert password not in answer.text
    assert finish(stranger, code, "chenjiaying").status_code == 302


def test_double_submit_makes_one_account(
    app: Flask, stranger: Browser, code_of: Callable[[str], str], sql: psycopg.Connection
) -> None:
    ask(stranger, "王天哲")
    code = code_of(PEOPLE["王天哲"].mobile)
    page = stranger.get(f"{PATH}/code").text
    cookie = stranger.client.get_cookie("session")
    assert cookie is not None
    twin = app.test_client()
    twin.set_cookie("session", cookie.value)
    form = {"csrf_token": token(page), "code": code, "username": "wangtianzhe", "password": NEW_PASSWORD}
    answers = [client.post(f"{PATH}/code", data=form).status_code for client in (stranger.client, twin)]
    assert answers[0] == 302
    assert answers[1] in {409, 422}
    count = sql.execute("SELECT count(*) FROM accounts WHERE name = '王天哲'").fetchone()
    assert count == (1,)


def test_two_open_codes_never_make_two_accounts(app_context: Flask, sql: psycopg.Connection) -> None:
    """Whatever got past the rules: the database knows one account for one person."""
    from app.base.crypto import blind_index
    from app.base.database import transaction
    from app.base.errors import Conflict
    from app.entrances.services.activation import make_graduate_account, rows_of_person

    rows = rows_of_person(blind_index(PEOPLE["钱可薇"].id_number))
    with transaction():
        make_graduate_account(rows[0], "qiankewei1", "x")
    with pytest.raises(Conflict), transaction():
        make_graduate_account(rows[0], "qiankewei2", "x")


def test_guessing_names_for_a_number_ends(stranger: Browser) -> None:
    from app.entrances.services.activation import MISSES_OF_PERSON

    number = PEOPLE["田清苒"].id_number
    for _try in range(MISSES_OF_PERSON.most):
        assert ask(stranger, "无此人", number).status_code == 404
    refused = ask(stranger, "无此人", number)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert ask(stranger, "田清苒", number).status_code == 429


def test_guessing_from_one_address_ends(app: Flask) -> None:
    from app.base.errors import NotFound, Throttled
    from app.entrances.services.activation import MISSES_OF_ADDRESS, start_activation

    with app.app_context():
        for number in range(MISSES_OF_ADDRESS.most):
            with pytest.raises(NotFound):
                start_activation("无此人", f"number {number}", ip="10.9.9.9")
        with pytest.raises(Throttled):
            start_activation("无此人", "one more", ip="10.9.9.9")


def test_older_and_newer_studies_are_one_person(app_context: Flask, sql: psycopg.Connection) -> None:
    """The newest row names the mobile; one account sees both."""
    from app.base.crypto import blind_index
    from app.entrances.services.activation import mobile_of, rows_of_person

    sql.execute(
        "UPDATE graduates SET id_number_index = (SELECT id_number_index FROM graduates WHERE name = '田清苒'), "
        "name = '田清苒', cohort = cohort - 3 WHERE name = '廖辉'"
    )
    rows = rows_of_person(blind_index(PEOPLE["田清苒"].id_number), "田清苒")
    assert [row.cohort for row in rows] == sorted((row.cohort for row in rows), reverse=True)
    assert len(rows) == 2
    assert mobile_of(rows) == PEOPLE["田清苒"].mobile
