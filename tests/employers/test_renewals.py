"""A unit's verification holds for a year: it is told ahead, confirms or changes its data, and what runs is never harmed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from app.access.unit_roles import HR, VIEWER
from app.base import clock
from app.base.clock import SHANGHAI, end_of_day
from app.base.database import session
from app.base.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from app.deadlines.models import Pulse
from app.deadlines.services import note_outage, note_pulse, pass_time
from app.employers.models import Employer, UnitChange
from app.employers.renewal.models import UnitRenewal
from app.employers.renewal.services import open_renewals
from app.employers.services import holds_until
from app.notices.models import Notification
from app.signing.online.services.invitations import invite_graduates, try_invitations
from app.signing.online.workflow import ONLINE_SIGNING
from app.workflow import engine
from app.workflow.models import History
from tests.employers.stage_renewal import as_it_stands, bring, fire, opened, unit
from tests.employers.stage_verification import bring as bring_verification
from tests.employers.test_colleagues import joined
from tests.notices.browser import logged_in, token
from tests.signing.stage import Stage, invite, letter, user
from tests.termination.stage import ask

DAY = timedelta(days=1)
NOON = datetime(2026, 12, 7, 12, tzinfo=SHANGHAI)


def told(template: str) -> set[str]:
    """Who has a notice of this kind."""
    found = set(session.scalars(select(Notification.user_id).where(Notification.template == template)))
    return {name for name in ("employer1", "employer1b", "employer2", "employer3") if user(name).user_id in found}


def times(template: str) -> int:
    """How many of this kind employer1 has."""
    mine = (Notification.template == template, Notification.user_id == user("employer1").user_id)
    return len(session.scalars(select(Notification.id).where(*mine)).all())


def case_now() -> UnitRenewal:
    """The last renewal of the unit."""
    query = select(UnitRenewal).where(UnitRenewal.employer_id == unit().id).order_by(UnitRenewal.id.desc()).limit(1)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def code(act: Callable[[], Any]) -> str:
    """Of the refusal."""
    with pytest.raises(AppError) as error:
        act()
    session.rollback()
    return error.value.code


def test_a_verification_holds_to_the_end_of_a_day_a_year_later(fresh_database: str, app_context: Flask) -> None:
    assert holds_until(datetime(2028, 2, 29, 9, tzinfo=SHANGHAI)) == datetime(2029, 3, 1, tzinfo=SHANGHAI)
    assert holds_until(datetime(2026, 12, 31, 23, tzinfo=SHANGHAI)) == datetime(2028, 1, 1, tzinfo=SHANGHAI)
    case = bring_verification("verified")
    fresh = session.get_one(Employer, case.employer_id, populate_existing=True)
    assert fresh.verified_until == holds_until(fresh.verified_at or clock.now())
    assert fresh.lapsed_at is None
    assert open_renewals() == 0  # nobody is asked before the last thirty days


def test_the_clock_asks_reminds_and_ends(fresh_database: str, app_context: Flask, drain: Callable[..., int]) -> None:
    """Thirty days ahead, seven days ahead, then overdue; each once, however often the clock comes by."""
    with time_machine.travel(NOON, tick=False) as now:
        unit().verified_until = clock.now() + 30 * DAY
        session.commit()
        note_pulse()
        for _time in range(2):
            open_renewals()
            drain()
        assert told("renewal_opened") == {"employer1", "employer1b"}
        assert times("renewal_opened") == 1
        assert case_now().due_at == unit().verified_until

        def pass_to(days: float) -> None:
            now.move_to(NOON + timedelta(days=days))
            _stay_awake()
            pass_time()
            pass_time()
            drain()

        pass_to(22)
        assert times("renewal_reminder") == 0
        pass_to(23)
        assert times("renewal_reminder") == 1
        pass_to(29.9)
        assert (times("renewal_reminder"), case_now().state, unit().lapsed_at) == (1, "due", None)
        pass_to(30.01)
        assert (case_now().state, times("renewal_lapsed")) == ("lapsed", 1)
        assert unit().lapsed_at is not None
        assert open_renewals() == 0


def _stay_awake() -> None:
    """The clock has run all the time: its silence is no outage."""
    for pulse in session.scalars(select(Pulse)):
        pulse.at = clock.now()
    session.commit()


def test_days_in_which_something_was_down_do_not_count(fresh_database: str, app_context: Flask) -> None:
    with time_machine.travel(NOON, tick=False) as now:
        case = opened()
        due = case.due_at
        assert due is not None
        now.move_to(due - DAY)
        _stay_awake()
        now.move_to(due + DAY)
        _stay_awake()
        note_outage("company_register", due - DAY, due + DAY)
        pass_time()
        assert case_now().state == "due"
        assert case_now().due_at == due + 2 * DAY
        now.move_to(due + 2 * DAY + timedelta(minutes=1))
        _stay_awake()
        pass_time()
        assert case_now().state == "lapsed"


def test_overdue_nobody_new_is_invited_and_what_runs_goes_on(fresh_database: str, app_context: Flask) -> None:
    waiting = invite(user("employer1"), user("graduate2"))
    signed = Stage("employer1", "graduate1", "dept10001a", "school10001").bring("signed")
    asked = ask(signed, user("graduate1"))
    bring("lapsed")
    owner = user("employer1")
    assert code(lambda: invite_graduates([1], letter(), actor=owner)) == "lapsed"
    assert code(lambda: try_invitations([1], actor=owner)) == "lapsed"
    other = user("employer2")
    assert try_invitations([1], actor=other) is not None  # of another unit
    # What was sent is answered, withdrawn and ended as ever.
    assert engine.load(ONLINE_SIGNING, signed.id, actor=owner).state == "signed"
    assert engine.fire("online_signing", waiting.id, "accept", actor=user("graduate2")).version > 1
    assert engine.fire("online_termination", asked.id, "agree", actor=owner).stage == "review"
    renewed = fire(fire(case_now(), "confirm", "employer1"), "approve", "operator")
    assert renewed.state == "renewed"
    assert unit().lapsed_at is None
    assert try_invitations([1], actor=user("employer1")) is not None


def test_only_an_owner_of_the_unit_speaks_for_it(fresh_database: str, app_context: Flask) -> None:
    case = opened()
    assert user("employer1b").unit_role == HR
    viewer = joined(VIEWER)
    for actor, kind in (
        (user("employer1b"), Forbidden),
        (viewer, Forbidden),
        (user("employer2"), NotFound),
        (user("employer3"), NotFound),
        (user("school10001"), NotFound),
        (user("operator"), Forbidden),
    ):
        for event in ("confirm", "renew"):
            with pytest.raises(kind):
                engine.fire("unit_renewal", case.id, event, actor=actor, data=as_it_stands())
            session.rollback()
        if kind is Forbidden:
            assert not {"confirm", "renew"} & set(engine.available(case_now(), actor))
    with pytest.raises(Forbidden):
        fire(case, "approve", "employer1")


def test_two_presses_are_one(fresh_database: str, app_context: Flask) -> None:
    case = opened()
    version = case.version
    fire(case, "confirm", "employer1")
    assert code(lambda: fire(case, "confirm", "employer1")) == "wrong_state"
    with pytest.raises(Conflict):
        engine.fire("unit_renewal", case.id, "approve", actor=user("operator"), version=version)
    session.rollback()
    fire(case, "approve", "operator")
    assert unit().verified_until == holds_until(case_now().state_since)


def test_a_change_stands_once_it_is_approved(fresh_database: str, app_context: Flask) -> None:
    """Other fields may have changed meanwhile: those that the owner left alone stay as they are by then."""
    case = opened()
    before = unit().address
    fire(case, "renew", "employer1", **{**as_it_stands(), "address": "新址 8 号"})
    assert case_now().data["changes"] == {"address": [before, "新址 8 号"]}
    assert unit().address == before
    unit().short_name = "砚渡"
    session.commit()
    fire(case, "approve", "operator")
    assert (unit().address, unit().short_name) == ("新址 8 号", "砚渡")
    change = session.scalars(select(UnitChange)).one()
    assert (change.changes, change.role) == ({"address": [before, "新址 8 号"]}, "operator")


def test_a_new_name_is_shown_by_the_licence_and_a_code_never_changes(fresh_database: str, app_context: Flask) -> None:
    case = opened()
    with pytest.raises(Invalid) as refused:
        fire(case, "renew", "employer1", **{**as_it_stands(), "name": "北京砚渡禾科技集团有限公司"})
    assert set(refused.value.errors) == {"licence"}
    session.rollback()
    code_before = unit().uscc
    with pytest.raises(Invalid):
        fire(case, "renew", "employer1", **{**as_it_stands(), "type": "1", "nature": "39"})
    session.rollback()
    fire(case, "renew", "employer1", **as_it_stands(), uscc="91310115MA1H3QFK26")
    assert case_now().data["changes"] == {}
    fire(case, "approve", "operator")
    assert unit().uscc == code_before


def test_sent_back_there_are_seven_days(fresh_database: str, app_context: Flask) -> None:
    """However late the operator is: the time of the review is not the unit's."""
    with time_machine.travel(NOON, tick=False) as now:
        case = fire(opened(), "confirm", "employer1")
        now.move_to(NOON + 40 * DAY)
        _stay_awake()
        pass_time()
        assert (case_now().state, unit().lapsed_at) == ("review", None)
        fire(case, "return", "operator", reason="地址有误")
        assert case_now().due_at == end_of_day(clock.day_of(clock.now() + 7 * DAY))
        now.move_to(NOON + 48 * DAY)
        _stay_awake()
        pass_time()
        assert (case_now().state, unit().lapsed_at is None) == ("lapsed", False)


def picture() -> io.BytesIO:
    """A photo of the licence."""
    out = io.BytesIO()
    Image.new("RGB", (800, 600), "white").save(out, "PNG")
    out.seek(0)
    return out


def test_the_pages_of_owner_and_operator(fresh_database: str, app: Flask, drain: Callable[..., int]) -> None:
    with app.app_context():
        opened_id = opened().id
        session.commit()
    owner = logged_in(app, "employer1")
    assert "/employer/renewal" in owner.get("/employer/").text
    page = owner.get("/employer/renewal").text
    assert "没有变化" in page
    assert "北京砚渡禾信息技术有限公司" in page
    sent: dict[str, Any] = {"csrf_token": token(page), "version": "1"}
    with app.app_context():
        sent |= {name: value or "" for name, value in as_it_stands().items()}
    refused = owner.post("/employer/renewal/renew", data={**sent, "name": "北京砚渡禾集团有限公司"})
    assert refused.status_code == 422
    assert "请上传" in refused.text
    with_photo = {**sent, "name": "北京砚渡禾集团有限公司", "photo.licence": (picture(), "licence.png")}
    assert owner.post("/employer/renewal/renew", data=with_photo).status_code == 302
    again = owner.post("/employer/renewal/confirm", data={"csrf_token": sent["csrf_token"], "version": "1"})
    assert again.status_code == 302
    desk = logged_in(app, "operator")
    assert "北京砚渡禾信息技术有限公司" in desk.get("/staff/unit-renewals/list/").text
    shown = desk.get(f"/staff/unit-renewals/show/{opened_id}").text
    assert "北京砚渡禾集团有限公司" in shown
    assert "/staff/unit-renewals/paper/" in shown
    form = {"csrf_token": token(shown), "version": "2"}
    assert desk.post(f"/staff/unit-renewals/decide/{opened_id}/return", data=form).status_code == 422
    back = desk.post(f"/staff/unit-renewals/decide/{opened_id}/return", data={**form, "reason": "名称少了一个字"})
    assert back.status_code == 302
    assert "名称少了一个字" in owner.get("/employer/renewal").text
    confirmed = {"csrf_token": token(owner.get("/employer/renewal").text), "version": "3"}
    assert owner.post("/employer/renewal/confirm", data=confirmed).status_code == 302
    form = {"csrf_token": token(desk.get(f"/staff/unit-renewals/show/{opened_id}").text), "version": "4"}
    assert desk.post(f"/staff/unit-renewals/decide/{opened_id}/approve", data=form).status_code == 302
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=True):
        drain()
    with app.app_context():
        assert told("renewal_returned") == told("renewal_approved") == {"employer1", "employer1b"}
        assert unit().name == "北京砚渡禾信息技术有限公司"
    assert "认证有效至" in owner.get("/employer/").text
    _colleague_looks_only(logged_in(app, "employer1b"))


def _colleague_looks_only(client: FlaskClient) -> None:
    page = client.get("/employer/renewal").text
    assert 'action="/employer/renewal/confirm"' not in page
    form = {"csrf_token": token(client.get("/employer/unit").text)}
    assert client.post("/employer/renewal/confirm", data=form).status_code in (403, 404)


def test_an_overdue_unit_is_led_to_the_renewal(fresh_database: str, app: Flask) -> None:
    with app.app_context():
        bring("lapsed")
        session.commit()
    owner = logged_in(app, "employer1")
    assert "年度复核已逾期" in owner.get("/employer/").text
    answer = owner.get("/employer/invitations/new?graduate=1")
    assert (answer.status_code, answer.headers.get("Location")) == (302, "/employer/renewal")
    assert "暂不能发送新的签约邀请" in owner.get("/employer/renewal").text


def test_programs_read_it_and_people_answer(fresh_database: str, app: Flask, api: Callable[..., Any]) -> None:
    with app.app_context():
        case_id = opened().id
        session.commit()
    owner = api("employer1")
    assert owner.get(f"/unit_renewal/{case_id}").get_json()["result"]["events"] == ["confirm", "renew"]
    for stranger, status in (("employer2", 404), ("school10001", 404), ("graduate1", 404)):
        assert api(stranger).get(f"/unit_renewal/{case_id}").status_code in (403, status)
    assert owner.post("/unit_renewal/", {}).status_code == 403
    assert owner.post(f"/unit_renewal/{case_id}/confirm").get_json()["result"]["state"] == "review"


def test_an_owner_confirms_with_the_code_that_came_to_the_own_address(
    fresh_database: str, app: Flask, api: Callable[..., Any], no_phone: None
) -> None:
    """It holds for the owner, the record and its version; nobody else has one sent, and none comes to who has no address."""
    with app.app_context():
        case_id = opened().id
        joined(HR)
        session.remove()
    owner = api("employer1")
    address = f"/unit_renewal/{case_id}"
    for body in ({}, {"code": "123456"}):
        answer = owner.post(f"{address}/confirm", body)
        assert (answer.status_code, set(answer.get_json()["errors"])) == (422, {"code"})
    for nobody, status in (("employer1b", 403), ("employer2", 404), ("graduate1", 404), ("operator", 403)):
        assert api(nobody).post(f"{address}/code").status_code in (status, 403), nobody
    sent = owner.post(f"{address}/code").get_json()["result"]
    assert (sent["channel"], "*" in sent["sent_to"]) == ("email", True)
    assert owner.post(f"{address}/code").status_code in (202, 429)
    page = logged_in(app, "employer1")
    shown = page.get("/employer/renewal").text
    form = {"csrf_token": token(shown), "act": "confirm", "version": "1"}
    wrong = page.post("/employer/renewal/confirm", data={**form, "code": "000000"})
    assert wrong.status_code == 422
    again = page.post("/employer/renewal/code", data=form)
    found = re.search(r"验证码 (\d{6})", again.text)
    assert found, again.text
    assert page.post("/employer/renewal/confirm", data={**form, "code": found[1]}).status_code == 302
    late = owner.post(f"{address}/code")
    assert (late.status_code, late.get_json()["code"]) == (409, "wrong_state"), "nothing is left to be confirmed"
    with app.app_context():
        assert case_now().state == "review"
        step = session.scalars(
            select(History).where(History.workflow == "unit_renewal", History.event == "confirm")
        ).one()
        assert step.proof is not None
        assert (step.proof["kind"], "unconfirmed_until" in step.proof) == ("email", False)
