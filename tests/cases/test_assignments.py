"""Waiting records are shared out among the reviewers of an office."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.access.accounts import account_named, create_account, hash_password
from app.access.actors import SYSTEM
from app.access.audit import AuditLine
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Forbidden, Invalid
from app.cases.assignments import queries, services
from app.cases.services import undo_verdict
from app.notices.models import Notification
from app.signing.online.models import OnlineSigning
from app.workflow import engine, registry
from tests.fixtures.application import PASSWORD
from tests.fixtures.pages import token
from tests.fixtures.statements import counted

WORKFLOW = "online_signing"
Actors = Callable[[str], Any]


def colleague(username: str, of: str, **changes: Any) -> int:
    """Another account of the same office; its user."""
    known = account_named(of)
    assert known is not None
    scope = {name: getattr(known, name) for name in ("province_id", "school_id", "department_id", "level")}
    told = {"kind": known.kind, "modules": dict(known.modules), **scope, **changes}
    hashed = hash_password(PASSWORD)
    return create_account(username=username, name=username, password_hash=hashed, actor=SYSTEM, **told).user_id


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test has its own accounts and cases."""


@pytest.fixture
def waiting(app: Flask, invite: Any, fire: Any) -> list[int]:
    """Two signings that wait for the school 10002."""
    ids: list[int] = invite("graduate7", "graduate8")
    for name, case_id in zip(("graduate7", "graduate8"), ids, strict=True):
        fire(name, case_id, "accept")
    return ids


@pytest.fixture
def second(app_context: Flask) -> int:
    """A colleague of school10002."""
    return colleague("colleague1", "school10002")


def _assign(actor: Any, ids: list[int], to: int | None, **more: Any) -> list[tuple[bool, str | None]]:
    return [(one.ok, one.code) for one in services.assign(WORKFLOW, ids, to, actor=actor, **more)]


def _names(actor: Any, ids: list[int]) -> dict[int, str]:
    return {one: held[1] for one, held in queries.assigned_among(OnlineSigning, ids, actor).items()}


def test_assigned_handed_over_and_given_back(actor_of: Actors, waiting: list[int], second: int) -> None:
    me = actor_of("school10002")
    assert _assign(me, waiting, second) == [(True, None)] * 2
    assert _names(me, waiting) == dict.fromkeys(waiting, "colleague1")
    other = actor_of("colleague1")
    assert _assign(other, waiting[:1], me.user_id) == [(True, None)]
    assert _names(other, waiting) == {waiting[0]: me.name, waiting[1]: "colleague1"}
    assert _assign(other, waiting[1:], None) == [(True, None)]
    assert _names(me, waiting) == {waiting[0]: me.name}
    lines = session.execute(select(AuditLine.action, AuditLine.subject).order_by(AuditLine.id)).all()
    told = [(line.action, line.subject) for line in lines if line.action in ("assigned", "given_back")]
    assert told[-2:] == [("assigned", f"{WORKFLOW} {waiting[0]}"), ("given_back", f"{WORKFLOW} {waiting[1]}")]
    assert len(told) == 4


def test_nobody_outside_and_nothing_that_does_not_wait(
    actor_of: Actors, waiting: list[int], second: int, invite: Any
) -> None:
    me, (invited,) = actor_of("school10002"), invite("graduate2")
    foreign = actor_of("school10001")
    for stranger in (foreign.user_id, actor_of("province11").user_id, actor_of("graduate7").user_id, 10**9):
        with pytest.raises(Invalid):
            services.assign(WORKFLOW, waiting, stranger, actor=me)
    assert _assign(foreign, waiting, foreign.user_id) == [(False, "not_found")] * 2
    for who in ("employer1", "graduate7"):
        with pytest.raises(Forbidden):
            services.assign(WORKFLOW, waiting, second, actor=actor_of(who))
    with pytest.raises(Invalid):  # an operator's colleagues are operators
        services.assign(WORKFLOW, waiting, second, actor=actor_of("operator"))
    assert _assign(me, [invited, 10**9], second) == [(False, "not_found")] * 2
    engine.fire(WORKFLOW, waiting[0], "approve", actor=me)
    assert _assign(me, waiting, second) == [(False, "not_waiting"), (True, None)]


def test_who_cannot_decide_it_does_not_get_it(actor_of: Actors, app_context: Flask, waiting: list[int]) -> None:
    me = actor_of("school10002")
    level = session.get_one(OnlineSigning, waiting[0]).level
    elsewhere = "undergraduate" if level == "postgraduate" else "postgraduate"
    other_level = colleague("level", "school10002", level=elsewhere)
    reader = colleague("reader", "school10002", modules={"employment": "ro"})
    assert _assign(me, waiting[:1], other_level) == [(False, "cannot_review")]
    assert _assign(me, waiting[:1], reader) == [(False, "cannot_review")]
    assert reader not in dict(queries.colleagues(registry.get(WORKFLOW), me))
    with pytest.raises(Forbidden):
        services.assign(WORKFLOW, waiting, me.user_id, actor=actor_of("reader"))


def test_ends_with_the_verdict_and_comes_back_with_it(
    actor_of: Actors, waiting: list[int], second: int, change_settings: Any
) -> None:
    change_settings(undo_seconds=10)
    me = actor_of("school10002")
    _assign(me, waiting, second)
    engine.fire(WORKFLOW, waiting[0], "approve", actor=me)  # it is no lock for others
    assert _names(me, waiting) == {waiting[1]: "colleague1"}
    undo_verdict(WORKFLOW, waiting[0], actor=me)
    assert _names(me, waiting) == dict.fromkeys(waiting, "colleague1")


def test_ends_when_the_account_is_switched_off(actor_of: Actors, waiting: list[int], second: int) -> None:
    me, account = actor_of("school10002"), account_named("colleague1")
    assert account is not None
    _assign(me, waiting, second)
    with transaction():
        account.user.active = False
    assert _names(me, waiting) == {}
    assert "colleague1" not in [one.name for one in queries.workload(me)]
    with transaction():
        account.user.active, account.expires_on = True, clock.today() - timedelta(days=1)
    assert _names(me, waiting) == {}
    with pytest.raises(Invalid):
        services.assign(WORKFLOW, waiting, second, actor=me)


def test_what_somebody_assigned_meanwhile_is_left(actor_of: Actors, waiting: list[int], second: int) -> None:
    me = actor_of("school10002")
    _assign(me, waiting[:1], second)
    seen = dict.fromkeys(waiting)
    assert _assign(me, waiting, me.user_id, seen=seen) == [(False, "assigned_meanwhile"), (True, None)]
    assert _assign(me, waiting[:1], me.user_id, seen={waiting[0]: second}) == [(True, None)]


def test_of_two_assigners_at_once_one_is_told(app: Flask, actor_of: Actors, waiting: list[int], second: int) -> None:
    actors = [actor_of("school10002"), actor_of("colleague1")]
    start, found = threading.Barrier(2), []

    def press(actor: Any) -> None:
        with app.app_context():
            start.wait()
            found.append(_assign(actor, waiting, actor.user_id, seen=dict.fromkeys(waiting)))

    threads = [threading.Thread(target=press, args=(one,)) for one in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [[(False, "assigned_meanwhile")] * 2, [(True, None)] * 2]


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """The SQL of what comes next."""
    with counted(app) as seen:
        yield seen


def test_workload_is_one_statement(
    actor_of: Actors, waiting: list[int], second: int, statements: list[str], change_settings: Any
) -> None:
    change_settings(undo_seconds=10)
    me = actor_of("school10002")
    _assign(me, waiting, second)
    engine.fire(WORKFLOW, waiting[0], "approve", actor=me)
    long_ago = clock.now() - timedelta(days=9)
    statements.clear()
    loads = {one.user_id: one for one in queries.workload(me)}
    assert len(statements) == 1, statements
    mine, theirs = loads[me.user_id], loads[second]
    assert (mine.waiting, mine.week, mine.month) == (0, 1, 1)
    assert (theirs.waiting, theirs.week, theirs.month) == (1, 0, 0)
    assert theirs.oldest is not None
    assert theirs.oldest > long_ago
    undo_verdict(WORKFLOW, waiting[0], actor=me)
    loads = {one.user_id: one for one in queries.workload(me)}
    assert (loads[me.user_id].week, loads[second].waiting) == (0, 2)
    assert {one.name for one in queries.workload(actor_of("school10001"))} == {actor_of("school10001").name}


def test_a_record_that_moves_leaves_its_reviewer(actor_of: Actors, waiting: list[int], second: int) -> None:
    me = actor_of("school10002")
    _assign(me, waiting, second)
    with transaction():
        later = clock.now() + timedelta(seconds=1)
        session.execute(update(OnlineSigning).where(OnlineSigning.id == waiting[0]).values(state_since=later))
    assert _names(me, waiting) == {waiting[1]: "colleague1"}


def test_pages_know_no_records_of_others(app: Flask, browse: Any, waiting: list[int], actor_of: Actors) -> None:
    address = f"/staff/online-signings/assign?rowid={waiting[0]}"
    school, stranger, province = browse("school10002"), browse("school10284"), browse("province11")
    page = school.get(address)
    assert (page.status_code, stranger.get(address).status_code, province.get(address).status_code) == (200, 404, 403)
    form = {"csrf_token": token(page.text), "chosen": f"{waiting[0]}:", "to": actor_of("school10284").user_id}
    assert school.post("/staff/online-signings/assign", data=form).status_code == 422
    form = {"csrf_token": token(stranger.get("/staff/workload/").text), "chosen": f"{waiting[0]}:"}
    stranger.post("/staff/online-signings/assign", data={**form, "to": actor_of("school10284").user_id})
    with app.app_context():
        assert _names(actor_of("school10284"), waiting) == {}
    assert school.get("/staff/online-signings/list/?_flt_0_reviewer=nonsense").status_code == 400
    assert province.get("/staff/online-signings/list/?_flt_0_reviewer=mine").status_code == 400


def _told(whom: int) -> list[tuple[str, str, str | None]]:
    query = select(Notification).where(Notification.user_id == whom, Notification.template == "records_assigned")
    rows = session.scalars(query.order_by(Notification.id).execution_options(populate_existing=True))
    return [(row.title, row.text, row.workflow) for row in rows]


def test_the_colleague_is_told_once_of_all_that_wait(
    actor_of: Actors, waiting: list[int], second: int, drain: Callable[..., int], browse: Any
) -> None:
    me = actor_of("school10002")
    _assign(me, waiting[:1], second)
    drain()
    _assign(me, waiting[1:], second)
    _assign(me, waiting, second)  # nothing new
    drain()
    ((title, text, workflow),) = _told(second)
    assert (workflow, "签约" in title, "共有 2 条" in text, me.name in text) == (WORKFLOW, True, True, True)
    _assign(me, waiting, me.user_id)  # to oneself: nobody is told
    drain()
    assert _told(me.user_id) == []
    notice = session.scalars(select(Notification.id).where(Notification.user_id == second)).first()
    theirs = browse("colleague1")
    assert theirs.get(f"/messages/{notice}").location == "/staff/online-signings/list/?_flt_0_reviewer=mine"
    _assign(me, waiting, second)
    drain()
    assert len(_told(second)) == 2, "what was read stays"


def test_assigned_by_the_api_found_and_downloaded(
    api: Any, app: Flask, waiting: list[int], second: int, actor_of: Actors
) -> None:
    school, path = api("school10002"), f"/{WORKFLOW}/bulk/assign"
    answer = school.post(path, {"ids": [*waiting, 10**9], "to": "colleague1"})
    assert [(one["ok"], one.get("code")) for one in answer.get_json()["result"]] == [
        *([(True, None)] * 2),
        (False, "not_found"),
    ]
    reviewers = {one["username"]: one["waiting"] for one in school.get(f"/{WORKFLOW}/reviewers").get_json()["result"]}
    assert reviewers == {"colleague1": 2, "school10002": 0}
    assert school.post(path, {"query": {"reviewer": "somebody"}, "to": "school10002"}).status_code == 200
    mine = school.get(f"/{WORKFLOW}/?reviewer=mine").get_json()
    assert sorted(mine["ids"]) == sorted(waiting)
    lines = school.get(f"/{WORKFLOW}/export?format=csv").data.decode("utf-8-sig").splitlines()
    assert "审核人" in lines[0]
    assert lines[1].endswith(actor_of("school10002").name)
    assert school.post(path, {"ids": waiting, "to": None}).status_code == 200
    assert school.get(f"/{WORKFLOW}/?reviewer=mine").get_json()["ids"] == []


def test_nobody_assigns_for_another_office_by_the_api(api: Any, waiting: list[int], second: int) -> None:
    path = f"/{WORKFLOW}/bulk/assign"
    for to in ("school10001", "province11", "graduate7", "nobody-here", "operator"):
        assert api("school10002").post(path, {"ids": waiting, "to": to}).status_code == 422, to
    for to in (5, "", [], {}):
        assert api("school10002").post(path, {"ids": waiting, "to": to}).status_code == 422, to
    foreign = api("school10001").post(path, {"ids": waiting, "to": "school10001"}).get_json()["result"]
    assert [one["code"] for one in foreign] == ["not_found"] * 2
    for who in ("employer1", "graduate7", "operator"):
        assert api(who).post(path, {"ids": waiting, "to": who}).status_code == 403, who
        assert api(who).get(f"/{WORKFLOW}/reviewers").status_code == 403, who
    assert api("graduate7").get(f"/{WORKFLOW}/?reviewer=mine").status_code == 400
    assert "审核人" not in api("graduate7").get(f"/{WORKFLOW}/export?format=csv").data.decode("utf-8-sig")
    assert api("operator").post("/archive/bulk/assign", {"ids": [1], "to": "operator"}).status_code == 403


def test_operators_share_out_what_waits_for_them(app: Flask, api: Any, browse: Any, actor_of: Actors) -> None:
    from tests.employers.stage_verification import bring

    with app.app_context():
        number = bring("in_review").id
        colleague("operator2", "operator")
    office = browse("operator")
    page = office.get(f"/staff/verifications/assign?rowid={number}&record={number}")
    form = {"csrf_token": token(page.text), "chosen": f"{number}:", "record": str(number)}
    with app.app_context():
        theirs = actor_of("operator2").user_id
    shown = office.post("/staff/verifications/assign", data={**form, "to": theirs}).location
    assert "审核人：operator2" in office.get(shown).text
    assert "operator2" in office.get("/staff/verifications/list/").text.split("<tbody", 1)[1]
    assert (
        "operator2" not in office.get("/staff/verifications/list/?_flt_0_reviewer=mine").text.split("</thead>", 1)[-1]
    )
    other = browse("operator2")
    assert "分配给我的" in other.get("/staff/").text
    assert "认证 1" in other.get("/staff/workload/").text
    assert api("school10002").post("/verification/bulk/assign", {"ids": [number], "to": None}).status_code == 403
    assert browse("school10002").get(f"/staff/verifications/assign?rowid={number}").status_code in (302, 403)
    answer = api("operator").post("/verification/bulk/assign", {"ids": [number], "to": "operator"})
    assert answer.get_json()["result"][0]["ok"]
