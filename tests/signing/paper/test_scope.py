"""Nothing of a signing on paper is reachable from outside its scope; units reach none at all (R1.7)."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from app.access.actors import SYSTEM
from app.base.database import session
from app.cases.services import edit_case
from app.roster.services.graduates import set_roster_presence
from app.workflow import registry
from tests.fixtures.outbox import drain_outbox
from tests.signing.paper.stage import REJECT, RETURN, UNIT, VOID, PaperStage, application, picture

FOREIGN = ("employer1", "employer2", "school10002", "school10284", "dept10001b", "province32", "graduate3")
CONCERNED = ("graduate1", "dept10001a", "school10001", "province11", "operator")
BODY = {**RETURN, **REJECT, **VOID, "category": "21"}


@pytest.fixture(scope="module")
def world(application: Flask, database: str, standin_service: Any) -> dict[str, Any]:
    """A signed W2 of graduate1 with paper and stamped copy, and a draft of W3."""
    if standin_service.process is None:
        standin_service.start()
    with application.app_context():
        signed = PaperStage().offline("signed")
        draft = PaperStage().supplementary("draft")
        ids = {"offline_signing": signed.id, "supplementary": draft.id}
        session.remove()
    drain_outbox(application)
    with application.app_context():
        from sqlalchemy import select

        from app.documents.models import StoredFile

        files = list(session.scalars(select(StoredFile.id)))
        assert len(files) == 3
        session.remove()
    return {**ids, "files": files}


@pytest.mark.parametrize("workflow", ["offline_signing", "supplementary"])
@pytest.mark.parametrize("account", FOREIGN)
def test_strangers_find_nothing(api: Callable[..., Any], world: dict[str, Any], account: str, workflow: str) -> None:
    caller, path = api(account), f"/{workflow}/{world[workflow]}"
    assert caller.get(path).status_code == 404
    assert caller.put(path, application()).status_code == 404
    data = {"kind": "statement", "file": (io.BytesIO(picture()), "a.jpg")}
    assert caller.post(f"{path}/attachments", data=data, content_type="multipart/form-data").status_code == 404
    for event in dict.fromkeys(row.event for row in registry.get(workflow).transitions):
        assert caller.post(f"{path}/{event}", BODY).status_code == 404, event
        bulk = caller.post(f"/{workflow}/bulk/{event}", {"ids": [world[workflow]], **BODY})
        assert bulk.status_code == 403 or [one["code"] for one in bulk.get_json()["result"]] == ["not_found"]
    if workflow == "offline_signing":
        assert caller.get(f"{path}/document").status_code == 404
        assert caller.post(f"{path}/upload_link", {}).status_code == 404
        assert caller.delete(f"{path}/upload_link").status_code == 404
    for file in world["files"]:
        assert caller.get(f"/attachments/{file}").status_code == 404
    listed = caller.get(f"/{workflow}/")
    assert listed.status_code == 403 or listed.get_json()["count"] == 0
    sheet = caller.get(f"/{workflow}/export")
    if sheet.status_code == 200:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet.data)).get_sheet_by_index(0).to_python()
        assert UNIT["name"] not in str(rows)


@pytest.mark.parametrize("account", CONCERNED)
def test_those_concerned_find_everything(api: Callable[..., Any], world: dict[str, Any], account: str) -> None:
    caller = api(account)
    for workflow in ("offline_signing", "supplementary"):
        found = caller.get(f"/{workflow}/{world[workflow]}")
        assert found.status_code == 200
        assert found.get_json()["result"]["employer"]["name"] == UNIT["name"]
        assert caller.get(f"/{workflow}/").get_json()["count"] == 1
    assert caller.get(f"/offline_signing/{world['offline_signing']}/document").data[:5] == b"%PDF-"
    for file in world["files"]:
        assert caller.get(f"/attachments/{file}").status_code == 200


def test_a_unit_of_the_same_credit_code_finds_nothing(
    fresh_database: str, app_context: Flask, api: Callable[..., Any]
) -> None:
    """Offline and supplementary cases are in no employer's scope, whoever's code was typed."""
    from app.employers.models import Employer
    from tests.signing.stage import user

    unit = session.get_one(Employer, user("employer1").employer_id)
    stage = PaperStage("graduate2")
    case = stage.supplementary("draft")
    body = application(employer={**UNIT, "uscc": unit.uscc, "name": unit.name})
    edit_case("supplementary", case.id, {**body, "signed_on": "2026-11-01"}, actor=stage.graduate)
    stage.fire(case, "submit", "graduate")
    assert case.employer_id is None
    assert api("employer1").get(f"/supplementary/{case.id}").status_code == 404
    assert api("employer1").get("/supplementary/").status_code == 403


@pytest.mark.parametrize("workflow", ["offline_signing", "supplementary"])
def test_removed_graduate_reads_but_changes_nothing(
    fresh_database: str, app_context: Flask, api: Callable[..., Any], workflow: str
) -> None:
    """失效: the state is kept, every event is refused, restoring brings all of it back (R4.7, R4.8)."""
    stage = PaperStage("graduate2")
    case = stage.bring(workflow, "draft")
    path = f"/{workflow}/{case.id}"
    set_roster_presence(case.graduate_id, present=False, actor=SYSTEM)
    caller = api("graduate2")
    assert caller.get(path).get_json()["result"]["events"] == []
    for answer in (
        caller.post(f"{path}/submit"),
        caller.put(path, application()),
        caller.post(f"/{workflow}/", application()),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (409, "invalid")
    data = {"kind": "statement", "file": (io.BytesIO(picture()), "a.jpg")}
    file = caller.post(f"{path}/attachments", data=data, content_type="multipart/form-data")
    assert file.status_code == 409
    set_roster_presence(case.graduate_id, present=True, actor=SYSTEM)
    assert caller.post(f"{path}/submit").status_code == 200
