"""Employers register themselves; until they belong to a unit they see the workbench and their account (R1.2, R5.6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from app.base.crypto import blind_index
from tests.entrances.conftest import NEW_PASSWORD, Browser


def ask(browser: Browser, address: str) -> Any:
    return browser.post("/register", "/register", address=address)


def finish(browser: Browser, code: str, username: str, **more: str) -> Any:
    fields = {"code": code, "name": "庄若水", "username": username, "password": NEW_PASSWORD, **more}
    return browser.post("/register/code", "/register/code", **fields)


@pytest.fixture
def newcomer(stranger: Browser, code_of: Callable[[str], str], request: pytest.FixtureRequest) -> Browser:
    """A browser in which a user of no unit is logged in."""
    number = f"1390002{sum(map(ord, request.node.name)) % 10000:04d}"
    ask(stranger, number)
    assert finish(stranger, code_of(number), f"hr{number}").status_code == 302
    return stranger


@pytest.mark.parametrize(
    ("typed", "address", "shown"),
    [("139 0001 0001", "13900010001", "139****0001"), ("HR@Unit.Example", "hr@unit.example", "h***@unit.example")],
)
def test_employer_comes_in_from_nothing(
    stranger: Browser, code_of: Callable[[str], str], sql: psycopg.Connection, typed: str, address: str, shown: str
) -> None:
    assert 'href="/register"' in stranger.get("/login/employer").text
    assert 'href="/register"' not in stranger.get("/login/graduate").text
    assert ask(stranger, typed).headers["Location"] == "/register/code"
    assert shown in stranger.get("/register/code").text
    username = f"hr{len(address)}"
    assert finish(stranger, code_of(address), username).headers["Location"] == "/employer/"
    assert stranger.get("/employer/").headers["Location"] == "/employer/verification/"
    row = sql.execute(
        "SELECT e.employer_id, coalesce(e.mobile_index, e.email_index) FROM employer_users e"
        " JOIN ab_user u ON u.id = e.user_id WHERE u.username = %s",
        (username,),
    ).fetchone()
    assert row == (None, blind_index(address))


@pytest.mark.parametrize("address", ["", "12345", "010-12345678", "no@", "@no.example", "a b@c.example", "x" * 300])
def test_what_is_no_address_is_told(stranger: Browser, address: str) -> None:
    answer = ask(stranger, address)
    assert answer.status_code == 422
    assert "field__error" in answer.text


def test_one_address_has_one_account(
    stranger: Browser, another: Browser, code_of: Callable[[str], str], sql: psycopg.Connection
) -> None:
    """Told only to who holds the address: asking for a code tells nothing."""
    from app.access import throttle
    from app.passcodes.services import PAUSE, asked_by

    ask(stranger, "13900010005")
    finish(stranger, code_of("13900010005"), "hr10005")
    throttle.forget(PAUSE, asked_by("13900010005", "127.0.0.1"))
    assert ask(another, "13900010005").status_code == 302
    answer = finish(another, code_of("13900010005"), "hr10005b")
    assert answer.status_code == 409
    assert "已有账号" in answer.text


def test_all_wrong_fields_are_told_at_once(stranger: Browser) -> None:
    ask(stranger, "13900010006")
    answer = finish(stranger, "000000", "x", name="", password="x")
    assert answer.status_code == 422
    assert answer.text.count('class="field__error"') >= 3


def test_names_are_told_only_to_who_holds_the_code_and_not_without_end(
    stranger: Browser, code_of: Callable[[str], str]
) -> None:
    """Whether a name is taken says who has an account: a wrong code learns nothing, a right one little."""
    ask(stranger, "13900010077")
    for name in ("operator", "school10001", "graduate1", "nobody-has-this"):
        answer = finish(stranger, "000000", name).text
        assert "已被使用" not in answer, name
    ask_again = "13900010078"
    ask(stranger, ask_again)
    code = code_of(ask_again)
    answers = [finish(stranger, code, name) for name in ("operator", *["graduate1"] * 9, "school10001")]
    assert all("已被使用" in one.text for one in answers[:10])
    assert answers[10].status_code == 429
    assert finish(stranger, code, "hr-of-its-own").status_code == 302


def test_messages_cannot_be_aimed_at_strangers_without_a_question(stranger: Browser, sql: psycopg.Connection) -> None:
    import re

    for number in range(20):
        assert ask(stranger, f"1390003{number:04d}").status_code == 302
    for number in range(20, 40):
        answer = ask(stranger, f"1390003{number:04d}")
        assert answer.status_code == 429
        assert "等于几" in answer.text
    kept = sql.execute("SELECT count(*) FROM verification_codes WHERE purpose = 'registration'").fetchone()
    found = re.search(r'name="challenge" value="([^"]+)"', answer.text)
    numbers = re.search(r"([0-9]+) \+ ([0-9]+) 等于几", answer.text)
    assert found is not None
    assert numbers is not None
    fields = {"challenge": found[1], "answer": str(int(numbers[1]) + int(numbers[2]))}
    for status in (302, 429):  # an answer is good for one
        answer = stranger.post("/register", "/register", address=f"1390003{status}0", **fields)
        assert answer.status_code == status
    after = sql.execute("SELECT count(*) FROM verification_codes WHERE purpose = 'registration'").fetchone()
    assert kept is not None
    assert after is not None
    assert after[0] == kept[0] + 1


def test_api_refuses_without_a_unit(newcomer: Browser, api: Callable[..., Any], request: Any) -> None:
    number = f"1390002{sum(map(ord, request.node.name)) % 10000:04d}"
    caller = api(f"hr{number}", NEW_PASSWORD)
    answer = caller.post("/favorites/", {"name": "李婉昕", "id_number": "410671200508030042", "school": "北京大学"})
    assert answer.status_code == 409
    assert answer.get_json()["code"] == "unverified"
    assert caller.get("/online_signing/").get_json()["count"] == 0


def test_account_and_notices_open_without_a_unit(newcomer: Browser) -> None:
    for path in ("/employer/account", "/employer/messages"):
        assert newcomer.get(path).status_code == 200, path
    guide = newcomer.get("/guide.pdf")
    assert guide.data.startswith(b"%PDF")
