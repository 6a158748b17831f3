"""Every way to become or to act for another, by every kind of account: refused, without effect, or told to the person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.base.database import session
from app.passcodes.models import VerificationCode
from app.workflow.models import OutboxMessage
from tests.fixtures.application import PASSWORD
from tests.fixtures.undoing import undoing
from tests.guards.walk import Caller, Column
from tests.signing.stage import invite, user

CALLERS = ("operator", "province11", "school10001", "dept10001a", "employer1", "graduate1")
TARGETS = ("graduate2", "employer2", "dept10001b", "school10002", "province32", "operator")
STRONG = "Wanted-Guest-17"
THEIRS = {"mobile": "13911112222", "email": "me@evil.example", "contact": "13911112222", "person": "x", "openid": "x"}


@dataclass(frozen=True)
class Person:
    """Whom somebody wants to be: numbers of account and user, and of a case of theirs."""

    username: str
    account: int
    user: int
    graduate: int
    case: int

    @property
    def everything(self) -> dict[str, Any]:
        """Their numbers in every field that could take one."""
        return {"user_id": self.user, "account_id": self.account, "id": self.account, "graduate_id": self.graduate}


@dataclass(frozen=True)
class Way:
    """What is sent; {account}, {user}, {graduate} and {case} are the other person's."""

    name: str
    method: str
    path: str
    body: dict[str, Any]


WAYS = (
    Way("password by the API", "PUT", "/api/v1/accounts/{account}", {"password": STRONG}),
    Way("password for good", "PUT", "/api/v1/accounts/{account}", {"password": STRONG, "must_change_password": False}),
    Way("password on the page", "POST", "/staff/accounts/password/{account}", {"password": STRONG}),
    Way("link on the page", "POST", "/staff/accounts/{account}/password-way", {}),
    Way("set-up link on the page", "POST", "/staff/accounts/{account}/setup-link", {}),
    Way("own password with another's number", "PUT", "/api/v1/me/password", {"current": PASSWORD, "password": STRONG}),
    Way("recovery of a graduate", "POST", "/recover/graduate", {"username": "{username}"}),
    Way("recovery of a unit", "POST", "/recover/employer", {"username": "{username}"}),
    Way("recovery of staff", "POST", "/recover/school", {"username": "{username}"}),
    Way("log-in by a code", "POST", "/phone-login", {"username": "{username}"}),
    Way("code of another's log-in", "POST", "/phone-login/code", {"code": "000000"}),
    Way("taken name", "POST", "/api/v1/accounts/", {"username": "{username}", "role": "school", "school": "10001"}),
    Way("address of the account", "PUT", "/api/v1/accounts/{account}", THEIRS),
    Way("address on the page", "POST", "/staff/accounts/edit/{account}", THEIRS),
    Way("address on the roster", "PUT", "/api/v1/graduates/{graduate}", THEIRS),
    Way("address on the roster's page", "POST", "/staff/graduates/edit/{graduate}", THEIRS),
    Way("own address with another's number", "POST", "/graduate/account/contact/code", THEIRS),
    Way("code for another's case", "POST", "/api/v1/me/code", {"workflow": "online_signing", "event": "accept", "case": "{case}"}),
    Way("code for another's case on the page", "POST", "/graduate/code?workflow=online_signing&event=accept&id={case}", {}),
    Way("another's case", "POST", "/api/v1/online_signing/{case}/accept", {"code": "000000"}),
    Way("another's data", "POST", "/api/v1/me/confirm", {"code": "000000"}),
    Way("key", "POST", "/api/v1/api_keys/", {"name": "x", "scopes": ["*"]}),
    Way("kind of account", "PUT", "/api/v1/accounts/{account}", {"role": "operator"}),
    Way("place of the account", "PUT", "/api/v1/accounts/{account}", {"school": "10001", "province": "11", "department": "x"}),
    Way("second factor", "DELETE", "/api/v1/me/totp", {"code": "000000"}),
    Way("second factor on the page", "POST", "/staff/account/factor/off", {"code": "000000"}),
    Way("WeChat", "POST", "/messages/wechat", THEIRS),
    Way("WeChat unbound", "POST", "/messages/wechat/unbind", {}),
    Way("log-in by WeChat", "GET", "/channel-login/wechat/return?code=x&state=y", {}),
    Way("user of the own unit", "POST", "/employer/accounts/code", THEIRS),
    Way("upload link", "POST", "/api/v1/offline_signing/{case}/upload_link", {"address": "13911112222"}),
)  # fmt: skip


@pytest.fixture(scope="module")
def people(application: Flask, database: str) -> dict[str, Person]:
    """Everybody whom others want to be, with an invitation of graduate2."""
    with application.app_context():
        case = invite(user("employer1"), user("graduate2")).id
        query = text(
            "SELECT a.id, a.user_id FROM accounts a JOIN ab_user u ON u.id = a.user_id WHERE u.username = :name"
        )
        graduate = user("graduate2").graduate_id or 0
        found = {name: session.execute(query, {"name": name}).one() for name in TARGETS}
        session.remove()
    return {name: Person(name, account, number, graduate, case) for name, (account, number) in found.items()}


def _identity(person: Person) -> Any:
    """By what somebody is the person: password, addresses, place, second factor, WeChat, the roster's row."""
    query = text(
        "SELECT u.username, u.password, u.email, a.kind, a.person, a.mobile, a.email, a.province_id, a.school_id,"
        " a.department_id, a.employer_id, (SELECT count(*) FROM second_factors f WHERE f.user_id = u.id),"
        " (SELECT array_agg(g.id ORDER BY g.id) FROM graduates g WHERE g.id_number_index = a.person)"
        " FROM accounts a JOIN ab_user u ON u.id = a.user_id WHERE a.id = :account"
    )
    case = text("SELECT state FROM online_signings WHERE id = :case")
    values = {"account": person.account, "case": person.case}
    return [*session.execute(query, values).one(), session.scalar(case, values)]


def _told(person: Person, since: int) -> bool:
    """Whether a message to the person is on its way: into the own inbox, or a link or code to the own address."""
    for message in session.scalars(select(OutboxMessage).where(OutboxMessage.id > since)):
        code_id = message.payload.get("code_id") if message.kind == "code" else None
        code = session.get(VerificationCode, code_id) if code_id else None
        own = str(message.payload.get("user_id")) == str(person.user) or (
            code is not None and code.user_id == person.user
        )
        if own or message.kind == "letter":
            return True
    return False


def _filled(value: Any, person: Person) -> Any:
    if isinstance(value, str):
        return value.format(**{name: getattr(person, name) for name in Person.__dataclass_fields__})
    return value


@pytest.mark.parametrize("who", CALLERS)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_nobody_becomes_another_unnoticed(application: Flask, people: dict[str, Person], way: Way, who: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(application.config, "WTF_CSRF_ENABLED", False)
        caller = Caller(application, Column(who, who))
        for person in people.values():
            if person.username != who:
                _try(application, caller, way, person)


def _try(app: Flask, caller: Caller, way: Way, person: Person) -> None:
    path = _filled(way.path, person)
    body = {**person.everything, **{name: _filled(value, person) for name, value in way.body.items()}}
    if "case" in body:
        body["id"] = person.case
    api = path.startswith("/api/")
    sent: dict[str, Any] = {"json": body, "headers": caller.headers} if api else {"data": body}
    with app.app_context(), undoing():
        before = _identity(person)
        since = session.scalar(text("SELECT coalesce(max(id), 0) FROM outbox"))
        answer = caller.client.open(path, method=way.method, **sent)
        refused, body_text = answer.status_code >= 400, answer.get_data(as_text=True)
        answer.close()
        session.expire_all()
        assert answer.status_code < 500, (way.name, person.username)
        assert STRONG not in body_text
        if _identity(person) != before:
            assert not refused, (way.name, person.username)
            assert _told(person, since), f"{way.name}: {caller.column.name} became {person.username} unnoticed"
