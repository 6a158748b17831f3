"""与事实不符 over the API: who begins, who sees it when, what each outcome does to the record (R12.3)."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from app.access.actors import SYSTEM
from app.base.database import session
from app.roster.models import Claim, Graduate
from app.roster.services.graduates import set_roster_presence
from app.workflow import history
from app.workflow.models import OutboxMessage
from tests.destination.stage import Stage as Destination
from tests.house.promises import check_promises
from tests.household.stage import Stage as Household
from tests.objection.stage import EXPLAIN, FINDING, TEXT, object_to, signing
from tests.signing.stage import invite, user
from tests.termination.offline_stage import Desk
from tests.termination.stage import ask

Api = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("fresh_database", "app_context")


def _body(record: Any, **changes: Any) -> dict[str, Any]:
    return {"workflow": record.workflow_name, "case_id": record.id, "text": TEXT, **changes}


def _code(graduate: Any) -> str:
    sent = graduate.post("/me/code", {"workflow": "objection", "event": "start"})
    assert sent.status_code == 202, sent.get_json()
    return str(sent.get_json()["result"]["trial_code"])


def _begun(api: Api, record: Any) -> int:
    graduate = api("graduate1")
    answer = graduate.post("/objection/", _body(record, code=_code(graduate)))
    assert answer.status_code == 201, answer.get_json()
    return int(answer.get_json()["id"])


def test_a_graduate_objects_with_the_code(api: Api, no_phone: None) -> None:
    """Only with it; the history keeps the proof, and 以我的名义办理的事项 too."""
    record, graduate = signing_with_code(), api("graduate1")
    refused = graduate.post("/objection/", _body(record))
    assert (refused.status_code, set(refused.get_json()["errors"])) == (422, {"code"})
    number = _begun(api, record)
    case = graduate.get(f"/objection/{number}").get_json()["result"]
    assert (case["workflow"], case["state"], case["label"]) == ("objection", "open", "等待省级核实")
    assert case["data"] == _body(record)
    assert case["events"] == ["withdraw"]
    (step,) = case["history"]
    assert (step["event"], step["role"], step["reason"], step["proof"]["kind"]) == ("start", "graduate", TEXT, "sms")
    newest = graduate.get("/me/record").get_json()["result"][0]
    assert (newest["workflow"], newest["case_id"], newest["event"]) == ("objection", number, "start")


def signing_with_code() -> Any:
    """An invitation: no step of it needed a code."""
    return invite(user("employer1"), user("graduate1"))


def test_one_open_objection_a_record(api: Api) -> None:
    record = signing()
    first = _begun(api, record)
    graduate = api("graduate1")
    again = graduate.post("/objection/", _body(record))
    assert (again.status_code, again.get_json()["code"]) == (409, "already_objected")
    assert graduate.post(f"/objection/{first}/withdraw", {}).get_json()["result"]["state"] == "withdrawn"
    assert _begun(api, record) != first


def test_what_is_sent_is_checked(api: Api) -> None:
    record, graduate = signing(), api("graduate1")
    for change, field in (
        ({"workflow": "verification"}, "workflow"),
        ({"workflow": "objection"}, "workflow"),
        ({"workflow": None}, "workflow"),
        ({"case_id": "x"}, "case_id"),
        ({"case_id": True}, "case_id"),
        ({"text": "  "}, "text"),
        ({"text": "字" * 1001}, "text"),
    ):
        answer = graduate.post("/objection/", _body(record, **change))
        assert answer.status_code == 422, (change, answer.get_json())
        assert field in answer.get_json()["errors"], change
    assert graduate.post("/objection/", _body(record, case_id=999999)).status_code == 404
    assert graduate.post("/objection/", _body(record, case_id=0)).status_code == 404


def test_nobody_else_begins_or_sees_one(api: Api) -> None:
    """Another graduate, the unit, school and department of the record, a foreign school and province."""
    record = signing()
    assert api("graduate2").post("/objection/", _body(record)).status_code == 404
    for other in ("employer1", "dept10001a", "school10001", "province11", "operator"):
        assert api(other).post("/objection/", _body(record)).status_code == 403, other
    assert api("school10002").post("/objection/", _body(record)).status_code == 404
    number = _begun(api, record)
    strangers = ("graduate2", "employer1", "dept10001a", "school10001", "school10002", "province32")
    for other in strangers:
        assert api(other).get(f"/objection/{number}").status_code == 404, other
        assert api(other).post(f"/objection/{number}/uphold", FINDING).status_code == 404, other
        listed = api(other).get("/objection/")
        assert listed.status_code == 403 or listed.get_json()["count"] == 0, other
    assert api("dept10001a").get("/objection/").status_code == 403
    for event in ("inquire", "uphold", "dismiss", "explain"):
        assert api("graduate1").post(f"/objection/{number}/{event}", {}).status_code == 403, event
        assert api("operator").post(f"/objection/{number}/{event}", {}).status_code == 403, event
    assert api("province11").post(f"/objection/{number}/explain", EXPLAIN).status_code == 403
    assert api("province11").post(f"/objection/{number}/withdraw", {}).status_code == 403


def test_the_school_explains_with_papers_and_the_province_upholds(api: Api) -> None:
    record = signing()
    number = _begun(api, record)
    school, province, graduate = api("school10001"), api("province11"), api("graduate1")
    assert province.get("/objection/").get_json()["ids"] == [number]
    assert school.get("/objection/").get_json()["count"] == 0
    assert province.post(f"/objection/{number}/inquire", {}).get_json()["result"]["state"] == "inquiry"
    assert school.get(f"/objection/{number}").get_json()["result"]["label"] == "学校说明中"
    assert api("dept10001a").get(f"/objection/{number}").status_code == 404
    assert api("school10002").get(f"/objection/{number}").status_code == 404
    assert _attach(graduate, number).status_code == 403
    assert _attach(school, number).status_code == 201
    assert school.post(f"/objection/{number}/uphold", FINDING).status_code == 403
    assert school.post(f"/objection/{number}/explain", {}).status_code == 422
    answer = school.post(f"/objection/{number}/explain", EXPLAIN).get_json()["result"]
    assert (answer["state"], answer["history"][-1]["reason"]) == ("explained", EXPLAIN["text"])
    assert _attach(school, number).status_code == 409
    (paper,) = graduate.get(f"/objection/{number}").get_json()["result"]["attachments"]
    assert graduate.get(f"/attachments/{paper['id']}").status_code == 200
    assert api("dept10001a").get(f"/attachments/{paper['id']}").status_code == 404
    assert province.post(f"/objection/{number}/uphold", {}).status_code == 422
    done = province.post(f"/objection/{number}/uphold", FINDING).get_json()["result"]
    assert (done["state"], done["label"]) == ("upheld", "情况属实，原记录已作废")
    voided = graduate.get(f"/online_signing/{record.id}").get_json()["result"]
    assert (voided["state"], voided["history"][-1]["role"]) == ("voided", "system")
    assert voided["history"][-1]["reason"] == FINDING["reason"]
    assert session.scalar(select(Claim).where(Claim.graduate_id == record.graduate_id)) is None
    assert _last_report(record) == "70"
    assert {"graduate", "school", "employer"} <= _told("uphold")
    check_promises()


def _attach(who: Any, number: int) -> Any:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(content, "JPEG")
    content.seek(0)
    return who.post(f"/objection/{number}/attachments", data={"kind": "explanation", "file": (content, "说明.jpg")})


def _last_report(record: Any) -> str:
    query = select(OutboxMessage).where(OutboxMessage.kind == "ems").order_by(OutboxMessage.id.desc()).limit(1)
    message = session.scalars(query).one()
    assert message.payload["graduate_id"] == record.graduate_id
    return str(message.payload["destination"]["code"])


def _told(event: str) -> set[str]:
    session.rollback()
    rows = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "notice"))
    return {kind for row in rows if row.payload["event"] == event for kind in row.payload["to"]}


def test_what_is_dismissed_changes_nothing(api: Api) -> None:
    """The graduate is told; the school only if it was asked."""
    record = signing()
    number = _begun(api, record)
    assert api("province11").post(f"/objection/{number}/dismiss", FINDING).get_json()["result"]["label"] == "不成立"
    assert _told("dismiss") == {"graduate"}
    assert api("school10001").get(f"/objection/{number}").status_code == 404
    second = _begun(api, record)
    assert api("province11").post(f"/objection/{second}/inquire", {}).status_code == 200
    assert api("province11").post(f"/objection/{second}/dismiss", FINDING).status_code == 200
    assert _told("dismiss") == {"graduate", "school"}
    assert api("school10001").get(f"/objection/{second}").status_code == 200
    assert api("graduate1").get(f"/online_signing/{record.id}").get_json()["result"]["state"] == "signed"
    again = api("province11").post(f"/objection/{second}/uphold", FINDING)
    assert (again.status_code, again.get_json()["code"]) == (409, "wrong_state")


@pytest.mark.parametrize(("state", "after"), [("dept_review", "voided"), ("approved", "voided"), ("draft", "draft")])
def test_a_destination_that_binds_is_voided(api: Api, state: str, after: str) -> None:
    """Of what binds nobody the finding stands in both histories."""
    record = Destination().bring(state)
    number = _begun(api, record)
    assert api("province11").post(f"/objection/{number}/uphold", FINDING).status_code == 200
    session.rollback()
    session.refresh(record)
    last = history.of_case("destination", record.id)[-1]
    assert (record.state, last.event, last.to_state, last.detail) == (after, "uphold", after, {"objection": number})
    check_promises()


def test_of_an_archive_the_finding_stands_in_both_histories(api: Api) -> None:
    record = Household("archive").bring("approved")
    number = _begun(api, record)
    assert api("province11").post(f"/objection/{number}/uphold", FINDING).status_code == 200
    session.rollback()
    told = history.of_case("archive", record.id)[-1]
    assert (told.event, told.to_state, told.reason) == ("uphold", "approved", FINDING["reason"])
    assert history.of_case("objection", number)[-1].to_state == "upheld"


def test_a_termination_in_progress_ends(api: Api) -> None:
    record = signing()
    application = ask(record, user("employer1"))
    number = _begun(api, record)
    assert api("province11").post(f"/objection/{number}/uphold", FINDING).status_code == 200
    session.rollback()
    for one in (application, record):
        session.refresh(one)
    assert (application.state, record.state, record.termination) == ("withdrawn", "voided", None)


def test_who_was_removed_may_object_too(api: Api) -> None:
    """The record is invalid and says so; the objection is not, and is answered."""
    record = signing()
    set_roster_presence(record.graduate_id, present=False, actor=SYSTEM)
    number = _begun(api, record)
    assert api("province11").post(f"/objection/{number}/inquire", {}).status_code == 200
    assert api("school10001").post(f"/objection/{number}/explain", EXPLAIN).status_code == 200
    assert api("province11").post(f"/objection/{number}/uphold", FINDING).status_code == 200
    session.rollback()
    session.refresh(record)
    assert record.state == "voided"
    graduate = session.get_one(Graduate, record.graduate_id)
    assert graduate.invalid_since is not None


def test_a_removal_leaves_an_objection_under_way(api: Api) -> None:
    case = object_to(signing())
    set_roster_presence(case.graduate_id, present=False, actor=SYSTEM)
    session.refresh(case)
    assert case.invalid_since is None
    assert api("graduate1").post(f"/objection/{case.id}/withdraw", {}).status_code == 200


def test_everybody_reads_what_they_have_to(api: Api, drain: Callable[..., int]) -> None:
    """Notices arrive in the inboxes in words."""
    record = signing()
    number = _begun(api, record)
    drain()
    assert "与事实不符" in _inbox(api("province11"), "start")
    assert not _inbox(api("school10001"), "start")
    api("province11").post(f"/objection/{number}/inquire", {})
    api("school10001").post(f"/objection/{number}/explain", EXPLAIN)
    drain()
    assert "说明" in _inbox(api("school10001"), "inquire")
    assert EXPLAIN["text"].rstrip("。") in _inbox(api("province11"), "explain")
    api("province11").post(f"/objection/{number}/uphold", FINDING)
    drain()
    for who in ("graduate1", "school10001", "employer1"):
        assert "情况属实" in _inbox(api(who), "uphold"), who


def _inbox(reader: Any, event: str) -> str:
    rows = reader.get("/notifications/").get_json()["result"]
    return next((row["text"] for row in rows if row["event"] == event), "")


@pytest.mark.parametrize("state", ["dept_review", "school_review", "returned"])
def test_an_application_on_paper_lapses_with_its_agreement(api: Api, state: str, drain: Callable[..., int]) -> None:
    """W5 in progress, of a signing on paper that the province finds untrue: over, its history says why, nothing hangs."""
    desk = Desk("graduate1", "school10001", "dept10001a")
    record = desk.registered()
    application = desk.bring(state, record)
    number = _begun(api, record)
    assert api("province11").post(f"/objection/{number}/uphold", FINDING).status_code == 200
    session.rollback()
    for one in (application, record):
        session.refresh(one)
    assert (application.state, record.state) == ("rejected", "voided")
    last = history.of_case("offline_termination", application.id)[-1]
    assert (last.event, last.role, last.reason) == ("lapse", "system", FINDING["reason"])
    answer = api("school10001").post(f"/offline_termination/{application.id}/approve", {"settlement": "mutual"})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "wrong_state")
    shown = api("graduate1").get(f"/offline_termination/{application.id}").get_json()["result"]
    assert (shown["state"], shown["events"]) == ("rejected", [])
    drain()
    titles = " ".join(one["title"] for one in api("graduate1").get("/notifications/").get_json()["result"])
    assert titles
    check_promises()
