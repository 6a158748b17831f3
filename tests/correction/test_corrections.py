"""生源核对: the school's days, what graduates name as wrong, what becomes of it (R1.9)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Conflict, Invalid
from app.correction.models import Correction
from app.correction.services import check_roster
from app.roster.models import Graduate
from app.workflow import engine
from app.workflow.models import History, OutboxMessage
from tests.correction.stage import DECLINED, open_window, report
from tests.fixtures.application import PASSWORD
from tests.fixtures.pages import token
from tests.signing.stage import invite, user

pytestmark = pytest.mark.usefixtures("fresh_database", "app_context")
CHECK, LIST = "/graduate/check/", "/staff/corrections/list/"


def browse(app: Any, door: str, username: str) -> FlaskClient:
    client: FlaskClient = app.test_client()
    form = {"username": username, "password": PASSWORD, "csrf_token": token(client.get(f"/login/{door}").text)}
    assert client.post(f"/login/{door}", data=form).status_code == 302
    return client


def graduate(username: str = "graduate1") -> Graduate:
    query = select(Graduate).where(Graduate.id == user(username).graduate_id).options(*Graduate.eager_options())
    return session.scalars(query.execution_options(populate_existing=True)).one()


def unconfirmed(username: str = "graduate1") -> None:
    with transaction():
        graduate(username).confirmed_at = None


def test_a_graduate_goes_through_everything_and_the_school_writes_what_is_right(app: Any, api: Any) -> None:
    open_window()
    unconfirmed()
    phone, major = browse(app, "graduate", "graduate1"), graduate().major
    assert CHECK in phone.get("/graduate/confirm").text, "within the days the way leads there"
    page = phone.get(CHECK).text
    assert major in page
    assert "Macro" not in page
    assert "wrong.mobile" not in page, "what is one's own is changed by oneself"
    sent = {"csrf_token": token(page), "wrong.major": "软件工程（卓越班）", "wrong.name": "", "note": "见录取通知书"}
    assert phone.post(CHECK, data=sent).status_code == 302
    case = session.scalars(select(Correction)).one()
    assert (case.field, case.wanted, case.state, case.data["now"]) == (
        "major",
        "软件工程（卓越班）",
        "open",
        major,
    )
    assert graduate().reported_wrong_at is not None
    assert "软件工程（卓越班）" in phone.get(CHECK).text
    desk = browse(app, "school", "school10001")
    listed = desk.get(f"{LIST}?_flt_0_field=major").text
    assert "软件工程（卓越班）" in listed
    assert "软件工程（卓越班）" not in desk.get(f"{LIST}?_flt_0_field=name").text
    shown = f"/staff/corrections/show/{case.id}"
    assert "见录取通知书" in desk.get(shown).text
    decide = f"/staff/corrections/decide/{case.id}/approve"
    assert desk.post(decide, data={"csrf_token": token(desk.get(shown).text), "version": "1"}).status_code == 302
    after = graduate()
    assert (after.major, after.reported_wrong_at) == ("软件工程（卓越班）", None)
    step = session.scalars(select(History).where(History.workflow == "correction", History.event == "approve")).one()
    assert step.detail["changes"] == {"major": [major, "软件工程（卓越班）"]}
    told = session.scalars(select(OutboxMessage).where(OutboxMessage.workflow == "correction")).all()
    kinds = {(one.kind, one.payload.get("template") or one.payload.get("action")) for one in told}
    assert {("notice", "correction_accepted"), ("ems", "upload")} <= kinds
    assert api("school10001").get(f"/graduates/{after.id}").get_json()["result"]["major"] == "软件工程（卓越班）"


def test_the_days_of_the_school_open_and_close_it(app: Any, api: Any) -> None:
    with pytest.raises(Conflict) as refused:
        report()
    assert refused.value.code == "not_open", "no days are set"
    first, last = clock.today() + timedelta(days=2), clock.today() + timedelta(days=9)
    days = {"from": str(first), "until": str(last)}
    assert api("school10001").put("/settings/school", {"checking": days}).get_json()["result"]["checking"] == days
    for day, is_open in (
        (first - timedelta(days=1), False),
        (first, True),
        (last, True),
        (last + timedelta(days=1), False),
    ):
        with time_machine.travel(f"{day}T12:00:00+08:00", tick=True):
            phone = browse(app, "graduate", "graduate1")
            assert ("wrong.major" in phone.get(CHECK).text) == is_open, day
            assert (CHECK in phone.get("/graduate/").text) == is_open
            if not is_open:
                with pytest.raises(Conflict):
                    check_roster({}, actor=user("graduate1"))
    with time_machine.travel(f"{last}T23:59:00+08:00", tick=False):
        assert check_roster({}, actor=user("graduate1")).wrong == 0
    assert "1 名完成生源核对" in browse(app, "school", "school10001").get(LIST).text


def test_outside_the_days_the_report_goes_on_as_before(app: Any) -> None:
    unconfirmed()
    phone = browse(app, "graduate", "graduate1")
    page = phone.get("/graduate/confirm").text
    assert CHECK not in page
    assert phone.post("/graduate/confirm", data={"csrf_token": token(page), "wrong": "1"}).status_code == 302
    assert graduate().reported_wrong_at is not None
    assert session.scalar(select(Correction)) is None
    assert phone.get(CHECK).status_code == 200


def test_values_are_checked_by_the_rules_of_their_fields(app: Any) -> None:
    open_window()
    own = graduate()
    wrong = {"id_number": "110101200503011", "sex": "9", "department": "没有的院系", "major": own.major}
    with pytest.raises(Invalid) as refused:
        check_roster({"wrong": wrong}, actor=user("graduate1"))
    assert set(refused.value.errors) == {f"wrong.{name}" for name in wrong}
    assert session.scalar(select(Correction)) is None, "all of it or nothing"
    with pytest.raises(Invalid):
        check_roster({"wrong": {"mobile": "13800000000"}}, actor=user("graduate1"))
    phone = browse(app, "graduate", "graduate1")
    sent = {"csrf_token": token(phone.get(CHECK).text), "wrong.sex": "9", "wrong.major": "会计学"}
    answer = phone.post(CHECK, data=sent)
    assert (answer.status_code, "会计学" in answer.text) == (422, True)


def test_a_number_is_masked_everywhere_but_where_it_is_decided_about(app: Any, api: Any) -> None:
    open_window()
    number = "110101200503017014"
    from app.base.values.id_numbers import id_check_digit

    number = number[:17] + id_check_digit(number[:17])
    case = report("id_number", number)
    desk = browse(app, "school", "school10001")
    assert number not in desk.get(LIST).text
    assert number in desk.get(f"/staff/corrections/show/{case.id}").text
    assert number not in api("school10001").get(f"/correction/{case.id}").text
    stored = session.connection().exec_driver_sql(
        f"SELECT data::text || wanted::text FROM corrections WHERE id = {case.id}"
    )
    assert number not in stored.scalar_one()
    assert "110101" not in session.scalars(select(Correction.data)).one()["wanted"][6:]
    before = user("graduate1")
    engine.fire("correction", case.id, "approve", actor=user("school10001"))
    assert graduate().id_number == number
    assert user("graduate1").graduate_id == before.graduate_id, "the account goes along"


def test_what_makes_the_key_is_corrected_elsewhere(api: Any) -> None:
    open_window()
    case = report("school", "北京工商大学")
    answer = api("school10001").post(f"/correction/{case.id}/approve")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "not_here")
    assert api("school10001").post(f"/correction/{case.id}/mend", {"note": "已在学籍系统更正"}).status_code == 200
    assert graduate().school.code == "10001"


def test_many_are_answered_at_once_and_a_verdict_can_be_taken_back(api: Any, change_settings: Any) -> None:
    change_settings(undo_seconds=10)
    open_window()
    before = graduate().major
    cases = [report("major", "会计学"), report("major", "金融学", "graduate4")] if _same_school() else [report()]
    ids = [case.id for case in cases]
    outcome = api("school10001").post("/correction/bulk/approve", {"ids": ids}).get_json()["result"]
    assert [one["ok"] for one in outcome] == [True] * len(ids)
    assert graduate().major != before
    from app.cases.services import undo_verdict

    undo_verdict("correction", ids[0], actor=user("school10001"))
    assert graduate().major == before
    assert engine.load(_table(), ids[0], actor=user("school10001")).state == "open"


def _same_school() -> bool:
    return graduate("graduate4").school_id == graduate().school_id


def _table() -> Any:
    from app.correction.workflow import CORRECTION

    return CORRECTION


def test_a_field_is_asked_once_and_again_after_the_answer(api: Any) -> None:
    open_window()
    case = report()
    with pytest.raises(Conflict) as refused:
        report(wanted="会计学")
    assert refused.value.code == "already_asked"
    answer = api("school10001").post(f"/correction/{case.id}/reject", DECLINED)
    assert answer.status_code == 200
    assert report(wanted="会计学").state == "open"


def test_others_do_not_reach_it_and_papers_keep_what_they_had(api: Any) -> None:
    open_window()
    signing = invite(user("employer1"), user("graduate1"))
    engine.fire("online_signing", signing.id, "accept", actor=user("graduate1"))
    kept = session.get_one(type(signing), signing.id).student["major"]
    case = report()
    for username, status in (("school10002", 404), ("province11", 403), ("dept10001a", 403), ("graduate4", 404)):
        assert api(username).post(f"/correction/{case.id}/approve").status_code == status, username
    assert api("employer1").post(f"/correction/{case.id}/approve").status_code in (403, 404)
    engine.fire("correction", case.id, "approve", actor=user("school10001"))
    session.expire_all()
    assert session.get_one(type(signing), signing.id).student["major"] == kept
