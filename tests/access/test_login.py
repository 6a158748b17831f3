"""Log-in at both doors: one service, only failures count, nobody learns which name exists."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access import attempts, services
from app.access.attempts import Attempt, Held
from app.access.services import WrongDoor, authenticate
from app.base.errors import Throttled, Unauthenticated
from tests.fixtures.application import PASSWORD
from tests.fixtures.servers import Servers


@pytest.fixture(autouse=True)
def _no_counts(app_context: Flask, servers: Servers) -> None:
    """Counters start at nothing."""
    with servers.valkey.connect() as client:
        client.flushall()


def _fail(times: int, username: str = "school10001", ip: str = "10.0.0.1") -> None:
    for _try in range(times):
        with pytest.raises(Unauthenticated):
            authenticate(username, "wrong", ip=ip, door="school")


def test_right_password_opens_the_own_door() -> None:
    assert authenticate("school10001", PASSWORD, ip="10.0.0.1", door="school").kind == "school"
    assert authenticate(" graduate1 ", PASSWORD, ip="10.0.0.1", door="graduate").kind == "graduate"
    assert authenticate("employer1", PASSWORD, ip=None, door="api").kind == "employer"


@pytest.mark.parametrize(
    ("username", "door", "right"),
    [
        ("employer1", "school", "employer"),
        ("graduate1", "employer", "graduate"),
        ("dept10001a", "graduate", "school"),
        ("province11", "employer", "school"),
        ("operator", "graduate", "school"),
    ],
)
def test_wrong_door_is_told_which_is_right(username: str, door: str, right: str) -> None:
    with pytest.raises(WrongDoor) as refused:
        authenticate(username, PASSWORD, ip="10.0.0.1", door=door)
    assert refused.value.door == right


def _wait_over(servers: Servers, seconds: float = 31) -> None:
    """As if so long had passed since the last failure."""
    with servers.valkey.connect() as client:
        for key in client.keys("login:row:*"):
            for place, value in client.hgetall(key).items():
                number, _bar, at = value.decode().partition("|")
                if at:
                    client.hset(key, place, f"{number}|{float(at) - seconds}")


def _held(username: str = "school10001", password: str = PASSWORD, ip: str = "10.0.0.1", **more: Any) -> Held:
    with pytest.raises(Held) as refused:
        authenticate(username, password, ip=ip, door="school", **more)
    return refused.value


def test_failures_in_a_row_have_to_wait_longer_and_longer_but_never_long(servers: Servers) -> None:
    _fail(5)
    waits = []
    for _round in range(6):
        waits.append(_held().retry_after)
        _wait_over(servers)
        _fail(1)
    assert waits == [2, 4, 8, 16, 30, 30]


def test_right_password_gets_in_after_the_wait(servers: Servers) -> None:
    _fail(5)
    _wait_over(servers, _held().retry_after)
    assert authenticate("school10001", PASSWORD, ip="10.0.0.1", door="school")
    _fail(5)  # the row has begun anew


def test_a_strangers_tries_hold_up_nobody_who_comes_from_elsewhere(servers: Servers) -> None:
    _guess(servers, 20)
    assert _held().values["challenge"]
    assert authenticate("school10001", PASSWORD, ip="10.9.9.9", door="school")
    assert authenticate("school10002", PASSWORD, ip="10.0.0.1", door="school")  # nor others behind the same address


def _guess(servers: Servers, times: int) -> None:
    for _try in range(times):
        _fail(1)
        _wait_over(servers)


def test_twenty_in_a_row_and_then_only_past_a_question(servers: Servers) -> None:
    _guess(servers, 20)
    for answer in (None, "12", {"id": "x", "answer": "1"}, {"id": _held().values["challenge"]["id"], "answer": "0"}):
        assert _held(challenge=answer).code == "throttled"
    asked = _held().values["challenge"]
    first, second = asked["question"].removesuffix(" = ?").split(" + ")
    right = {"id": asked["id"], "answer": str(int(first) + int(second))}
    assert authenticate("school10001", PASSWORD, ip="10.0.0.1", door="school", challenge=right)
    _guess(servers, 20)
    assert _held(challenge=right)  # a question is answered once


def test_known_device_is_not_held_up_by_others(servers: Servers) -> None:
    from app.access import devices
    from app.access.accounts import account_named

    account = account_named("school10001")
    assert account is not None
    devices.note_device(account, cookie="own", ip="10.0.0.1", agent="a")
    _guess(servers, 20)
    assert authenticate("school10001", PASSWORD, ip="10.0.0.1", door="school", device="own")
    assert _held(device="another's").values["challenge"]


def test_five_thousand_behind_one_address_log_in_during_an_attack(servers: Servers) -> None:
    """An attacker among them guesses at everybody: each of the others is let in at the first try."""
    for number in range(5000):
        for _try in range(2):
            attempts.begin(Attempt(f"student{number}", "10.0.0.5"))
    own = [attempts.begin(Attempt(f"other{number}", "10.0.0.5")) for number in range(5000)]
    for one in own:
        attempts.succeed(one)
    for name in ("graduate1", "graduate2", "graduate7"):
        assert authenticate(name, PASSWORD, ip="10.0.0.5", door="graduate")


def test_hot_address_slows_guessing_down_sooner(servers: Servers) -> None:
    for number in range(50):
        attempts.begin(Attempt(f"student{number}", "10.0.0.6"))
    _fail(2, ip="10.0.0.6")
    assert _held(ip="10.0.0.6").retry_after <= 2


def test_guessing_from_everywhere_asks_strangers_a_question() -> None:
    for number in range(200):
        attempts.begin(Attempt("spread", f"10.1.0.{number}"))
    with pytest.raises(Held) as refused:
        attempts.begin(Attempt("spread", "10.2.0.1"))
    assert refused.value.values["challenge"]
    assert attempts.begin(Attempt("spread", "10.2.0.1", device="known"))


@pytest.mark.parametrize("number", ["{} {} {}", " {}{}{} ", "{}\u3000{}{}"])
def test_log_in_takes_the_spellings_of_an_id_number(number: str) -> None:
    from app.access.accounts import account_named, create_account, hash_password
    from app.access.actors import SYSTEM
    from app.base.crypto import blind_index

    plain = "11010119900307123X"
    if account_named("spelt") is None:
        create_account(
            username="spelt",
            name="测",
            kind="graduate",
            password_hash=hash_password(PASSWORD),
            actor=SYSTEM,
            person=blind_index(plain),
        )
    typed = number.format(plain[:6], plain[6:14], plain[14:].lower())
    wide = "".join(chr(ord(sign) + 0xFEE0) if sign.isalnum() else sign for sign in typed)
    for text in (typed, wide):
        assert authenticate(text, PASSWORD, ip="10.0.0.1", door="graduate").user.username == "spelt"


def test_success_forgets_earlier_failures() -> None:
    for _round in range(3):
        _fail(4)
        assert authenticate("school10001", PASSWORD, ip="10.0.0.1", door="school")


def test_only_failures_count_for_an_address() -> None:
    for number in range(60):
        assert authenticate("operator", PASSWORD, ip="10.0.0.7", door="school"), number


def test_many_tries_at_once_cannot_slip_past_the_count(app: Flask) -> None:
    import threading

    results: list[str] = []

    def attempt() -> None:
        with app.app_context():
            try:
                authenticate("school10284", "wrong", ip="10.0.1.1", door="school")
            except (Unauthenticated, Throttled) as error:
                results.append(type(error).__name__)

    threads = [threading.Thread(target=attempt) for _n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results.count("Unauthenticated") == 5
    assert results.count("Held") == 7


@pytest.mark.parametrize("username", ["nobody", "", "   ", "school10001\x00", "x" * 10_000, "school10001' OR '1'='1"])
def test_unknown_name_looks_like_a_wrong_password(username: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        authenticate(username, "wrong", ip="10.0.0.2", door="school")
    assert refused.value.code == "wrong_credentials"


def test_unknown_name_costs_as_much_as_a_known_one() -> None:
    def seconds(username: str) -> float:
        best = 9.0
        for number in range(3):
            start = time.thread_time()
            with pytest.raises(Unauthenticated):
                authenticate(username, "wrong", ip=f"10.0.3.{number}", door="school")
            best = min(best, time.thread_time() - start)
        return best

    services._decoy()
    known, unknown = seconds("school10001"), seconds("nobody-at-all")
    assert 0.5 < known / unknown < 2


def test_unknown_name_is_held_up_as_well() -> None:
    _fail(5, username="nobody")
    assert _held("nobody")


def test_switched_off_account_looks_like_a_wrong_password() -> None:
    from sqlalchemy import text

    from app.base.database import session

    session.execute(text("UPDATE ab_user SET active = false WHERE username = 'dept10001b'"))
    session.commit()
    with pytest.raises(Unauthenticated):
        authenticate("dept10001b", PASSWORD, ip="10.0.0.4", door="school")


def test_api_counts_with_the_browser(client: FlaskClient) -> None:
    body = {"username": "school10001", "password": "wrong", "provider": "db"}
    for _try in range(5):
        assert client.post("/api/v1/security/login", json=body).status_code == 401
    refused = client.post("/api/v1/security/login", json={**body, "password": PASSWORD})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.get_json()["code"] == "throttled"
    assert _held(ip="127.0.0.1")


@pytest.mark.parametrize(
    "body",
    [{}, {"username": "x"}, {"username": 1, "password": 2}, {"username": "x", "password": None}, {"username": []}],
)
def test_api_log_in_checks_its_fields(client: FlaskClient, body: dict[str, Any]) -> None:
    answer = client.post("/api/v1/security/login", json=body)
    assert answer.status_code == 422
    assert answer.get_json()["errors"]


def test_api_log_in_gives_both_tokens(client: FlaskClient) -> None:
    body = {"username": "employer1", "password": PASSWORD, "provider": "db", "refresh": True}
    tokens = client.post("/api/v1/security/login", json=body).get_json()
    refreshed = client.post("/api/v1/security/refresh", headers={"Authorization": f"Bearer {tokens['refresh_token']}"})
    assert refreshed.status_code == 200
    new = {"Authorization": f"Bearer {refreshed.get_json()['access_token']}"}
    assert client.get("/api/v1/online_signing/", headers=new).status_code == 200
    wrong = {"Authorization": f"Bearer {tokens['refresh_token']}"}
    assert client.get("/api/v1/online_signing/", headers=wrong).status_code == 401
    access = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert client.post("/api/v1/security/refresh", headers=access).status_code == 401
    assert client.post("/api/v1/security/refresh").status_code == 401


def test_without_redis_nobody_logs_in_and_work_goes_on(
    client: FlaskClient, api: Callable[..., Any], change_settings: Callable[..., None]
) -> None:
    """Unlimited guessing would be worse; whoever is logged in notices nothing."""
    caller = api("employer1")
    change_settings(redis_url="redis://127.0.0.1:1/0")
    body = {"username": "employer1", "password": PASSWORD, "provider": "db"}
    answer = client.post("/api/v1/security/login", json=body)
    assert answer.status_code == 503
    assert answer.get_json()["code"] == "unavailable"
    assert caller.get("/online_signing/").status_code == 200


def test_unlocking_lets_in_at_once(actor_of: Callable[[str], Any]) -> None:
    from app.access.accounts import account_named

    _fail(5)
    account = account_named("school10001")
    assert account is not None
    services.unlock_account(account, actor=actor_of("operator"))
    assert authenticate("school10001", PASSWORD, ip="10.0.0.1", door="school")
