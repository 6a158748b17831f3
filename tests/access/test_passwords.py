"""The password policy: what is refused, and that every reason is told at once."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.security import check_password_hash

from app.access.passwords import check_password, weaknesses
from app.base.errors import Invalid
from config import SettingsError, _password_hash, settings_from
from tests.fixtures.pages import token
from trial.demo.country import PASSWORD

USER = "school10001"


@pytest.mark.parametrize(
    "password", [PASSWORD, "Xk9!mmpq27z", "correct horse Battery", "校园2027开学季Go!!", "48A!!93%27#"]
)
def test_good_password_is_taken(password: str) -> None:
    assert check_password(password, USER) == password


@pytest.mark.parametrize(
    ("password", "reasons"),
    [
        ("", 1),
        ("Ab1!", 1),
        ("abcdefghijkl", 1),
        ("ABCDEFGH12345678", 1),
        ("Ab1!" * 33, 1),
        ("a", 2),
        ("School10001!x", 1),
        ("xSCHOOL10001y!", 1),
        ("Password123", 1),
        ("P@ssw0rd!23", 1),
        ("Admin@2027!", 1),
        ("Qwerty12345!", 1),
        ("Woaini@1314", 1),
        ("Aa12345678!", 1),
        ("Xa!abcdefgh", 1),
        ("Aa1!Aa1!Aa1!", 1),
        ("Xk9!mm\x00pq27z", 1),
        ("Xk9!mm\ud800pq27z", 1),
    ],
)
def test_weak_password_is_refused_with_every_reason(password: str, reasons: int) -> None:
    with pytest.raises(Invalid) as refused:
        check_password(password, USER, field="new")
    assert list(refused.value.errors) == ["new"]
    assert len(refused.value.errors["new"]) == reasons


@pytest.mark.parametrize("password", [None, 12345678901, ["Qianyue@2027"], {"a": 1}])
def test_what_is_no_text_is_refused(password: object) -> None:
    with pytest.raises(Invalid):
        check_password(password, USER)


def test_short_user_names_forbid_nothing() -> None:
    assert weaknesses("Qianyue@2027", "q") == []


@given(st.text(max_size=200), st.text(max_size=20))
def test_any_text_is_judged(password: str, username: str) -> None:
    assert isinstance(weaknesses(password, username), list)


def test_a_password_is_kept_as_the_settings_want_it_from_the_next_log_in_on(
    client: FlaskClient, sql: psycopg.Connection, change_settings: Callable[..., None]
) -> None:
    kept = "SELECT password FROM ab_user WHERE username = 'school10001'"
    before = sql.execute(kept).fetchone()
    change_settings(password_hash="scrypt:1024:8:1")
    form = {"username": USER, "password": "no such password", "csrf_token": token(client.get("/login/school").text)}
    client.post("/login/school", data=form)
    assert sql.execute(kept).fetchone() == before  # who does not know it changes nothing
    assert client.post("/login/school", data={**form, "password": PASSWORD}).status_code == 302
    after = sql.execute(kept).fetchone()
    assert after is not None
    assert after[0].startswith("scrypt:1024:8:1$")
    assert check_password_hash(after[0], PASSWORD)


@pytest.mark.parametrize(
    "value", ["md5", "pbkdf2:sha256:1000", "scrypt:1000:8:1", "scrypt:0:8:1", "scrypt:16:8:1", "scrypt:2:8", "plain"]
)
def test_what_keeps_no_password_is_refused_at_the_start(environment: dict[str, str], value: str) -> None:
    with pytest.raises(SettingsError, match="PASSWORD_HASH"):
        settings_from({**environment, "PASSWORD_HASH": value})


def test_real_people_s_passwords_are_never_kept_more_cheaply() -> None:
    with pytest.raises(SettingsError, match="cheaper"):
        _password_hash({"PASSWORD_HASH": "scrypt:512:8:1"}, is_production=True)
    assert _password_hash({"PASSWORD_HASH": "scrypt:65536:8:2"}, is_production=True) == "scrypt:65536:8:2"
    assert _password_hash({}, is_production=True) == "scrypt:32768:8:1"
