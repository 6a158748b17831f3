"""Idempotency-Key: the same key and body give the same answer and no second record."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from app.base.errors import Conflict, Malformed
from tests.fixtures.pages import letter

Api = Callable[..., Any]


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test has its own cases."""


def _invite(api: Api, graduate_ids: list[int], key: str | None, who: str = "employer1", **change: Any) -> Any:
    headers = {"Idempotency-Key": key} if key is not None else {}
    return api(who).post("/online_signing/", {**letter(), **change, "graduate_ids": graduate_ids}, headers=headers)


def _count(app: Flask) -> int:
    from sqlalchemy import text

    from app.base.database import session

    with app.app_context():
        return int(session.execute(text("SELECT count(*) FROM online_signings")).scalar_one())


def _graduate(actor_of: Callable[[str], Any], name: str) -> int:
    return int(actor_of(name).graduate_id)


def test_same_key_and_body_make_one_record(app: Flask, api: Api, actor_of: Callable[[str], Any]) -> None:
    ids = [_graduate(actor_of, "graduate1")]
    first = _invite(api, ids, "once")
    second = _invite(api, ids, "once")
    assert first.status_code == second.status_code == 201
    assert first.get_json() == second.get_json()
    assert _count(app) == 1


def test_same_key_with_another_body_is_refused(app: Flask, api: Api, actor_of: Callable[[str], Any]) -> None:
    _invite(api, [_graduate(actor_of, "graduate1")], "once")
    answer = _invite(api, [_graduate(actor_of, "graduate2")], "once")
    assert answer.status_code == 409
    assert answer.get_json()["code"] == "idempotency_key_reused"
    assert _count(app) == 1


def test_keys_of_two_accounts_are_apart(app: Flask, api: Api, actor_of: Callable[[str], Any]) -> None:
    ids = [_graduate(actor_of, "graduate1")]
    assert _invite(api, ids, "once").status_code == 201
    assert _invite(api, ids, "once", who="employer1b").status_code == 409  # the rule of R6.8, not the key
    assert _count(app) == 1


def test_refused_call_can_be_tried_again(app: Flask, api: Api, actor_of: Callable[[str], Any]) -> None:
    ids = [_graduate(actor_of, "graduate1")]
    assert _invite(api, ids, "once", valid_until="2001-01-01").status_code == 422
    assert _invite(api, ids, "once").status_code == 201
    assert _count(app) == 1


def test_event_happens_once(api: Api, actor_of: Callable[[str], Any], invite: Callable[..., list[int]]) -> None:
    (case_id,) = invite("graduate1")
    path, body, headers = f"/online_signing/{case_id}/withdraw", {"reason": "撤回"}, {"Idempotency-Key": "once"}
    first = api("employer1").post(path, body, headers=headers)
    again = api("employer1").post(path, body, headers=headers)
    assert first.status_code == again.status_code == 200
    assert first.get_json() == again.get_json()
    assert [step["event"] for step in again.get_json()["result"]["history"]] == ["invite", "withdraw"]
    assert api("employer1").post(path, {"reason": "另一个"}, headers=headers).status_code == 409
    assert api("employer1").post(path, body).status_code == 409  # without the key it is a second call


def test_bulk_call_happens_once_and_each_case_stands_alone(api: Api, invite: Callable[..., list[int]]) -> None:
    ids = invite("graduate1", "graduate2")
    assert api("graduate2").post(f"/online_signing/{ids[1]}/decline", {}).status_code == 200
    body, headers = {"ids": [*ids, 10**12], "reason": "撤回"}, {"Idempotency-Key": "once"}
    first, again = (api("employer1").post("/online_signing/bulk/withdraw", body, headers=headers) for _ in range(2))
    assert [one["ok"] for one in first.get_json()["result"]] == [True, False, False]
    assert first.get_json() == again.get_json()


def test_file_is_kept_once(api: Api) -> None:
    caller = api("graduate3")
    case_id = caller.post("/destination/", {"type": "11", "data": {}, "submit": False}).get_json()["id"]

    def send(seed: int) -> Any:
        picture = io.BytesIO()
        Image.new("L", (20, 20), seed).save(picture, "JPEG")
        picture.seek(0)
        form = {"kind": "labour_contract", "file": (picture, "photo.jpg")}
        headers = {"Idempotency-Key": "once"}
        return caller.post(f"/destination/{case_id}/attachments", data=form, headers=headers)

    first, again, other = send(1), send(1), send(2)
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 409), first.text
    assert first.get_json() == again.get_json()


@pytest.mark.parametrize("key", ["", "x" * 129, "a\tb", "键"])
def test_odd_key_is_malformed(key: str) -> None:
    from app.web.idempotency import checked_key

    with pytest.raises(Malformed):
        checked_key(key)


def test_two_at_once_make_one_record(app: Flask, actor_of: Callable[[str], Any]) -> None:
    """The second waits for the first and gets its answer."""
    from app.base.database import session
    from app.web.idempotency import once

    user_id = actor_of("employer1").user_id
    made, answers, start = [], [], threading.Barrier(6)

    def produce() -> tuple[int, dict[str, Any]]:
        made.append(1)
        return 201, {"id": len(made)}

    def call() -> None:
        with app.app_context():
            start.wait()
            answers.append(once(user_id, "race", b"same", produce))
            session.remove()

    threads = [threading.Thread(target=call) for _n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]
    assert answers == [(201, {"id": 1})] * 6


def test_old_keys_are_forgotten(app: Flask, actor_of: Callable[[str], Any]) -> None:
    from sqlalchemy import text

    from app.base.database import session, transaction
    from app.web.idempotency import forget_old_keys, once

    user_id = actor_of("employer1").user_id
    with app.app_context():
        once(user_id, "old", b"x", lambda: (201, {"n": 1}))
        once(user_id, "new", b"x", lambda: (201, {"n": 2}))
        with transaction():
            session.execute(
                text("UPDATE idempotency_keys SET created_at = now() - interval '3 days' WHERE key = 'old'")
            )
        assert forget_old_keys() == 1
        assert once(user_id, "new", b"x", lambda: (500, {}))[1] == {"n": 2}
        with pytest.raises(Conflict):
            once(user_id, "new", b"y", lambda: (500, {}))
