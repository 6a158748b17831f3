"""档案寄递: each archive on its way, recorded by the school alone, one by one and by sheets, seen by its graduate (B2)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, func, select, update

from app.base import clock
from app.base.clock import end_of_day
from app.base.cohorts import current_cohort
from app.base.database import session, transaction
from app.deadlines.models import Pulse
from app.deadlines.services import pass_time
from app.employers.favorites.sheets import text_sheet
from app.leaving.dispatch.models import Dispatch
from app.leaving.dispatch.queries import figures_of
from app.leaving.dispatch.services import put_all_on_the_list
from app.leaving.dispatch.sheets import HEADINGS, NUMBER
from app.leaving.models import LeavingSheet
from app.notices.models import Notification
from app.roster.models import Graduate
from app.schools.seasons.services import save_school_season
from app.workflow.models import History, OutboxMessage
from tests.fixtures.outbox import run_jobs
from tests.household.stage import Stage as Household
from tests.leaving.dispatch.stage import (
    OWN_COLLEGE,
    bounce_data,
    bring,
    confirm_again,
    of,
    receive_data,
    send_data,
    step,
    waiting,
)
from tests.leaving.stage import confirmed, now
from tests.notices.browser import logged_in, token
from tests.signing.stage import user

Api = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("fresh_database", "app_context")
LIST = "/staff/dispatches/list/"


def _refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    told: dict[str, Any] = answer.get_json()
    assert (answer.status_code, told["code"]) == (status, code), told
    return told


def _count(model: Any, *which: Any) -> int:
    return session.scalar(select(func.count()).select_from(model).where(*which)) or 0


def _sheet(event: str, *rows: tuple[str, ...]) -> bytes:
    return text_sheet("表", [NUMBER, *HEADINGS[event]], rows)


def _upload(api: Any, event: str, content: bytes, query: str = "") -> Any:
    data = {"file": (io.BytesIO(content), "档案.xlsx")}
    return api.post(f"/dispatch/sheet/{event}{query}", data=data, content_type="multipart/form-data")


def test_a_confirmed_receiver_puts_the_archive_on_the_list(api: Api) -> None:
    case, school = waiting(), api("school10001")
    told = school.get(f"/dispatch/{case.id}").get_json()["result"]
    assert (told["state"], told["label"], told["number"]) == ("waiting", "档案待寄出", now().transfer_number)
    assert told["data"]["receiver"] == "杭州市人才管理服务中心"
    assert set(told["events"]) == {"send"}
    _refused(school.post("/dispatch/", {"graduate_id": case.graduate_id}), 409, "already_begun")


def test_an_archive_that_stays_is_not_on_the_list_and_comes_off_it() -> None:
    case = bring("dropped")
    assert case.waits_for is None
    confirm_again("3", receiver="宁波市人才服务中心")
    assert (of().state, of().data["receiver"], of().number) == ("waiting", "宁波市人才服务中心", now().transfer_number)
    confirm_again(OWN_COLLEGE)
    assert of().state == "dropped"


def test_it_is_sent_received_and_told(api: Api, drain: Callable[..., int]) -> None:
    case, school, graduate = waiting(), api("school10001"), api("graduate1")
    address = f"/dispatch/{case.id}"
    answer = school.post(f"{address}/send", send_data(tracking_number="1123 4567-89012"))
    assert answer.status_code == 200, answer.get_json()
    told = answer.get_json()["result"]
    today = str(clock.today())
    assert {name: told["data"][name] for name in ("way", "sent_on", "tracking_number", "received_on")} == {
        "way": "2",
        "sent_on": today,
        "tracking_number": "1123456789012",
        "received_on": None,
    }
    _refused(school.post(f"{address}/send", send_data()), 409, "wrong_state")
    assert graduate.get(address).get_json()["result"]["data"]["tracking_number"] == "1123456789012"
    assert school.post(f"{address}/receive", receive_data()).status_code == 200
    _refused(school.post(f"{address}/receive", receive_data()), 409, "wrong_state")
    drain()
    session.expire_all()
    query = select(Notification).where(Notification.user_id == user("graduate1").user_id).order_by(Notification.id)
    notices = [(one.title, one.text) for one in session.scalars(query)]
    titles = [title for title, _body in notices]
    assert titles.count("您的档案已寄出") == titles.count("您的档案已被签收") == 1
    sent = next(body for title, body in notices if title == "您的档案已寄出")
    assert all(part in sent for part in ("杭州市人才管理服务中心", "EMS标准快递", "1123456789012", of().number or "?"))
    row = session.scalars(select(History).where(History.workflow == "dispatch", History.event == "receive")).one()
    assert "收发室" not in str(row.detail), "a history keeps nobody's name"


def test_it_comes_back_and_goes_to_where_it_is_registered_by_now(app: Flask, api: Api) -> None:
    case, school = bring("sent"), api("school10001")
    confirm_again("3", receiver="宁波市人才服务中心")
    assert (of().state, of().data["receiver"]) == ("sent", "杭州市人才管理服务中心"), "what was sent stays as it was"
    page = logged_in(app, "graduate1").get(f"/graduate/archive-dispatch/{case.id}").text
    assert "您此后确认了其他接收单位：宁波市人才服务中心" in page
    assert school.post(f"/dispatch/{case.id}/bounce", bounce_data()).status_code == 200
    assert of().data["receiver"] == "宁波市人才服务中心"
    answer = school.post(f"/dispatch/{case.id}/send", send_data(way="1", tracking_number="机要 京-0123"))
    assert set(_refused(answer, 422, "invalid")["errors"]) == {"tracking_number"}
    answer = school.post(f"/dispatch/{case.id}/send", send_data(way="1", tracking_number="jy-0123"))
    assert answer.get_json()["result"]["data"]["tracking_number"] == "JY0123"
    assert (of().number, of().returned_on) == (now().transfer_number, None)
    told = answer.get_json()["result"]["history"]
    assert [one["event"] for one in told] == ["start", "send", "bounce", "send"]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"way": "8"}, "way"),
        ({"tracking_number": "12345"}, "tracking_number"),
        ({"tracking_number": ""}, "tracking_number"),
        ({"tracking_number": "EA123456789CN"}, "tracking_number"),
        ({"tracking_number": "单号一二三"}, "tracking_number"),
        ({"tracking_number": "1" * 60}, "tracking_number"),
        ({"way": "1", "tracking_number": "12"}, "tracking_number"),
        ({"sent_on": "2026-02-30"}, "sent_on"),
        ({"sent_on": "2099-01-01"}, "sent_on"),
        ({"sent_on": "2020-01-01"}, "sent_on"),
        ({"sent_on": ""}, "sent_on"),
    ],
)
def test_what_cannot_be_right_is_refused(api: Api, data: dict[str, str], field: str) -> None:
    case = waiting()
    answer = api("school10001").post(f"/dispatch/{case.id}/send", send_data(**data))
    assert set(_refused(answer, 422, "invalid")["errors"]) == {field}
    assert of().sent_on is None


def test_numbers_by_their_way_and_days_in_order(api: Api) -> None:
    case, school = waiting(), api("school10001")
    address = f"/dispatch/{case.id}"
    told = school.post(f"{address}/send", send_data(tracking_number="ea473124829cn")).get_json()["result"]
    assert told["data"]["tracking_number"] == "EA473124829CN"
    told = school.post(f"{address}/correct", send_data(way="3", tracking_number="")).get_json()["result"]
    assert (told["state"], told["data"]["way"], told["data"]["tracking_number"]) == ("sent", "3", None)
    yesterday = str(clock.today() - timedelta(days=1))
    for event, field in (("receive", "received_on"), ("bounce", "returned_on")):
        answer = school.post(f"{address}/{event}", {"reason": "查无此人", field: yesterday})
        assert set(_refused(answer, 422, "invalid")["errors"]) == {field}
    assert set(
        _refused(school.post(f"{address}/bounce", {"returned_on": str(clock.today())}), 422, "invalid")["errors"]
    )


def test_the_days_of_one_dispatch_follow_each_other(api: Api) -> None:
    case, school = bring("sent"), api("school10001")
    address, today = f"/dispatch/{case.id}", clock.today()
    with transaction():
        of().sent_on = today - timedelta(days=9)
    days = {"received_on": today - timedelta(days=5), "returned_on": today - timedelta(days=6)}
    assert school.post(f"{address}/receive", {"received_on": str(days["received_on"])}).status_code == 200
    back = {"reason": "查无此人", "returned_on": str(days["returned_on"])}
    assert set(_refused(school.post(f"{address}/bounce", back), 422, "invalid")["errors"]) == {"returned_on"}
    back["returned_on"] = str(today - timedelta(days=3))
    assert school.post(f"{address}/bounce", back).status_code == 200
    with transaction():
        session.execute(update(LeavingSheet).values(confirmed_at=clock.now() - timedelta(days=20)))
    early = send_data(sent_on=str(today - timedelta(days=4)))
    assert set(_refused(school.post(f"{address}/send", early), 422, "invalid")["errors"]) == {"sent_on"}
    assert school.post(f"{address}/send", send_data(sent_on=str(today - timedelta(days=3)))).status_code == 200


def test_only_the_own_school_records_and_others_read(api: Api) -> None:
    case = waiting()
    address = f"/dispatch/{case.id}"
    for who, status in {
        "school10002": 404,
        "employer1": 404,
        "graduate2": 404,
        "dept10001b": 404,
        "dept10001a": 403,
        "province11": 403,
        "graduate1": 403,
        "operator": 403,
    }.items():
        answer = api(who).post(f"{address}/send", send_data())
        assert answer.status_code in ({status, 403} if who == "employer1" else {status}), who
    for who in ("province11", "operator", "school10001", "graduate1", "dept10001a"):
        assert api(who).get(address).status_code == 200, who
    listed = api("school10002").get("/dispatch/").get_json()
    assert listed["result"] == []
    for who in ("province11", "dept10001a", "graduate1"):
        assert _upload(api(who), "send", _sheet("send")).status_code == 403
    stranger = session.scalar(select(Graduate.id).where(Graduate.school_id == user("school10002").school_id).limit(1))
    assert api("school10001").post("/dispatch/", {"graduate_id": stranger}).status_code == 404
    assert of().state == "waiting"


def test_while_the_graduate_confirms_again_nothing_is_sent(api: Api) -> None:
    case = waiting()
    household = Household("archive")
    household.approve(household.create("3", receiver="宁波市人才服务中心"))
    _refused(api("school10001").post(f"/dispatch/{case.id}/send", send_data()), 409, "not_confirmed")


def test_a_school_can_put_on_the_list_what_was_confirmed_before(api: Api) -> None:
    case = waiting()
    graduate_id = case.graduate_id
    session.delete(session.get_one(Dispatch, case.id))
    session.commit()
    assert put_all_on_the_list() == 1
    assert put_all_on_the_list() == 0
    session.delete(session.get_one(Dispatch, of().id))
    session.commit()
    answer = api("school10001").post("/dispatch/", {"graduate_id": graduate_id})
    assert answer.status_code == 201, answer.get_json()
    for number in ("x", True, 1.5, None, [1]):
        assert api("school10001").post("/dispatch/", {"graduate_id": number}).status_code == 422, number
    assert api("school10001").post("/dispatch/", {}).status_code == 422
    confirmed("hukou", graduate="graduate2")
    answer = api("school10001").post("/dispatch/", {"graduate_id": user("graduate2").graduate_id})
    _refused(answer, 409, "not_confirmed")


def test_a_sheet_is_tried_first_and_written_then(app: Flask, api: Api) -> None:
    first, second = waiting(), waiting("graduate2")
    school, today = api("school10001"), str(clock.today())
    content = _sheet(
        "send",
        (first.number or "", "EMS标准快递", today, "1123456789012"),
        ((second.number or "").lower(), "1", today, "JY2026001"),
    )
    answer = _upload(school, "send", content, "?dry_run=true")
    assert answer.status_code == 202, answer.get_json()
    run_jobs(app)
    session.expire_all()
    job = school.get(f"/jobs/{answer.get_json()['job_id']}").get_json()["result"]
    assert [one["ok"] for one in job["outcome"]["result"]] == [True, True], job
    assert {of().state, of("graduate2").state} == {"waiting"}, "it was only tried"
    _upload(school, "send", content)
    run_jobs(app)
    session.expire_all()
    assert (of().way, of().tracking_number, str(of().sent_on)) == ("2", "1123456789012", today)
    assert (of("graduate2").way, of("graduate2").tracking_number) == ("1", "JY2026001")
    _upload(school, "send", content)
    run_jobs(app)
    session.expire_all()
    assert _count(History, History.workflow == "dispatch", History.event == "send") == 2, "pressed twice"
    answer = _upload(school, "receive", _sheet("receive", (first.number or "", today, "𠮷田㛃")))
    run_jobs(app)
    session.expire_all()
    assert (of().state, of().data["received_by"]) == ("received", "𠮷田㛃")


def test_a_wrong_sheet_changes_nothing(app: Flask, api: Api) -> None:
    case, school, today = waiting(), api("school10001"), str(clock.today())
    foreign = waiting_elsewhere()
    number = case.number or ""
    good = (number, "2", today, "1123456789012")
    wrong = {
        "foreign": [good, (foreign, "2", today, "1123456789012")],
        "unknown": [good, (f"ZD{current_cohort()}100019999999", "2", today, "1123456789012")],
        "no number": [good, ("12345", "2", today, "1123456789012")],
        "twice": [good, good],
        "way": [(number, "自取", today, "1123456789012")],
        "day": [(number, "2", "三月", "1123456789012")],
        "no day": [(number, "2", "", "1123456789012")],
        "long": [(number, "2", today, "1" * 100)],
        "empty": [("", "", "", "")],
    }
    before = _count(History)
    for what, rows in wrong.items():
        answer = _upload(school, "send", _sheet("send", *rows))
        assert answer.status_code == 422, what
        said = answer.get_json()["errors"]["file"]
        assert said, what
        assert "；" not in said[0], "each statement is whole"
    for content in (b"", b"PK\x03\x04", text_sheet("表", ["转递编号", "单号"], [])):
        assert _upload(school, "send", content).status_code in (415, 422)
    assert _upload(school, "approve", _sheet("send", good)).status_code == 404
    run_jobs(app)
    session.expire_all()
    assert (of().state, _count(History)) == ("waiting", before)
    # What the rules refuse is told of the row it is about, and harms no other.
    answer = _upload(school, "send", _sheet("send", (number, "2", today, "12345")))
    run_jobs(app)
    session.expire_all()
    told = school.get(f"/jobs/{answer.get_json()['job_id']}").get_json()["result"]["outcome"]["result"]
    assert [(one["ok"], one["code"]) for one in told] == [(False, "invalid")]
    assert of().state == "waiting"


def waiting_elsewhere() -> str:
    """The number of an archive of another school."""
    other = of()
    number = f"ZD{current_cohort()}100020000001"
    school = user("school10002")
    graduate = session.scalars(select(Graduate).where(Graduate.school_id == school.school_id).limit(1)).one()
    copy = Dispatch.of(session.get_one(Graduate, graduate.id, options=Graduate.eager_options()), number=number)
    for name in ("state", "stage", "waits_for", "created_at", "updated_at", "state_since"):
        setattr(copy, name, getattr(other, name))
    session.add(copy)
    session.commit()
    return number


def test_lists_filters_figures_and_download(app: Flask, api: Api) -> None:
    bring("sent")
    waiting("graduate2")
    school = api("school10001")
    figures = figures_of(user("school10001"), current_cohort())
    assert (figures.all, figures.sent, figures.received, figures.returned) == (2, 1, 0, 0)
    desk = logged_in(app, "school10001")
    for address in (LIST, "/staff/leavings/list/"):
        assert "应寄档案 2 份，已寄出 1 份（50.0%），其中已签收 0 份（占 0.0%）" in desk.get(address).text
    found = desk.get(f"{LIST}?_flt_0_state=waiting").text
    assert (of().number or "?") not in found
    assert (of("graduate2").number or "?") in found
    silent = "/dispatch/?silent_days=7"
    assert school.get(silent).get_json()["result"] == []
    with time_machine.travel(clock.now() + timedelta(days=8), tick=True):
        later = logged_in(app, "school10001")
        found = later.get(f"{LIST}?_flt_0_silent_days=7").text
        assert (of().number or "?") in found
        assert (of("graduate2").number or "?") not in found
        step(of(), "receive")
        assert (of().number or "?") not in later.get(f"{LIST}?_flt_0_silent_days=7").text
    assert school.get("/dispatch/?silent_days=x").status_code == 400
    answer = school.get("/dispatch/export?way=2")
    assert answer.status_code == 200, answer.text
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).active.values)
    head = next(number for number, row in enumerate(rows) if "转递编号" in str(row))
    told = dict(zip(rows[head], rows[head + 1], strict=True))
    assert of().number in told.values()
    assert {"EMS标准快递", "1123456789012", "杭州市人才管理服务中心", "收发室 王"} <= set(map(str, told.values()))


def test_a_receipt_that_does_not_come_in_time_is_the_schools_turn(app: Flask, drain: Callable[..., int]) -> None:
    """By the days that the school has set, from the day on which it was sent; the graduate hears of it once."""
    save_school_season({"deadlines": {"receipt_days": 10}}, current_cohort(), actor=user("school10001"))
    case = bring("sent")
    assert case.due_at == end_of_day(clock.today() + timedelta(days=10))
    with time_machine.travel(clock.now() + timedelta(days=10), tick=True):
        pass_time()
        assert of().state == "sent"
    session.execute(delete(Pulse))  # the clock has run all the time
    session.commit()
    with time_machine.travel(clock.now() + timedelta(days=12), tick=True):
        pass_time()
        pass_time()
        assert (of().state, of().waits_for) == ("missed", "school")
        drain()
        query = select(Notification.text).where(Notification.template == "dispatch_missed")
        (told,) = session.scalars(query)
        assert all(part in told for part in ("杭州市人才管理服务中心", "1123456789012"))
        page = logged_in(app, "graduate1").get(f"/graduate/archive-dispatch/{case.id}").text
        assert "尚未收到回执" in page
        confirm_again(OWN_COLLEGE)
        assert of().state == "missed", "what was sent stays as it was"
        assert step(of(), "correct", **send_data()).state == "sent"
        assert of().due_at == end_of_day(clock.today() + timedelta(days=10))
        assert step(of(), "receive").state == "received"
        assert of().due_at is None


def test_the_way_of_a_sheet_on_the_desk(app: Flask) -> None:
    case = waiting()
    desk = logged_in(app, "school10001")
    page = desk.get(LIST).text
    assert "表格批量登记寄出" in page
    assert "表格批量登记寄出" not in logged_in(app, "province11").get(LIST).text
    address = "/staff/dispatches/sheet/send"
    page = desk.get(address).text
    assert "EMS标准快递" in page
    book = openpyxl.load_workbook(io.BytesIO(desk.get(f"{address}/template.xlsx").data))
    rows = list(book.active.values)
    assert rows[0] == (NUMBER, "姓名", "院系", "档案接收单位", *HEADINGS["send"])
    assert [row[0] for row in rows[1:]] == [case.number]
    place = {name: number for number, name in enumerate(rows[0], start=1)}
    for heading, value in zip(HEADINGS["send"], ("EMS标准快递", clock.today(), "1123456789012"), strict=True):
        book.active.cell(2, place[heading], value)
    file = io.BytesIO()
    book.save(file)

    def send(content: bytes) -> Any:
        data = {"file": (io.BytesIO(content), "寄出.xlsx"), "csrf_token": token(desk.get(address).text)}
        return desk.post(address, data=data, content_type="multipart/form-data")

    refused = send(b"no sheet")
    assert (refused.status_code, "未写入任何内容" in refused.text) == (415, True)
    answer = send(file.getvalue())
    assert answer.status_code == 302, answer.text
    run_jobs(app)
    session.expire_all()
    assert of().state == "waiting"
    page = desk.get(answer.headers["Location"]).text
    assert 'name="way"' not in page, "the sheet has said it"
    job = answer.headers["Location"].rpartition("/")[2].partition("?")[0]
    form = {"csrf_token": token(page), "job": job, "rowid": str(case.id), "shown": str(case.id)}
    assert desk.post("/staff/dispatches/fire/send", data=form).status_code == 302
    run_jobs(app)
    session.expire_all()
    assert (of().state, of().sent_on) == ("sent", clock.today())


def test_the_graduate_sees_where_the_archive_is(app: Flask) -> None:
    case = waiting()
    mine = logged_in(app, "graduate1")
    places = (f"/graduate/leaving/{now().id}", "/graduate/household/", f"/graduate/archive-dispatch/{case.id}")
    for address in places:
        page = mine.get(address).text
        assert "我的档案去向" in page
        assert "档案待寄出" in page, address
    step(case, "send")
    for address in places:
        page = mine.get(address).text
        for part in ("档案已寄出，尚无回执", "EMS标准快递", "1123456789012", "杭州市人才管理服务中心"):
            assert part in page, (address, part)
    other = logged_in(app, "graduate2")
    assert other.get(places[-1]).status_code == 404
    assert "我的档案去向" not in other.get("/graduate/household/").text


def test_who_checks_the_number_is_told_when_it_was_sent(app: Flask) -> None:
    case = bring("sent")
    query = {"number": case.number, "name": case.graduate.name}
    told = app.test_client().get("/api/v1/verify", query_string=query).get_json()["result"]["facts"]
    assert (told["sent_on"], told["received_on"]) == (str(clock.today()), None)
    assert "tracking_number" not in told


def test_nobody_is_told_of_what_the_program_does() -> None:
    waiting()
    kinds = select(OutboxMessage.kind).where(OutboxMessage.workflow == "dispatch")
    assert "notice" not in set(session.scalars(kinds))
