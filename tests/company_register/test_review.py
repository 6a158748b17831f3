"""The state on the review page: beside it, in red where it matters, kept with the decision, never from the browser (R8.10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.company_register.queries import MANUAL_URL, UnitState, seen_with_decision, state_of
from tests.fixtures.patience import ends_within
from tests.notices.browser import logged_in, token
from tests.signing.stage import fire, invite, user

pytestmark = pytest.mark.usefixtures("fresh_database")
Code = Callable[[str], str]


@pytest.fixture
def case_of(app: Flask) -> Callable[[str], int]:
    """A function: case_of(uscc) is a case of dept10001a's to review, with a unit of that code."""
    from app.base.database import transaction
    from app.employers.models import Employer

    def make(uscc: str) -> int:
        with app.app_context():
            employer = user("employer1")
            with transaction() as _:
                from app.base.database import session

                session.execute(update(Employer).where(Employer.id == employer.employer_id).values(uscc=uscc))
            case = invite(employer, user("graduate1"))
            fire(case, "accept", user("graduate1"))
            return case.id

    return make


def _kept(app: Flask, case_id: int, event: str) -> Any:
    from app.base.database import session
    from app.workflow.models import History

    with app.app_context():
        query = select(History.detail).where(History.case_id == case_id, History.event == event)
        return session.scalars(query.order_by(History.id.desc())).first()


def _decide(client: Any, case_id: int, event: str, **data: str) -> Any:
    page = client.get(f"/staff/online-signings/show/{case_id}").text
    form = {"csrf_token": token(page), **data}
    return client.post(f"/staff/online-signings/decide/{case_id}/{event}", data=form)


@pytest.mark.usefixtures("with_register")
def test_the_page_does_not_wait_and_asks_afterwards(
    app: Flask, case_of: Callable[[str], int], code_ending: Code
) -> None:
    uscc = code_ending("9")
    case_id, client = case_of(uscc), logged_in(app, "dept10001a")
    with ends_within(2):
        page = client.get(f"/staff/online-signings/show/{case_id}").text
        assert f'hx-get="/staff/register/{uscc}?name=' in page
        piece = client.get(f"/staff/register/{uscc}").text
    assert "暂时无法获取最新状态" in piece
    assert MANUAL_URL in piece
    assert "暂时无法获取最新状态" in client.get(f"/staff/register/{uscc}").text


@pytest.mark.usefixtures("with_register")
@pytest.mark.parametrize(("last", "state"), [("1", "注销"), ("5", "吊销"), ("7", "迁出")])
def test_another_state_stands_out_and_is_kept(
    app: Flask, case_of: Callable[[str], int], code_ending: Code, last: str, state: str
) -> None:
    uscc = code_ending(last)
    case_id, client = case_of(uscc), logged_in(app, "dept10001a")
    piece = client.get(f"/staff/register/{uscc}").text
    assert "note--bad" in piece
    assert f"企业登记状态：{state}" in piece
    _decide(client, case_id, "reject", reason_code="9", reason="单位已停业", register_state="存续")
    assert _kept(app, case_id, "reject") == {"reason_code": "9", "register_state": state}
    shown = logged_in(app, "school10001").get(f"/staff/online-signings/show/{case_id}").text
    assert f"当时的企业登记状态：{state}" in shown
    for who, path in (("employer1", f"/employer/signing/{case_id}"), ("graduate1", f"/graduate/signing/{case_id}")):
        assert "企业登记状态" not in logged_in(app, who).get(path, follow_redirects=True).text


@pytest.mark.usefixtures("with_register")
def test_a_unit_in_business_is_approved_with_its_state(app: Flask, case_of: Callable[[str], int]) -> None:
    uscc = "91110108MX5PER7K08"
    case_id, client = case_of(uscc), logged_in(app, "dept10001a")
    piece = client.get(f"/staff/register/{uscc}").text
    assert "note--good" in piece
    assert 'form="approve-form"' in piece
    _decide(client, case_id, "approve", register_state="注销")
    assert _kept(app, case_id, "approve") == {"register_state": "存续"}


def test_without_a_register_the_review_goes_on(app: Flask, case_of: Callable[[str], int], code_ending: Code) -> None:
    uscc = code_ending("8")
    case_id, client = case_of(uscc), logged_in(app, "dept10001a")
    piece = client.get(f"/staff/register/{uscc}").text
    assert "暂时无法获取最新状态" in piece
    _decide(client, case_id, "approve", register_state="存续")
    assert _kept(app, case_id, "approve") == {"register_state": "unavailable"}


def test_a_decision_whose_page_showed_no_state_keeps_none(
    app: Flask, case_of: Callable[[str], int], code_ending: Code
) -> None:
    case_id = case_of(code_ending("8"))
    _decide(logged_in(app, "dept10001a"), case_id, "approve")
    assert _kept(app, case_id, "approve") == {}
    assert seen_with_decision({"register_state": "x"}, None) == {}


@pytest.mark.usefixtures("with_register", "app_context")
def test_answers_are_kept_for_a_day_and_failures_briefly(
    code_ending: Code, change_settings: Callable[..., None]
) -> None:
    from app.workflow import queues

    good, unknown, bad = (code_ending(last) for last in "1TE")
    assert state_of(good).stands_out
    assert state_of(unknown) == UnitState("unknown")
    assert state_of(bad) == UnitState("unavailable")
    left = [queues.redis().ttl(f"register:{uscc}") for uscc in (good, unknown, bad)]
    assert left[0] > 86_000
    assert left[1] > 86_000
    assert 0 < left[2] <= 30
    change_settings(register_url="")
    assert state_of(good).state == "注销"


@pytest.mark.parametrize("who", ["employer1", "graduate1"])
def test_the_piece_is_for_staff(app: Flask, who: str, code_ending: Code) -> None:
    assert logged_in(app, who).get(f"/staff/register/{code_ending('8')}").status_code == 403


@pytest.mark.parametrize("uscc", ["1", "91110108MX5PER8K08", "x" * 300, "..%2fhealth"])
def test_only_credit_codes_are_asked_for(app: Flask, uscc: str) -> None:
    assert logged_in(app, "dept10001a").get(f"/staff/register/{uscc}").status_code == 404


@pytest.mark.parametrize(("modules", "status"), [("none", 403), ("ro", 200)])
def test_the_state_is_for_those_who_work_in_some_module(app: Flask, modules: str, status: int) -> None:
    from tests.guards.walk import Caller, Column

    caller = Caller(app, Column("department", "dept10001a", dict.fromkeys(("employment", "archive", "hukou"), modules)))
    assert caller.client.get("/staff/register/91110108MX5PER7K08").status_code == status
