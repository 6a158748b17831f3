"""A unit sees the records that name just its code once it is verified, says whether they are its own, and decides nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access.audit import AuditLine
from app.access.unit_roles import VIEWER
from app.base.cohorts import current_cohort
from app.base.database import session, transaction
from app.base.errors import AppError
from app.employers.models import Employer
from app.notices.models import Notification
from app.recognition.models import Recognition
from app.recognition.queries import counts_by_kind, read_recognised, recognised, records_naming
from app.recognition.services import DISOWNED, OWNED, answer_record
from app.signals.models import Signal
from app.web.paging import page_of
from tests.destination.stage import fire as fire_destination
from tests.destination.stage import ready
from tests.employers.test_colleagues import joined
from tests.notices.browser import logged_in, token
from tests.signals.stage import open_rules
from tests.signing.paper.stage import UNIT, PaperStage
from tests.signing.stage import user

YES, NO = {"ours": "true"}, {"ours": "false", "reason": "从未录用此人"}
COHORT = current_cohort()


def comes_later(username: str = "employer1") -> None:
    """The unit of the code has an account by now."""
    with transaction():
        session.get_one(Employer, user(username).employer_id, populate_existing=True).uscc = UNIT["uscc"]


def signed() -> Any:
    """A registration on paper in force that names the unit."""
    return PaperStage().supplementary("signed")


def refused(act: Callable[[], Any]) -> int:
    """The status of the refusal."""
    with pytest.raises(AppError) as error:
        act()
    session.rollback()
    return error.value.status


def listed(username: str, workflow: str) -> list[int]:
    """The records of a kind on somebody's list."""
    return [case.id for case in session.scalars(records_naming(user(username), workflow, COHORT))]


def in_tab(username: str, tab: str) -> list[int]:
    """What stands in a tab of somebody's list."""
    wanted = recognised(user(username), tab, COHORT)
    return [] if wanted is None else [one.id for one in read_recognised(session.execute(wanted).all())]


def told(username: str) -> list[str]:
    """Which notices of units' words somebody has, the oldest first."""
    query = select(Notification).where(Notification.user_id == user(username).user_id).order_by(Notification.id)
    return [one.template for one in session.scalars(query) if one.template in (DISOWNED, OWNED)]


def test_only_the_verified_unit_of_just_that_code_sees_them(fresh_database: str, app_context: Flask) -> None:
    case = signed()
    other = ready(user("graduate2"), uscc=UNIT["uscc"])
    draft = other.id
    assert listed("employer1", "supplementary") == []
    comes_later()
    assert listed("employer1", "supplementary") == [case.id]
    assert listed("employer1", "destination") == []  # what is not handed in yet tells nobody
    fire_destination(other, "submit", user("graduate2"))
    assert listed("employer1", "destination") == [draft]
    assert counts_by_kind(user("employer1"), COHORT) == {"offline_signing": 0, "supplementary": 1, "destination": 1}
    assert counts_by_kind(user("employer1"), COHORT - 1)["supplementary"] == 0
    for stranger in ("employer2", "employer3", "school10001", "graduate1", "operator"):
        assert listed(stranger, "supplementary") == []
        assert refused(lambda who=stranger: answer_record("supplementary", case.id, YES, actor=user(who))) in (
            403,
            404,
            409,
        )
    with transaction():
        unit = session.get_one(Employer, user("employer1").employer_id, populate_existing=True)
        unit.verified_at = None
    assert listed("employer1", "supplementary") == []
    assert refused(lambda: answer_record("supplementary", case.id, YES, actor=user("employer1"))) == 409


def test_who_looks_only_does_not_answer(fresh_database: str, app_context: Flask) -> None:
    case = signed()
    comes_later()
    viewer = joined(VIEWER)
    assert [one.id for one in session.scalars(records_naming(viewer, "supplementary", COHORT))] == [case.id]
    assert refused(lambda: answer_record("supplementary", case.id, YES, actor=viewer)) == 403
    assert answer_record("supplementary", case.id, YES, actor=user("employer1b")).ours  # HR does the unit's business


@pytest.mark.parametrize(
    ("workflow", "number", "sent", "status"),
    [
        ("online_signing", 1, YES, 404),
        ("hukou", 1, YES, 404),
        ("supplementary", 999, YES, 404),
        ("supplementary", 1, {}, 422),
        ("supplementary", 1, {"ours": "false", "reason": " "}, 422),
        ("supplementary", 1, {"ours": "vielleicht"}, 422),
    ],
)
def test_what_is_no_answer(
    fresh_database: str, app_context: Flask, workflow: str, number: int, sent: dict[str, Any], status: int
) -> None:
    case = signed()
    comes_later()
    meant = case.id if number == 1 else number
    assert refused(lambda: answer_record(workflow, meant, sent, actor=user("employer1"))) == status
    assert session.scalar(select(func.count()).select_from(Recognition)) == 0


def test_pressed_twice_it_is_said_once(fresh_database: str, app: Flask) -> None:
    with app.app_context():
        case_id = signed().id
        comes_later()
        session.commit()

    def press(_time: int) -> bool:
        with app.app_context():
            said = answer_record("supplementary", case_id, YES, actor=user("employer1"))
            session.commit()
            return said.ours

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(press, range(3))) == [True] * 3
    with app.app_context():
        assert session.scalar(select(func.count()).select_from(Recognition)) == 1
        lines = session.scalars(select(AuditLine).where(AuditLine.action == "record_answered")).all()
        assert [line.detail["ours"] for line in lines] == [True]


def test_not_ours_is_a_signal_for_the_school_and_no_verdict(
    fresh_database: str, app_context: Flask, drain: Callable[..., int]
) -> None:
    """The record stays as it is; the signal closes when the unit changes its word."""
    case = signed()
    version = case.version
    comes_later()
    answer_record("supplementary", case.id, NO, actor=user("employer1"))
    drain()
    assert "disowned" in open_rules()
    signal = session.scalars(select(Signal).where(Signal.rule == "disowned")).one()
    assert signal.facts["reason"] == "从未录用此人"
    session.refresh(case)
    assert (case.state, case.version) == ("signed", version)
    answer_record("supplementary", case.id, YES, actor=user("employer1"))
    drain()
    assert "disowned" not in open_rules()


def test_what_it_has_recognised_stands_in_its_tabs(fresh_database: str, app_context: Flask) -> None:
    case = signed()
    comes_later()
    owner = user("employer1")
    assert in_tab("employer1", "signed") == []
    answer_record("supplementary", case.id, YES, actor=owner)
    assert in_tab("employer1", "signed") == [case.id]
    PaperStage().fire(case, "void", "school", reason="双方协商一致")
    assert in_tab("employer1", "signed") == []
    assert in_tab("employer1", "voided") == [case.id]
    assert in_tab("employer2", "voided") == []
    assert in_tab("employer1", "favorites") == []
    with transaction():  # the service line corrects the unit's code: what named the other one is told no more
        session.get_one(Employer, owner.employer_id, populate_existing=True).uscc = "91310115MA1H3QFK26"
    assert in_tab("employer1", "voided") == []


def test_the_tab_turns_the_pages_of_what_is_recognised(fresh_database: str, app: Flask, monkeypatch: Any) -> None:
    monkeypatch.setattr("app.portal.employer.pages.workbench.page_of", lambda query, **more: page_of(query, 1, **more))
    with app.app_context():
        first = signed()
        second = PaperStage("graduate2").supplementary("signed")
        comes_later()
        for case in (first, second):
            answer_record("supplementary", case.id, YES, actor=user("employer1"))
        names = [case.graduate.name for case in (second, first)]
        session.commit()
    unit = logged_in(app, "employer1")
    address = "/employer/signings?tab=signed"
    pages = [unit.get(f"{address}&paper={number}").text for number in (1, 2)]
    assert [[name for name in names if name in page] for page in pages] == [names[:1], names[1:]]
    assert "paper=2" in pages[0]
    assert names[0] in unit.get(f"{address}&name={names[0]}").text
    assert names[0] not in unit.get(f"{address}&name={names[1]}").text
    assert names[0] not in unit.get(f"{address}&state=signed").text


def test_the_graduate_hears_that_the_unit_denies_it_and_that_it_takes_its_word_back(
    fresh_database: str, app: Flask, drain: Callable[..., int]
) -> None:
    with app.app_context():
        case_id = signed().id
        comes_later()
        session.commit()
        answer_record("supplementary", case_id, YES, actor=user("employer1"))
        drain()
        assert told("graduate1") == []
        answer_record("supplementary", case_id, NO, actor=user("employer1"))
        answer_record("supplementary", case_id, {**NO, "reason": "查无此人"}, actor=user("employer1"))
        drain()
        assert told("graduate1") == [DISOWNED]
        last = session.scalars(select(Notification).order_by(Notification.id.desc())).first()
        assert last is not None
        assert "从未录用此人" in last.text
        session.remove()
    graduate, address = logged_in(app, "graduate1"), f"/graduate/registered/{case_id}"
    page = graduate.get(address).text
    assert "查无此人" in page
    assert "查无此人" not in logged_in(app, "graduate2").get(address).text
    with app.app_context():
        answer_record("supplementary", case_id, YES, actor=user("employer1"))
        drain()
        assert told("graduate1") == [DISOWNED, OWNED]
        session.remove()
    assert "查无此人" not in graduate.get(address).text


def test_the_page_of_a_destination_says_what_to_do_next(fresh_database: str, app: Flask) -> None:
    with app.app_context():
        case = ready(user("graduate2"), uscc=UNIT["uscc"])
        comes_later()
        fire_destination(case, "submit", user("graduate2"))
        answer_record("destination", case.id, NO, actor=user("employer1"))
        address = f"/graduate/destinations/{case.id}"
        session.commit()
    page = logged_in(app, "graduate2").get(address).text
    assert "从未录用此人" in page
    assert "请在下方撤回" in page


def test_programs_read_the_list_and_answer(fresh_database: str, app: Flask, api: Callable[..., Any]) -> None:
    with app.app_context():
        case = signed()
        case_id, name = case.id, case.graduate.name
        hidden = (case.graduate.id_number, case.data["position"]["salary_month"], case.data["employer"]["phone"])
        session.commit()
    unit, one = api("employer1"), f"/recognitions/supplementary/{case_id}"
    assert unit.get("/recognitions/supplementary/").get_json()["count"] == 0
    assert unit.put(one, {"ours": True}).status_code == 404
    with app.app_context():
        comes_later()
        session.commit()
    answer = unit.get("/recognitions/supplementary/")
    (row,) = answer.get_json()["result"]
    assert (row["id"], row["name"], row["what"], row["stage"], row["answer"]) == (
        *(case_id, name, "设计员", "in_force", None),
    )
    assert not [text for text in hidden if text in answer.text]
    assert unit.put(one, {"ours": False}).status_code == 422
    said = unit.put(one, {"ours": False, "reason": "从未录用此人"}).get_json()["result"]["answer"]
    assert (said["ours"], said["reason"]) == (False, "从未录用此人")
    for answered, count in (("open", 0), ("not_ours", 1), ("ours", 0)):
        found = unit.get("/recognitions/supplementary/", query_string={"answer": answered, "cohort": COHORT})
        assert found.get_json()["count"] == count
    assert unit.get("/recognitions/supplementary/", query_string={"answer": "perhaps"}).status_code == 400
    assert unit.get("/recognitions/hukou/").status_code == 404
    assert unit.get("/recognitions/destination/").get_json()["result"] == []
    assert api("employer2").put(one, {"ours": True}).status_code == 404
    for nobody in ("graduate1", "school10001", "operator"):
        assert api(nobody).get("/recognitions/supplementary/").status_code == 403
        assert api(nobody).put(one, {"ours": True}).status_code == 403


def test_the_pages_of_the_unit(fresh_database: str, app: Flask, drain: Callable[..., int]) -> None:
    with app.app_context():
        case = signed()
        case_id, name = case.id, case.graduate.name
        hidden = (case.graduate.id_number, case.data["position"]["salary_month"], case.data["employer"]["phone"])
        comes_later()
        session.commit()
    unit = logged_in(app, "employer1")
    assert "/employer/named" in unit.get("/employer/").text
    page = unit.get("/employer/named").text
    assert name in page
    assert not [one for one in hidden if one in page]
    address, csrf = f"/employer/named/supplementary/{case_id}", token(page)
    refused = unit.post(address, data={"csrf_token": csrf, "ours": "false", "reason": ""})
    assert refused.status_code == 422
    cohorts = re.findall(r'href="([^"]*[?]cohort=\d+)"', refused.text)
    assert cohorts
    assert {unit.get(one).status_code for one in reversed(cohorts)} == {200}, (
        "the switch leads to the page, not to the form"
    )
    assert unit.post(address, data={"csrf_token": csrf, "ours": "true"}).status_code == 302
    assert "/employer/named" not in unit.get("/employer/").text
    tab = unit.get("/employer/signings?tab=signed").text
    assert "单位已认领的书面签约" in tab
    assert name in tab
    assert name in unit.get("/employer/named?kind=supplementary&answer=ours").text
    assert name not in unit.get("/employer/named?kind=supplementary&answer=open").text
    assert unit.post(address, data={"csrf_token": csrf, **NO}).status_code == 302
    drain()
    assert name not in unit.get("/employer/signings?tab=signed").text
    stranger = logged_in(app, "employer2")
    assert name not in stranger.get("/employer/named").text
    form = {"csrf_token": token(stranger.get("/employer/unit").text), "ours": "true"}
    assert stranger.post(address, data=form).status_code == 404
    for odd in ("?kind=hukou", "?answer=perhaps"):
        assert unit.get(f"/employer/named{odd}").status_code == 404
    desk = logged_in(app, "school10001")
    desk.get("/staff/modules/employment")
    assert "从未录用此人" in desk.get("/staff/signals/list/", follow_redirects=True).text
