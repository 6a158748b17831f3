"""Log-in by a code to the own phone, and a phone that stays signed in: for its owner, in its browser, until they end it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from app.access.models import Account
from app.access.sessions import LoginSession
from app.base import clock
from app.base.database import session
from app.passcodes.models import LOGIN, VerificationCode
from app.passcodes.phones import take_number
from app.web.current import DEVICE
from tests.entrances.conftest import NEW_PASSWORD, PEOPLE, Browser
from tests.notices.browser import token
from trial.demo.country import PASSWORD

pytestmark = pytest.mark.usefixtures("fresh_database")
MOBILE = PEOPLE["余可敏"].mobile
NAME = "graduate11"
ASK, CODE, HOME = "/phone-login", "/phone-login/code", "/graduate/"


def _code(browser: Browser, code_of: Callable[[str], str], username: str = NAME) -> str:
    assert browser.post(ASK, ASK, username=username).status_code == 302
    return code_of(MOBILE)


def _enter(browser: Browser, code: str, **more: str) -> int:
    return int(browser.post(CODE, CODE, code=code, **more).status_code)


def _inside(browser: Browser) -> bool:
    return bool(browser.get(HOME).status_code == 200)


def test_the_code_lets_in_once_and_leads_where_one_wanted(
    stranger: Browser, another: Browser, code_of: Callable[[str], str]
) -> None:
    page = stranger.get("/login/graduate?next=/graduate/messages").text
    assert "/phone-login?next=" in page
    assert MOBILE not in stranger.get(ASK).text
    code = _code(stranger, code_of, PEOPLE["余可敏"].id_number)
    assert f"{MOBILE[:3]}****{MOBILE[-4:]}" not in stranger.get(CODE).text
    done = stranger.post(CODE, CODE, code=code, next="/graduate/messages")
    assert (done.status_code, done.headers["Location"]) == (302, "/graduate/messages")
    assert _inside(stranger)
    assert another.post(CODE, "/login/graduate", code=code).status_code == 422, "a code is tied to its browser"
    assert not _inside(another)


@pytest.mark.parametrize("username", ["nobody-here", "school10001", "employer1", "110101199003070000"])
def test_nobody_learns_whether_there_is_such_an_account(app: Flask, stranger: Browser, username: str) -> None:
    assert stranger.post(ASK, ASK, username=username).status_code == 302
    page = stranger.get(CODE)
    assert page.status_code == 200
    assert "如果该账号存在" in page.text
    assert "试用环境" not in page.text
    wrong = stranger.post(CODE, CODE, code="123456")
    assert (wrong.status_code, "还可尝试 4 次" in wrong.text) == (422, True)
    with app.app_context():
        row = session.scalars(select(VerificationCode).where(VerificationCode.purpose == LOGIN)).one()
        assert (row.address, row.user_id) == (None, None), "nothing was sent to anybody"


def test_nothing_goes_to_a_number_that_somebody_types(app: Flask, stranger: Browser) -> None:
    assert stranger.post(ASK, ASK, username="13912345678").status_code == 302
    with app.app_context():
        assert session.scalars(select(VerificationCode.address)).one() is None


@pytest.mark.parametrize("spelling", ["{}", "+86 {}", "0086{}", " {} "])
def test_the_own_number_is_enough(stranger: Browser, code_of: Callable[[str], str], spelling: str) -> None:
    assert _enter(stranger, _code(stranger, code_of, spelling.format(MOBILE))) == 302
    assert _inside(stranger)


def test_a_number_that_two_share_names_neither(app: Flask, stranger: Browser) -> None:
    with app.app_context():
        other = session.scalars(select(Account).where(Account.user.has(username="graduate12"))).one()
        take_number(other, MOBILE)
        session.commit()
    assert stranger.post(ASK, ASK, username=MOBILE).status_code == 302
    with app.app_context():
        assert session.scalars(select(VerificationCode.address)).one() is None


def test_a_number_proven_before_there_was_an_index_is_found_after_a_log_in(
    app: Flask, stranger: Browser, another: Browser, code_of: Callable[[str], str]
) -> None:
    with app.app_context():
        session.execute(update(Account).values(mobile_index=None))
        session.commit()
    assert _enter(stranger, _code(stranger, code_of)) == 302
    assert _enter(another, _code_again(app, another, code_of, MOBILE)) == 302


def test_a_number_that_was_changed_meanwhile_opens_nothing(
    app: Flask, stranger: Browser, code_of: Callable[[str], str]
) -> None:
    code = _code(stranger, code_of)
    with app.app_context():
        account = session.scalars(select(Account).where(Account.user.has(username=NAME))).one()
        account.mobile = "13900001111"
        session.commit()
    assert _enter(stranger, code) == 422
    assert not _inside(stranger)


def test_many_codes_are_asked_for_with_a_question(stranger: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.access import throttle
    from app.passcodes import asking

    monkeypatch.setitem(asking._UNASKED, LOGIN, throttle.Limit("unasked_few", most=2, window=600, wait=0))
    answers = [stranger.post(ASK, ASK, username=f"nobody{number}") for number in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert "等于多少" in answers[-1].text or 'name="answer"' in answers[-1].text


def test_a_phone_stays_signed_in_until_its_owner_ends_it(
    app: Flask, stranger: Browser, another: Browser, code_of: Callable[[str], str]
) -> None:
    assert _enter(stranger, _code(stranger, code_of), stay="1") == 302
    cookie = next(one for one in stranger.client._cookies.values() if one.key == "session")
    assert cookie.expires is not None, "the browser keeps it when it is closed"
    start = clock.now()
    for days in (1, 20, 45, 70, 89):
        with time_machine.travel(start + timedelta(days=days), tick=False):
            assert _inside(stranger), days
    with time_machine.travel(start + timedelta(days=91), tick=False):
        assert not _inside(stranger)


def test_it_ends_where_it_was_not_used_for_a_month(stranger: Browser, code_of: Callable[[str], str]) -> None:
    assert _enter(stranger, _code(stranger, code_of), stay="1") == 302
    with time_machine.travel(clock.now() + timedelta(days=31), tick=False):
        assert not _inside(stranger)


def test_without_the_tick_it_ends_as_ever(stranger: Browser, code_of: Callable[[str], str]) -> None:
    assert _enter(stranger, _code(stranger, code_of)) == 302
    with time_machine.travel(clock.now() + timedelta(hours=3), tick=False):
        assert not _inside(stranger)


def test_the_session_works_in_its_own_browser_alone(
    app: Flask, stranger: Browser, another: Browser, code_of: Callable[[str], str]
) -> None:
    assert _enter(stranger, _code(stranger, code_of), stay="1") == 302
    stolen = next(one for one in stranger.client._cookies.values() if one.key == "session")
    another.client.set_cookie("session", stolen.value)
    assert not _inside(another)
    another.client.set_cookie(DEVICE, "another-device")
    assert not _inside(another)
    assert _inside(stranger)


def test_it_is_listed_and_revoked_and_ended_by_a_new_password(
    app: Flask, stranger: Browser, another: Browser, code_of: Callable[[str], str]
) -> None:
    assert _enter(stranger, _code(stranger, code_of), stay="1") == 302
    form = another.get("/login/graduate").text
    fields = {"username": NAME, "password": PASSWORD, "csrf_token": token(form), "stay": "1"}
    assert another.client.post("/login/graduate", data=fields).status_code == 302
    page = another.get("/graduate/account").text
    assert page.count("保持登录") >= 2
    with app.app_context():
        rows = session.scalars(select(LoginSession).where(LoginSession.device.is_not(None)).order_by(LoginSession.id))
        first = rows.all()[0].handle
    assert re.search(rf"devices/{first}/end", page)
    assert another.post(f"/graduate/account/devices/{first}/end", "/graduate/account").status_code == 302
    assert not _inside(stranger)
    assert _enter(stranger, _code_again(app, stranger, code_of), stay="1") == 302
    changed = {"current": PASSWORD, "password": NEW_PASSWORD}
    assert another.post("/graduate/account/password", "/graduate/account", **changed).status_code == 302
    assert not _inside(stranger)
    assert _inside(another)


def _code_again(app: Flask, browser: Browser, code_of: Callable[[str], str], username: str = NAME) -> str:
    from app.workflow import queues

    with app.app_context():
        for key in queues.redis().scan_iter("login:*"):
            queues.redis().delete(key)
    return _code(browser, code_of, username)


def test_units_and_staff_stay_no_longer_for_a_tick(app: Flask, stranger: Browser) -> None:
    form = stranger.get("/login/school").text
    fields = {"username": "school10001", "password": PASSWORD, "csrf_token": token(form), "stay": "1"}
    assert stranger.client.post("/login/school", data=fields).status_code == 302
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        assert stranger.get("/staff/graduates/list/").status_code == 302
