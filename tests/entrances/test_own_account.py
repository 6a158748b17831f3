"""Own password, devices, mobile and e-mail; forgotten passwords; passwords that somebody else has set."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask import Flask

from app.access.actors import Actor
from app.base.settings import settings
from config import VERSION
from tests.entrances.conftest import NEW_PASSWORD, PEOPLE, Browser
from tests.fixtures.application import PASSWORD
from tests.fixtures.outbox import end_waiting
from tests.fixtures.standin import Standin
from tests.notices.browser import logged_in

KINDS = [("graduate3", "graduate"), ("employer2", "employer"), ("school10002", "staff"), ("operator", "staff")]


def browser_of(app: Flask, username: str) -> Browser:
    return Browser(logged_in(app, username))


def log_in(browser: Browser, username: str, door: str, password: str) -> Any:
    return browser.post(f"/login/{door}", f"/login/{door}", username=username, password=password)


@pytest.mark.parametrize(("username", "place"), KINDS)
def test_everybody_sees_the_own_account(app: Flask, username: str, place: str) -> None:
    own = browser_of(app, username)
    page = own.get(f"/{place}/account")
    assert page.status_code == 200
    assert "本设备" in page.text
    assert f'href="/{place}/account"' in own.get({"staff": "/staff/messages"}.get(place, f"/{place}/")).text


def test_page_of_another_kind_is_refused(app: Flask) -> None:
    assert browser_of(app, "graduate4").get("/staff/account").status_code == 403


@pytest.mark.parametrize(
    ("username", "place", "door"), [("graduate5", "graduate", "graduate"), ("dept10001b", "staff", "school")]
)
def test_own_password_ends_all_other_devices(
    app: Flask, stranger: Browser, username: str, place: str, door: str
) -> None:
    here, there = browser_of(app, username), browser_of(app, username)
    path = f"/{place}/account"
    for fields, words in (
        ({"current": "wrong", "password": NEW_PASSWORD}, "当前密码不正确"),
        ({"current": PASSWORD, "password": PASSWORD}, "与当前密码相同"),
        ({"current": PASSWORD, "password": "short"}, "10"),
        ({"current": "", "password": NEW_PASSWORD}, "field__error"),
    ):
        refused = here.post(f"{path}/password", path, **fields)
        assert refused.status_code == 422
        assert words in refused.text
    assert there.get(path).status_code == 200
    assert here.post(f"{path}/password", path, current=PASSWORD, password=NEW_PASSWORD).status_code == 302
    assert here.get(path).status_code == 200
    assert there.get(path).status_code == 302
    assert log_in(stranger, username, door, PASSWORD).status_code == 401
    assert log_in(stranger, username, door, NEW_PASSWORD).status_code == 302


def test_guessing_the_own_password_is_limited(app: Flask) -> None:
    """A browser left open is no way to the password."""
    own = browser_of(app, "graduate6")
    path = "/graduate/account"
    for _try in range(5):
        assert own.post(f"{path}/password", path, current="x", password=NEW_PASSWORD).status_code == 422
    assert own.post(f"{path}/password", path, current=PASSWORD, password=NEW_PASSWORD).status_code == 429


def test_devices_are_listed_and_logged_out(app: Flask, stranger: Browser) -> None:
    here, there = browser_of(app, "employer2"), browser_of(app, "employer2")
    path = "/employer/account"
    handles = re.findall(rf"{path}/devices/(\w+)/end", here.get(path).text)
    assert handles
    foreign = browser_of(app, "employer1")
    assert foreign.post(f"{path}/devices/{handles[0]}/end", path).status_code == 404
    assert there.get(path).status_code == 200
    for handle in handles:
        assert here.post(f"{path}/devices/{handle}/end", path).status_code == 302
    assert here.post(f"{path}/devices/{handles[0]}/end", path).status_code == 404
    assert there.get(path).status_code == 302
    third = browser_of(app, "employer2")
    assert here.post(f"{path}/devices/end", path).status_code == 302
    assert third.get(path).status_code == 302
    assert here.get(path).status_code == 200


def test_device_has_a_name(app: Flask) -> None:
    from app.access.devices import device_name

    with app.test_request_context():
        phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) AppleWebKit/605 Version/17.0 Mobile Safari/604.1"
        desk = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/131.0 Safari/537.36 Edg/131.0"
        assert device_name(phone) == "Safari · iPhone"
        assert device_name(desk) == "Edge · Windows"
        assert device_name(None) == ""


def test_graduate_changes_mobile_and_email(
    app: Flask,
    code_of: Callable[[str], str],
    drain: Callable[..., int],
    ems: Standin,
    sql: psycopg.Connection,
) -> None:
    """With a code to the new address; roster, notices and the employment system follow (R1.10)."""
    from app.notices.addresses import emails_of, mobiles_of

    own, path = browser_of(app, "graduate7"), "/graduate/account"
    for address in ("13900030007", "new7@mail.example"):
        assert own.post(f"{path}/contact", path, address=address).status_code == 302
        wrong = own.post(f"{path}/contact/code", path, code="x")
        assert wrong.status_code == 422
        assert own.post(f"{path}/contact/code", path, code=code_of(address)).status_code == 302
    drain()
    row = sql.execute(
        "SELECT g.exam_number, g.cohort, a.user_id FROM graduates g JOIN accounts a ON a.person = g.id_number_index "
        "JOIN ab_user u ON u.id = a.user_id WHERE u.username = 'graduate7'"
    ).fetchone()
    assert row is not None
    with app.app_context():
        assert mobiles_of([row[2]]) == {row[2]: "13900030007"}
        assert emails_of([row[2]]) == {row[2]: "new7@mail.example"}
    student = ems.http.get(f"/students/10002/{row[1]}/{row[0]}").json()["student"]
    assert (student["mobile"], student["email"]) == ("13900030007", "new7@mail.example")


def test_change_waits_while_the_employment_system_is_down(
    app: Flask, code_of: Callable[[str], str], drain: Callable[..., int], ems: Standin, sql: psycopg.Connection
) -> None:
    own, path = browser_of(app, "graduate8"), "/graduate/account"
    ems.fault("down")
    own.post(f"{path}/contact", path, address="13900030008")
    assert own.post(f"{path}/contact/code", path, code=code_of("13900030008")).status_code == 302
    drain(failures=True)
    ems.fault("none")
    left = sql.execute("SELECT status FROM outbox WHERE key LIKE 'contact:%' AND status <> 'done'").fetchall()
    assert left == [("queued",)]
    end_waiting(sql)
    from app.ems import client

    with app.app_context():
        client.ems().channel.breaker.__init__()  # type: ignore[misc]
    drain(failures=True)
    left = sql.execute("SELECT status FROM outbox WHERE key LIKE 'contact:%' AND status <> 'done'").fetchall()
    assert left == []


def test_only_graduates_change_a_contact_that_way(actor_of: Callable[[str], Actor], app_context: Flask) -> None:
    from app.base.errors import Forbidden
    from app.entrances.services.own import start_contact_change

    with pytest.raises(Forbidden):
        start_contact_change("13900030009", actor=actor_of("employer1"))


def test_code_of_somebody_else_changes_nothing(
    actor_of: Callable[[str], Actor], app_context: Flask, code_of: Callable[[str], str]
) -> None:
    from app.base.errors import Invalid
    from app.entrances.services.own import finish_contact_change, start_contact_change

    row = start_contact_change("13900030010", actor=actor_of("graduate9"))
    with pytest.raises(Invalid):
        finish_contact_change(row.id, code_of("13900030010"), actor=actor_of("graduate10"))


@pytest.mark.parametrize(
    ("username", "door", "mobile"),
    [
        ("graduate11", "graduate", PEOPLE["余可敏"].mobile),
        ("employer1b", "employer", "15400010002"),
    ],
)
def test_forgotten_password(
    app: Flask, stranger: Browser, code_of: Callable[[str], str], username: str, door: str, mobile: str
) -> None:
    logged = browser_of(app, username)
    assert f'href="/recover/{door}"' in stranger.get(f"/login/{door}").text
    for _try in range(5):
        log_in(stranger, username, door, "wrong")
    assert log_in(stranger, username, door, "wrong").status_code == 429
    assert stranger.post(f"/recover/{door}", f"/recover/{door}", username=username).status_code == 302
    path = f"/recover/{door}/code"
    page = stranger.get(path).text
    assert mobile not in page
    assert f"{mobile[:3]}****{mobile[-4:]}" not in page
    code = code_of(mobile)
    assert stranger.post(path, path, code=code, password="weak").status_code == 422
    assert stranger.post(path, path, code=code, password=f"A1-{username}").status_code == 422
    assert stranger.post(path, path, code=code, password=NEW_PASSWORD).status_code == 302
    assert stranger.post(path, f"/recover/{door}", code=code, password=NEW_PASSWORD).status_code == 422
    assert logged.get("/guide.pdf").status_code == 302
    assert log_in(stranger, username, door, NEW_PASSWORD).status_code == 302


@pytest.mark.parametrize("username", ["nobody-here", "school10001", "graduate12"])
def test_recovery_tells_nothing_about_accounts(stranger: Browser, username: str) -> None:
    """No account, one of staff, one of the other door: the same pages as for a real one."""
    assert stranger.post("/recover/employer", "/recover/employer", username=username).status_code == 302
    path = "/recover/employer/code"
    page = stranger.get(path)
    assert page.status_code == 200
    assert "如果该账号存在" in page.text
    assert "试用环境" not in page.text
    answer = stranger.post(path, path, code="123456", password=NEW_PASSWORD)
    assert answer.status_code == 422
    assert "还可尝试 4 次" in answer.text


def test_recovery_at_an_unknown_door_does_not_exist(stranger: Browser) -> None:
    assert stranger.get("/recover/school").status_code == 404


def test_password_of_somebody_else_is_changed_first(
    app: Flask, app_context: Flask, actor_of: Callable[[str], Actor], stranger: Browser
) -> None:
    from sqlalchemy import select

    from app.access.models import Account
    from app.base.database import session
    from app.staff.services import reset_password

    query = select(Account.id).where(Account.user_id == actor_of("dept10001a").user_id)
    reset_password(session.scalars(query).one(), "Wanted-Guest-17", actor=actor_of("school10001"))
    assert log_in(stranger, "dept10001a", "school", "Wanted-Guest-17").status_code == 302
    for path in ("/staff/", "/staff/messages", "/guide.pdf"):
        assert stranger.get(path).headers["Location"] == "/staff/account", path
    path = "/staff/account"
    fields = {"current": "Wanted-Guest-17", "password": NEW_PASSWORD}
    assert stranger.post(f"{path}/password", path, **fields).status_code == 302
    assert stranger.get("/staff/messages").status_code == 200


def test_password_of_somebody_else_is_changed_first_at_the_api(api: Callable[[str], Any]) -> None:
    """Everything but the own password is refused until it is changed, whatever was said when the account was made."""
    made = {"password": "Wanted-Guest-17", "name": "周知", "role": "department", "department": "文学院"}
    for username, flag in (("dept-new-1", {"must_change_password": False}), ("dept-new-2", {})):
        body = {"username": username, "school": "10284", **made, **flag}
        assert api("school10284").post("/accounts/", json=body).status_code == 201
    assert api("dept-new-2", "Wanted-Guest-17").get("/graduates/").json["code"] == "password_change_required"
    own = api("dept-new-1", "Wanted-Guest-17")
    for path in ("/graduates/", "/notifications/", "/dictionaries/region"):
        refused = own.get(path)
        assert (refused.status_code, refused.json["code"]) == (403, "password_change_required"), path
    assert own.get("/me").json["must_change_password"] is True
    path = "/me/password"
    assert own.put(path, json={}).status_code == 422
    assert own.put(path, json={"current": "Wanted-Guest-17", "password": "weak"}).status_code == 422
    assert own.put(path, json={"current": "Wanted-Guest-17", "password": NEW_PASSWORD}).status_code == 200
    assert own.get("/graduates/").status_code == 200
    assert own.get("/me").json["must_change_password"] is False


@pytest.mark.parametrize(
    ("username", "words"),
    [
        ("graduate1", "毕业生"),
        ("employer1", "用人单位"),
        ("school10001", "学校和院系"),
        ("province11", "省级用户"),
        ("operator", "平台运营"),
    ],
)
def test_guide_of_each_workplace_is_a_pdf(app: Flask, username: str, words: str) -> None:
    import io

    import pypdf

    own = browser_of(app, username)
    answer = own.get("/guide.pdf")
    assert answer.mimetype == "application/pdf"
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.data)).pages)
    assert words in text
    assert f"版本：{VERSION}" in text
    assert settings().service_phone in text
    assert ("就业部门：" in text) == username.startswith("graduate")
    assert own.get("/guide.pdf").data == answer.data
    home = {"graduate1": "/graduate/", "employer1": "/employer/"}.get(username, "/staff/messages")
    assert 'href="/guide.pdf"' in own.get(home).text
