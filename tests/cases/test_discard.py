"""Drafts are thrown away by their author, files and all, as long as nobody else has seen them; the history says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access.audit import AuditLine
from app.base.database import session
from app.cases import attachments
from app.cases.services import has_drafts
from app.documents.models import StoredFile
from app.trail import verifying
from app.workflow import history, registry
from app.workflow.stages import Stage
from tests.destination.stage import Stage as Destination
from tests.house.promises import check_promises
from tests.household.stage import Stage as Household
from tests.notices.browser import logged_in
from tests.objection.stage import object_to
from tests.signing.paper.stage import application, registration
from tests.signing.stage import user
from tests.termination.offline_stage import Desk, photo

Api = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("fresh_database", "app_context")
WITH_DRAFTS = ("offline_signing", "supplementary", "offline_termination", "destination", "archive", "hukou")


def _draft(api: Api, name: str) -> Any:
    """A draft of graduate1 in this workflow."""
    if name == "offline_termination":
        desk = Desk("graduate1", "school10001", "dept10001a")
        return desk.draft(desk.registered())
    if name == "destination":
        return Destination("graduate1", "dept10001a", "school10001").bring("draft")
    if name in ("archive", "hukou"):
        return Household(name).bring("draft")
    body = application() if name == "offline_signing" else registration()
    answer = api("graduate1").post(f"/{name}/", {**body, "submit": False})
    return session.get_one(registry.get(name).model, answer.get_json()["id"])


def test_the_list_of_workflows_with_drafts_is_whole() -> None:
    drafts = {table.name for table in registry.all_workflows() if table.states_in(Stage.DRAFT)}
    assert drafts == {*WITH_DRAFTS, "verification"}, "a unit's verification is begun once and goes on"
    assert not has_drafts(registry.get("verification"))


@pytest.mark.parametrize("name", WITH_DRAFTS)
def test_a_draft_goes_with_its_files_and_its_history_ends(api: Api, name: str) -> None:
    case, me = _draft(api, name), api("graduate1")
    number, files = case.id, attachments.takes_files(name) and name != "offline_signing"  # which takes none so early
    if files:
        attachments.attach_file(name, number, attachments.kinds_of(case)[0].name, photo(), actor=user("graduate1"))
    for stranger in ("graduate2", "school10001", "employer1", "operator"):
        assert api(stranger).delete(f"/{name}/{number}").status_code in (403, 404), stranger
    answer = me.delete(f"/{name}/{number}")
    assert answer.status_code == 200, answer.get_json()
    assert me.get(f"/{name}/{number}").status_code == 404
    assert me.delete(f"/{name}/{number}").status_code == 404
    session.rollback()
    last = history.of_case(name, number)[-1]
    assert (last.event, last.from_state, last.to_state, last.role) == ("discard", "draft", "discarded", "graduate")
    left = select(func.count()).where(StoredFile.workflow == name, StoredFile.case_id == number)
    assert session.scalar(left) == 0
    line = session.scalars(select(AuditLine).where(AuditLine.action == "discard")).one()
    assert (line.actor, line.subject) == ("graduate1", f"{name} {number}")
    assert not list(verifying.findings())
    check_promises()


def test_what_others_have_seen_stays(api: Api) -> None:
    stage = Destination("graduate1", "dept10001a", "school10001")
    me, case = api("graduate1"), stage.bring("dept_review")
    refused = me.delete(f"/destination/{case.id}")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "wrong_state")
    assert me.post(f"/destination/{case.id}/withdraw", {}).status_code == 200
    refused = me.delete(f"/destination/{case.id}")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "handed_in")


def test_a_draft_that_was_objected_to_stays(api: Api) -> None:
    case = Destination("graduate1", "dept10001a", "school10001").bring("draft")
    object_to(case)
    refused = api("graduate1").delete(f"/destination/{case.id}")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "objected")


@pytest.mark.parametrize("name", WITH_DRAFTS)
def test_the_page_offers_it_and_leads_home(app_context: Flask, api: Api, name: str) -> None:
    from app.web.links import record_url

    number = _draft(api, name).id
    with app_context.test_request_context():
        place = record_url(name, number, "graduate")
    browser = logged_in(app_context, "graduate1")
    page = browser.get(place, follow_redirects=True).text
    address = f"/graduate/cases/{name}/{number}/discard"
    assert address in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    done = browser.post(address, data={"csrf_token": token[1]}, follow_redirects=True)
    assert "草稿已删除" in done.text
    assert api("graduate1").get(f"/{name}/{number}").status_code == 404
