"""Signals on the pages: who sees what in which scope, what an office says stays its own, nothing else changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.access.audit import AuditLine
from app.base import clock
from app.base.database import session
from app.base.errors import Forbidden, Invalid, NotFound
from app.signals.jobs import follow_job
from app.signals.models import CONFIRMED, FALSE_ALARM, Signal, SignalMark
from app.signals.queries.shown import count_new, effects, evidence_of, marks_of, signal_for, signals_of_unit
from app.signals.services import follow, look_again, mark
from app.signing.online.models import OnlineSigning
from app.workflow.models import History, OutboxMessage
from tests.notices.browser import logged_in, token
from tests.signals.stage import accepted, look_over, open_rules, register_says, shown_by, signal_of, unit_of
from tests.signing.stage import fire, user
from tests.signing.test_statements import AUTHENTICATION

pytestmark = pytest.mark.usefixtures("fresh_database", "app_context")
LIST = "/staff/signals/list/"


@pytest.fixture
def signal() -> Signal:
    """A unit that was struck off, with records of graduates of two schools."""
    cases = accepted(1, 7)
    register_says(unit_of(), "注销")
    look_over(*cases)
    session.commit()
    return signal_of("not_in_business")


def test_each_reader_sees_the_records_of_their_scope(signal: Signal) -> None:
    """Of others they learn that there are some, not who and, where they are few, not how many."""
    seen = {}
    for name in ("operator", "province11", "school10001", "school10002", "dept10001a"):
        found = evidence_of(signal, user(name))
        seen[name] = [one.graduate.school.code for one in found.cases], found.outside
        assert found.few
    assert seen["operator"] == (seen["operator"][0], 0)
    assert seen["school10001"] == (["10001"], 1)
    assert seen["school10002"] == (["10002"], 1)
    assert seen["dept10001a"] == (["10001"], 1)
    for name in ("school10284", "school10558", "province32", "employer1", "graduate1"):
        assert signal_for(signal.id, user(name)) is None, name
        assert count_new(user(name)) == 0, name
        assert not signals_of_unit(str(unit_of().uscc), user(name))


def test_pages_of_staff(app: Flask, signal: Signal) -> None:
    case = session.scalars(select(OnlineSigning).order_by(OnlineSigning.id).limit(1)).one()
    client = logged_in(app, "school10001")
    listed = client.get(LIST).text
    assert "单位非存续状态" in listed
    assert "注销" in listed
    page = client.get(f"/staff/signals/show/{signal.id}").text
    assert "另有少量记录不在您的查看范围内" in page
    assert f"/staff/online-signings/show/{case.id}" in page
    beside = client.get(f"/staff/signals-beside/online_signing/{case.id}")
    assert "提示：单位非存续状态" in beside.text
    assert (
        f'hx-get="/staff/signals-beside/online_signing/{case.id}"'
        in client.get(f"/staff/online-signings/show/{case.id}").text
    )
    assert "新的异常提示" in client.get("/staff/").text
    sent = {"verdict": CONFIRMED, "note": "已电话核实", "csrf_token": token(page)}
    assert client.post(f"/staff/signals/mark/{signal.id}", data=sent).status_code == 302
    assert "新的异常提示" not in client.get("/staff/").text
    row = f"/staff/signals/show/{signal.id}"
    for state, there in {"confirmed": True, "new": False, "closed": False, "pending": False}.items():
        assert (row in client.get(f"{LIST}?_flt_0_closed_at={state}").text) is there, state
    assert row in client.get(f"{LIST}?_flt_0_rule=not_in_business&_flt_0_severity=high").text
    assert row not in client.get(f"{LIST}?_flt_0_rule=burst").text
    assert "100 %" in client.get("/staff/signals/effect").text
    other = logged_in(app, "school10284")
    assert other.get(f"/staff/signals/show/{signal.id}").status_code == 404
    assert other.get(f"/staff/signals-beside/online_signing/{case.id}").status_code == 404
    assert "没有异常提示" in other.get(LIST).text
    for name in ("employer1", "graduate1"):
        stranger = logged_in(app, name)
        assert stranger.get(LIST).status_code in {302, 403}
        assert stranger.get(f"/staff/signals-beside/online_signing/{case.id}").status_code in {302, 403}


def test_the_unit_page_of_operators_asks_for_its_signals(app: Flask, signal: Signal) -> None:
    client = logged_in(app, "operator")
    assert f"/staff/signals-beside/unit/{unit_of().uscc}" in client.get(f"/staff/units/show/{unit_of().id}").text
    assert "提示：单位非存续状态" in client.get(f"/staff/signals-beside/unit/{unit_of().uscc}").text


def test_what_an_office_says_is_its_own_and_measured(signal: Signal) -> None:
    """The department speaks for its school; the province reads what its schools say; the other school reads nothing."""
    mark(signal.id, FALSE_ALARM, "", actor=user("dept10001a"))
    mark(signal.id, CONFIRMED, "执照已注销", actor=user("school10001"))
    mark(signal.id, FALSE_ALARM, "", actor=user("school10002"))
    session.expire_all()
    assert session.scalars(select(SignalMark.verdict).order_by(SignalMark.id)).all() == [CONFIRMED, FALSE_ALARM]
    assert [one.note for one in marks_of(signal, user("school10001"))] == ["执照已注销"]
    assert effects(user("school10001"))["not_in_business"].share == 1.0
    assert effects(user("school10002"))["not_in_business"].share == 0.0
    assert effects(user("province11"))["not_in_business"].share == 0.5
    assert effects(user("operator"))["not_in_business"].share == 0.5
    assert count_new(user("province11")) == 1
    lines = session.scalars(select(AuditLine).where(AuditLine.action == "signal_marked")).all()
    assert [line.detail["verdict"] for line in lines] == [FALSE_ALARM, CONFIRMED, FALSE_ALARM]


def test_marks_are_checked(signal: Signal) -> None:
    with pytest.raises(NotFound):
        mark(signal.id, CONFIRMED, "", actor=user("school10284"))
    with pytest.raises(NotFound):
        mark(signal.id, CONFIRMED, "", actor=user("employer1"))
    with pytest.raises(Invalid):
        mark(signal.id, "guilty", "", actor=user("school10001"))
    with pytest.raises(Invalid):
        mark(signal.id, CONFIRMED, "x" * 501, actor=user("school10001"))
    from dataclasses import replace

    with pytest.raises(Forbidden):
        mark(signal.id, CONFIRMED, "", actor=replace(user("school10001"), modules={"employment": "ro"}))


def test_a_list_costs_at_most_six_statements(app: Flask, signal: Signal, statements: list[str]) -> None:
    client = logged_in(app, "school10001")
    client.get(LIST)
    statements.clear()
    assert client.get(LIST).status_code == 200
    asked = [one for one in statements if not any(name in one for name in AUTHENTICATION)]
    assert len(asked) <= 6, asked


# The clock -----------------------------------------------------------------------------------------------------------


def test_the_clock_follows_what_is_handed_in(drain: Callable[..., int]) -> None:
    """After the commit, once for each event; again and again changes nothing, and nobody is told."""
    follow_job()
    cases = accepted(1)
    register_says(unit_of(), "注销")
    session.commit()
    drain(failures=True)
    steps, letters = _steps()
    assert follow() > 0
    assert open_rules() == {"not_in_business"}
    first = signal_of("not_in_business")
    at, number = first.found_at, first.id
    assert shown_by(first) == {("online_signing", cases[0].id)}
    assert follow() == 0
    look_over(*cases)
    look_over(*cases)
    again = signal_of("not_in_business")
    assert (again.id, again.found_at) == (number, at)
    assert _steps() == (steps, letters)


def _steps() -> tuple[int, int]:
    counts: list[Any] = [len(session.scalars(select(one.id)).all()) for one in (History, OutboxMessage)]
    return counts[0], counts[1]


def test_a_worker_that_dies_leaves_the_place_as_it_was(
    drain: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    follow_job()
    accepted(1)
    register_says(unit_of(), "注销")
    session.commit()
    drain(failures=True)
    from app.signals import services

    def dies(look: Any) -> None:
        real(look)
        raise KeyboardInterrupt

    real = services.apply_rules
    monkeypatch.setattr(services, "apply_rules", dies)
    with pytest.raises(KeyboardInterrupt):
        follow()
    session.rollback()
    assert not open_rules()
    monkeypatch.undo()
    assert follow() > 0
    assert open_rules() == {"not_in_business"}


def test_open_signals_are_looked_at_again_and_close_by_themselves(signal: Signal) -> None:
    assert look_again() == 0  # it was looked at just now
    session.execute(update(Signal).values(looked_at=clock.now() - timedelta(days=1)))
    for number in (1, 7):
        case = session.scalars(
            select(OnlineSigning).where(OnlineSigning.graduate_id == user(f"graduate{number}").graduate_id)
        )
        fire(case.one(), "abort", user(f"graduate{number}"))
    session.commit()
    assert look_again() == 1
    assert not open_rules()
    assert look_again() == 0
