"""离校确认 over the API: begun in the school's days, confirmed with a code, opened again when something changes (B2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app.access.actors import SYSTEM
from app.base import clock
from app.base.cohorts import current_cohort
from app.base.database import session
from app.destination.models import Destination as Record
from app.leaving.models import LeavingSheet
from app.roster.services.graduates import set_roster_presence
from app.workflow import engine
from tests.household.stage import Stage as Household
from tests.leaving.stage import ANSWER, REPORT, begin, close_window, confirmed, fire, now, open_window, registered
from tests.objection.stage import FINDING, object_to, signing
from tests.signing.stage import user

Api = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("fresh_database", "app_context")
CHECK = re.compile(r"[0-9A-HJKMNP-TV-Z]{16}")


def _refused(answer: Any, code: str) -> None:
    assert (answer.status_code, answer.get_json()["code"]) == (409, code)


def _case(api: Api, number: int, who: str = "graduate1") -> dict[str, Any]:
    return dict(api(who).get(f"/leaving/{number}").get_json()["result"])


def test_it_begins_in_the_days_of_the_school_once(api: Api) -> None:
    graduate = api("graduate1")
    _refused(graduate.post("/leaving/", {}), "not_open")
    open_window(first=1)
    _refused(graduate.post("/leaving/", {}), "not_open")
    open_window()
    registered("archive")
    answer = graduate.post("/leaving/", {})
    assert answer.status_code == 201, answer.get_json()
    case = answer.get_json()["result"]
    assert (case["state"], case["label"], case["number"]) == ("open", "待离校确认", None)
    assert set(case["events"]) == {"confirm", "report"}
    _refused(graduate.post("/leaving/", {}), "already_begun")
    for who in ("school10001", "department", "employer1", "province11", "operator"):
        who = "dept10001a" if who == "department" else who
        assert api(who).post("/leaving/", {}).status_code == 403


def test_what_is_registered_is_shown_as_it_is_now(api: Api) -> None:
    open_window()
    case = begin()
    assert _case(api, case.id)["data"] == {
        "registered": {"destination": None, "archive": None, "hukou": None},
        "transfer_number": None,
    }
    found = registered("archive", "hukou")
    told = _case(api, case.id)["data"]["registered"]
    assert told["destination"]["workflow"] == "destination"
    assert (told["destination"]["case_id"], told["destination"]["code"]) == (found.id, "11")
    assert told["destination"]["label"]
    assert told["destination"]["employer"] == found.record["employer"]
    assert told["archive"]["receiver"] == "杭州市人才管理服务中心"
    assert told["hukou"]["transfer_type"] == "3"
    for who in ("dept10001a", "school10001", "province11", "operator"):
        assert _case(api, case.id, who)["data"]["registered"] == told
    listed = api("school10001").get("/leaving/").get_json()["result"]
    assert [one["data"]["registered"] for one in listed] == [told]
    for who in ("graduate2", "dept10001b", "school10002", "employer1"):
        assert api(who).get(f"/leaving/{case.id}").status_code in (403, 404)


def test_a_signing_counts_as_well(api: Api) -> None:
    open_window()
    record = signing()
    told = _case(api, begin().id)["data"]["registered"]["destination"]
    assert (told["workflow"], told["case_id"], told["code"]) == ("online_signing", record.id, "10")
    assert told["employer"] == record.employer.name


def test_it_is_confirmed_with_the_code(api: Api, request: pytest.FixtureRequest) -> None:
    open_window()
    registered("archive")
    case, graduate = begin(), api("graduate1")
    request.getfixturevalue("no_phone")
    refused = graduate.post(f"/leaving/{case.id}/confirm", {})
    assert (refused.status_code, set(refused.get_json()["errors"])) == (422, {"code"})
    sent = graduate.post("/me/code", {"workflow": "leaving", "event": "confirm", "id": case.id}).get_json()["result"]
    answer = graduate.post(f"/leaving/{case.id}/confirm", {"code": sent["trial_code"]})
    assert answer.status_code == 200, answer.get_json()
    told = answer.get_json()["result"]
    assert (told["state"], told["label"]) == ("confirmed", "已离校确认")
    assert CHECK.fullmatch(told["number"])
    assert re.fullmatch(rf"ZD{current_cohort()}10001[0-9]{{7}}", told["data"]["transfer_number"])
    assert told["history"][-1]["proof"]["kind"] == "sms"


def test_without_an_archive_there_is_no_transfer_number(api: Api) -> None:
    assert _case(api, confirmed().id)["data"]["transfer_number"] is None


def test_nothing_is_confirmed_that_is_not_there_or_not_settled(api: Api) -> None:
    open_window()
    graduate, case = api("graduate1"), begin()
    address = f"/leaving/{case.id}/confirm"
    _refused(graduate.post(address, {}), "nothing_registered")
    registered()
    moving = Household("archive").bring("school_review")
    _refused(graduate.post(address, {}), "in_review")
    Household("archive").fire(moving, "approve", user("school10001"))
    close_window()
    _refused(graduate.post(address, {}), "not_open")
    open_window()
    assert graduate.post(address, {}).status_code == 200
    _refused(graduate.post(address, {}), "wrong_state")


def test_the_days_end_at_midnight(api: Api) -> None:
    open_window(first=0, last=2)
    registered()
    begin()
    last = clock.now().astimezone(clock.SHANGHAI).replace(hour=23, minute=59) + timedelta(days=2)
    for later, offered in ((timedelta(), True), (timedelta(minutes=2), False)):
        with time_machine.travel(last + later, tick=False):
            assert ("confirm" in engine.available(now(), user("graduate1"))) is offered


def test_what_is_wrong_is_reported_and_answered(api: Api) -> None:
    open_window()
    registered()
    case, graduate, school = begin(), api("graduate1"), api("school10001")
    assert graduate.post(f"/leaving/{case.id}/report", {"text": " "}).status_code == 422
    told = graduate.post(f"/leaving/{case.id}/report", REPORT).get_json()["result"]
    assert (told["state"], told["history"][-1]["reason"]) == ("reported", REPORT["text"])
    assert graduate.post(f"/leaving/{case.id}/confirm", {}).status_code == 409
    assert api("dept10001a").post(f"/leaving/{case.id}/answer", ANSWER).status_code == 403
    told = school.post(f"/leaving/{case.id}/answer", ANSWER).get_json()["result"]
    assert (told["state"], told["history"][-1]["reason"]) == ("open", ANSWER["text"])
    assert graduate.post(f"/leaving/{case.id}/confirm", {}).status_code == 200


@pytest.mark.parametrize("way", ["archive", "void", "objection"])
def test_a_change_opens_it_again(api: Api, way: str) -> None:
    """The old number says so; confirmed once more, also after the school's days, there is a new one."""
    case = confirmed("archive", "hukou")
    before, old = _case(api, case.id), now().number or ""
    close_window()
    if way == "archive":
        stage = Household("archive")
        stage.approve(stage.create("9"))
    elif way == "void":
        record = session.scalars(select(Record)).one()
        engine.fire("destination", record.id, "void", actor=user("graduate1"))
    else:
        record = session.scalars(select(Record)).one()
        engine.fire("objection", object_to(record).id, "uphold", actor=user("province11"), data=FINDING)
    told = _case(api, case.id)
    assert (told["state"], told["number"], told["history"][-1]["event"]) == ("open", None, "reopen")
    assert told["data"]["registered"] != before["data"]["registered"]
    checked = api("operator").client.get(f"/api/v1/verify?number={old}&name={_name()}").get_json()["result"]
    assert (checked["standing"]["ok"], checked["standing"]["state"], checked["facts"]) == (False, "replaced", None)
    if way == "archive":
        again = api("graduate1").post(f"/leaving/{case.id}/confirm", {}).get_json()["result"]
        assert again["state"] == "confirmed"
        assert again["number"] not in (None, old)
        assert again["data"]["transfer_number"] != before["data"]["transfer_number"], "another archive, another number"
        assert len(session.scalars(select(LeavingSheet)).all()) == 2


def _name() -> str:
    return now().graduate.name


def test_a_signing_that_takes_the_place_of_a_destination_opens_it_again(api: Api) -> None:
    case = confirmed()
    signing()
    assert _case(api, case.id)["state"] == "open"
    assert fire(now(), "confirm", "graduate1").data["registered"]["destination"]["workflow"] == "online_signing"


def test_an_archive_that_stays_keeps_its_number(api: Api) -> None:
    case = confirmed("archive")
    number = now().transfer_number
    stage = Household("hukou")
    stage.approve(stage.create())
    assert _case(api, case.id)["state"] == "open"
    fire(now(), "confirm", "graduate1")
    assert now().transfer_number == number


def test_what_changes_nothing_registered_leaves_it(api: Api) -> None:
    case = confirmed()
    moving = Household("hukou").bring("school_review")
    assert _case(api, case.id)["state"] == "confirmed"
    Household("hukou").fire(moving, "reject", user("school10001"), reason_code="9", reason="信息有误")
    assert _case(api, case.id)["state"] == "confirmed"


def test_a_verdict_that_is_taken_back_leaves_it_confirmed(api: Api, change_settings: Callable[..., None]) -> None:
    change_settings(undo_seconds=10)
    case = confirmed("archive")
    number = now().number
    moving = Household("archive").create("9")
    Household("archive").fire(moving, "approve", user("dept10001a"))
    assert api("school10001").post(f"/archive/{moving.id}/approve", {}).status_code == 200
    assert _case(api, case.id)["state"] == "open"
    assert api("school10001").post(f"/archive/{moving.id}/undo", {}).status_code == 200
    session.expire_all()
    assert (now().state, now().number) == ("confirmed", number)


def test_who_was_removed_confirms_nothing(api: Api) -> None:
    open_window()
    registered()
    case = begin()
    set_roster_presence(case.graduate_id, present=False, actor=SYSTEM)
    _refused(api("graduate1").post(f"/leaving/{case.id}/confirm", {}), "invalid")


def test_the_archive_office_takes_its_list(api: Api) -> None:
    confirmed("archive")
    answer = api("school10001").get("/leaving/export?format=csv")
    assert answer.status_code == 200
    text = answer.get_data(as_text=True)
    assert (now().transfer_number or "?") in text
    assert "杭州市人才管理服务中心" in text
    assert now().graduate.id_number not in text, "masked"
    assert api("graduate1").get("/leaving/export").status_code == 403


def test_the_figure_counts_who_has_confirmed(api: Api) -> None:
    confirmed()
    told = api("school10001").get("/statistics/employment?by=school").get_json()
    total = told["total"]
    assert total["rates"]["M_CONFIRM"] == f"{100 / total['base']:.2f}"
    people = api("school10001").get("/statistics/employment/people?figure=M_CONFIRM").get_json()
    assert [one["id"] for one in people["result"]] == [user("graduate1").graduate_id]
