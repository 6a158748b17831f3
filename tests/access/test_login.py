"""Log-in at both doors: one service, only failures count, nobody learns which name exists."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access import services, throttle
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


def test_five_failures_lock_the_account_for_a_quarter_of_an_hour() -> None:
    _fail(5)
    with pytest.raises(Throttled) as refused:
        authenticate("school10001", PASSWORD, ip="10.9.9.9", door="school")
    assert 890 <= refused.value.retry_after <= 900
    assert authenticate("school10002", PASSWORD, ip="10.0.0.1", door="school")


def test_lock_ends_by_itself(servers: Servers) -> None:
    _fail(5)
    with servers.valkey.connect() as client:
        for key in client.keys("login:account:*"):
            if client.type(key) == b"zset":  # as if a quarter of an hour had passed
                for mark, at in client.zrange(key, 0, -1, withscores=True):
                    client.zadd(key, {mark: at - 901})
            else:
                client.delete(key)
    assert authenticate("school10001", PASSWORD, ip="10.0.0.1", door="school")


def test_success_forgets_earlier_failures() -> None:
    for _round in range(3):
        _fail(4)
        assert authenticate("school10001", PASSWORD, ip="10.0.0.1", door="school")


def test_only_failures_count_for_an_address() -> None:
    for number in range(60):
        assert authenticate("operator", PASSWORD, ip="10.0.0.7", door="school"), number


def test_fifty_failures_close_the_address() -> None:
    for number in range(50):
        one, wait = throttle.begin(throttle.ADDRESS, "10.0.0.8")
        assert one is not None, (number, wait)
    with pytest.raises(Throttled) as refused:
        authenticate("operator", PASSWORD, ip="10.0.0.8", door="school")
    assert 500 <= refused.value.retry_after <= 600
    assert authenticate("operator", PASSWORD, ip="10.0.0.9", door="school")


def test_refused_tries_are_not_counted_on() -> None:
    _fail(5)
    for _try in range(60):
        with pytest.raises(Throttled):
            authenticate("school10001", PASSWORD, ip="10.0.0.1", door="school")
    assert authenticate("school10002", PASSWORD, ip="10.0.0.1", door="school")


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
    assert results.count("Throttled") == 7


@pytest.mark.parametrize("username", ["nobody", "", "   ", "school10001\x00", "x" * 10_000, "school10001' OR '1'='1"])
def test_unknown_name_looks_like_a_wrong_password(username: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        authenticate(username, "wrong", ip="10.0.0.2", door="school")
    assert refused.value.code == "wrong_credentials"


def test_unknown_name_takes_as_long_as_a_known_one() -> None:
    def seconds(username: str) -> float:
        best = 9.0
        for number in range(3):
            start = time.perf_counter()
            with pytest.raises(Unauthenticated):
                authenticate(username, "wrong", ip=f"10.0.3.{number}", door="school")
            best = min(best, time.perf_counter() - start)
        return best

    services._decoy()
    known, unknown = seconds("school10001"), seconds("nobody-at-all")
    assert 0.5 < known / unknown < 2


def test_unknown_name_is_locked_as_well() -> None:
    _fail(5, username="nobody")
    with pytest.raises(Throttled):
        authenticate("nobody", "wrong", ip="10.0.0.3", door="school")


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
    with pytest.raises(Throttled):
        authenticate("school10001", PASSWORD, ip="10.0.0.1", door="school")


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
