"""Nothing of a signing is reachable from outside its scope: every door, every role, with the real id (R1.7)."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from app.access.accounts import create_account, hash_password
from app.access.actors import SYSTEM
from app.base.database import session
from app.schools.queries import school_by_code
from tests.fixtures.application import PASSWORD
from tests.fixtures.application import Api as Caller
from tests.fixtures.outbox import drain_outbox
from tests.fixtures.pages import token
from tests.signing.stage import Stage, invite, user

EVENTS = ("accept", "decline", "withdraw", "abort", "approve", "reject", "edit_category", "void")
BODY = {"reason": "x", "reason_code": "9", "category": "21"}
DOORS = {"employer": "employer", "graduate": "graduate"}
# graduate1: department of dept10001a, an undergraduate of 北京大学
NAME, MASKED = "李婉昕", "410671********0042"


@pytest.fixture(scope="module")
def world(application: Flask, database: str, standin_service: Any) -> Iterator[dict[str, Any]]:
    """A signed case of graduate1 with its agreement, an invitation beside it, and an account for postgraduates only."""
    if standin_service.process is None:
        standin_service.start()
    with application.app_context():
        signed = Stage("employer1", "graduate1", "dept10001a", "school10001").bring("signed")
        other = invite(user("employer1"), user("graduate2"))
        school = school_by_code("10001")
        assert school is not None
        create_account(
            username="postgraduates",
            name="研究生院",
            kind="school",
            password_hash=hash_password(PASSWORD),
            modules={"employment": "rw"},
            level="postgraduate",
            school_id=school.id,
            province_id=school.province_id,
            actor=SYSTEM,
        )
        ids = {"signed": signed.id, "invited": other.id, "graduate": signed.graduate_id}
        session.remove()
    drain_outbox(application)
    with application.app_context():
        from app.documents.queries import document_of

        file = document_of("online_signing", ids["signed"], "agreement")
        assert file is not None
        session.remove()
        yield {**ids, "file": file.id}


FOREIGN = ("employer2", "school10002", "school10284", "dept10001b", "province32", "graduate3", "postgraduates")


@pytest.mark.parametrize("account", FOREIGN)
def test_api_knows_nothing_of_it(app: Flask, world: dict[str, Any], account: str) -> None:
    caller = Caller(app.test_client(), account, PASSWORD)
    for case_id in (world["signed"], world["invited"]):
        path = f"/online_signing/{case_id}"
        for inner in (path, f"{path}/document"):
            assert caller.get(inner).status_code == 404, inner
        for event in EVENTS:
            assert caller.post(f"{path}/{event}", BODY).status_code == 404, event
            bulk = caller.post(f"/online_signing/bulk/{event}", {"ids": [case_id], **BODY})
            assert bulk.status_code == 403 or [one["code"] for one in bulk.get_json()["result"]] == ["not_found"]
    assert caller.get(f"/attachments/{world['file']}").status_code == 404
    assert caller.get(f"/graduates/{world['graduate']}").status_code == 404
    for q in (
        "()",
        f"(filters:!((col:id,opr:eq,value:{world['signed']})))",
        f"(filters:!((col:graduate_name,opr:ct,value:{NAME})))",
    ):
        assert world["signed"] not in caller.get(f"/online_signing/?q={q}").get_json()["ids"]
    _check_export(caller)


def _check_export(caller: Caller) -> None:
    answer = caller.get("/online_signing/export")
    if answer.status_code == 403:
        return
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    answer.close()
    assert NAME not in str(rows)


@pytest.mark.parametrize("account", FOREIGN)
def test_pages_know_nothing_of_it(app: Flask, client: FlaskClient, world: dict[str, Any], account: str) -> None:
    door = next((door for start, door in DOORS.items() if account.startswith(start)), "school")
    form = {"username": account, "password": PASSWORD, "csrf_token": token(client.get(f"/login/{door}").text)}
    assert client.post(f"/login/{door}", data=form).status_code == 302
    data = {"csrf_token": token(client.get("/no/such/page").text), "rowid": world["signed"], **BODY}
    for path in _addresses(world["signed"]):
        assert client.get(path).status_code in (403, 404, 405), path
        assert NAME not in client.get(path).text
    for path in _presses(world["signed"]):
        answer = client.post(path, data=data)
        assert answer.status_code in (403, 404) or "没有" in answer.text, path
        assert NAME not in answer.text
    for path in ("/staff/online-signings/list/", f"/staff/online-signings/list/?_flt_0_graduate_name={NAME}"):
        assert MASKED not in client.get(path, follow_redirects=True).text


def _addresses(case_id: int) -> tuple[str, ...]:
    return (
        f"/agreements/online/{case_id}",
        f"/staff/online-signings/show/{case_id}",
        f"/employer/signings/{case_id}",
        f"/graduate/signing/{case_id}",
        f"/employer/invitations/new?again={case_id}",
    )


def _presses(case_id: int) -> tuple[str, ...]:
    return (
        *(f"/graduate/signing/{case_id}/{event}" for event in ("accept", "decline", "abort")),
        f"/employer/signings/{case_id}/withdraw",
        *(f"/staff/online-signings/decide/{case_id}/{event}" for event in ("approve", "reject", "void")),
        f"/staff/online-signings/action/void/{case_id}",
        "/staff/online-signings/action_post",
        "/staff/online-signings/fire/void",
    )


@pytest.mark.parametrize(
    "account", ["employer1", "employer1b", "graduate1", "dept10001a", "school10001", "province11", "operator"]
)
def test_those_concerned_find_it_through_the_same_addresses(
    app: Flask, world: dict[str, Any], api: Callable[..., Any], account: str
) -> None:
    """The counterpart: what is refused above is refused for the scope alone."""
    caller = api(account)
    assert caller.get(f"/online_signing/{world['signed']}").status_code == 200
    assert caller.get(f"/attachments/{world['file']}").status_code == 200
    assert caller.get(f"/online_signing/{world['signed']}/document").status_code == 200
    assert world["signed"] in caller.get("/online_signing/").get_json()["ids"]


def test_nothing_was_changed_by_all_that(api: Callable[..., Any], world: dict[str, Any]) -> None:
    states = {
        name: api("operator").get(f"/online_signing/{world[name]}").get_json()["result"]["state"]
        for name in ("signed", "invited")
    }
    assert states == {"signed": "signed", "invited": "invited"}
