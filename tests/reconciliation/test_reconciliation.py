"""Both sides compared: every way to differ is found once, said in plain words, mended by one press, and then gone (B9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask
from psycopg.types.json import Jsonb
from sqlalchemy import delete, func, select, update

from app.base import clock
from app.base.database import session, transaction
from app.ems.client import ems as client
from app.reconciliation.models import Comparison, Difference
from app.reconciliation.services import comparing
from app.reconciliation.services.comparing import begin_round, compare_on
from app.roster.models import Graduate, RosterCursor
from app.roster.services.pulling import pull_rosters
from app.workflow import delivery, outbox
from app.workflow.models import OutboxMessage
from tests.fixtures.application import EMS
from tests.fixtures.database import Servers
from tests.fixtures.standin import Standin
from tests.signing.stage import Stage, user

Api = Callable[..., Any]


@pytest.fixture(autouse=True)
def _in_step(app_context: Flask, fresh_database: str, ems: Standin, drain: Callable[..., int]) -> None:
    """Both sides know the same at the start."""
    client().channel.breaker.succeeded()
    drain(failures=True)
    pull_rosters()


@pytest.fixture
def there(servers: Servers) -> Iterator[Callable[..., None]]:
    """A statement to the other system's own database: what happened there behind everybody's back."""
    address = servers.postgres.url(EMS).replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(address, autocommit=True) as connection:
        yield lambda text, *values: connection.execute(text, values)


OF = "student_id IN (SELECT id FROM student WHERE exam_number = %s)"


def forget(there: Callable[..., None], one: Graduate) -> None:
    """The student and all that hangs on them is gone there."""
    for table in ("record", "record_history"):
        there(f"DELETE FROM {table} WHERE {OF}", one.exam_number)
    there("DELETE FROM student WHERE exam_number = %s", one.exam_number)


def compared() -> dict[tuple[str, str], str]:
    """A whole round; (exam number, kind) -> problem of what it found."""
    with transaction():
        begin_round()
    while compare_on(60):
        pass
    with transaction():
        last = session.scalars(select(Comparison).order_by(Comparison.id.desc()).limit(1)).one()
        assert last.finished_at is not None
        assert last.problem is None
        rows = session.scalars(select(Difference).execution_options(populate_existing=True)).all()
        return {(row.exam_number, row.kind): row.problem for row in rows}


def graduate(name: str) -> Graduate:
    query = select(Graduate).where(Graduate.id == user(name).graduate_id)
    return session.scalars(query.options(*Graduate.eager_options())).one()


def place(one: Graduate) -> str:
    return f"/students/{one.school.code}/{one.cohort}/{one.exam_number}"


def read_up_to_now() -> None:
    """As if the platform had read all that was changed there, and lost it."""
    with transaction():
        for state in client().rosters():
            cursor = update(RosterCursor).where(RosterCursor.cohort == state.cohort)
            session.execute(cursor.values(cursor=func.greatest(RosterCursor.cursor, state.cursor)))


def mended(api: Api, drain: Callable[..., int]) -> None:
    """Press it for all that was found; the next round finds nothing."""
    operator = api("operator")
    rows = operator.get("/reconciliation/").get_json()["result"]
    assert rows
    for row in rows:
        assert row["text"]
        answer = operator.post(f"/reconciliation/{row['id']}/mend")
        assert answer.status_code == 200, answer.text
        assert answer.get_json()["result"]["mended_at"]
    drain()
    pull_rosters()
    drain()
    assert compared() == {}


def test_nothing_differs_when_both_sides_are_in_step(drain: Callable[..., int]) -> None:
    Stage("employer1", "graduate1", "dept10001a", "school10001").bring("signed")
    assert compared() == {}, "what is on its way is no difference"
    drain()
    assert compared() == {}


def test_a_student_that_is_lost_there(api: Api, drain: Callable[..., int], there: Callable[..., None]) -> None:
    one = graduate("graduate1")
    forget(there, one)
    assert compared() == {(one.exam_number, "student"): "only_here"}
    mended(api, drain)


def test_a_student_removed_on_one_side_only(api: Api, ems: Standin, drain: Callable[..., int]) -> None:
    here, gone = graduate("graduate1"), graduate("graduate2")
    with transaction():
        session.execute(update(Graduate).where(Graduate.id == here.id).values(invalid_since=clock.now()))
    assert ems.http.delete(place(gone)).status_code == 200
    assert compared() == {(here.exam_number, "student"): "removed_here"}, "theirs has not been read yet"
    read_up_to_now()
    found = compared()
    assert found == {(here.exam_number, "student"): "removed_here", (gone.exam_number, "student"): "removed_there"}
    mended(api, drain)
    assert ems.http.get(place(here)).json()["student"]["removed"]
    session.expire_all()
    assert session.get_one(Graduate, gone.id).invalid_since is not None


def test_a_student_that_only_they_know(api: Api, ems: Standin, drain: Callable[..., int]) -> None:
    like = ems.http.get(place(graduate("graduate1"))).json()["student"]
    number = "27110100019999"
    like = {
        name: value for name, value in like.items() if name not in ("removed", "removed_at", "updated_at", "change")
    }
    body = {**like, "exam_number": number, "student_number": "x9", "name": "新来的", "id_number": "110101200001010037"}
    school, cohort = like["school"], like["cohort"]
    answer = ems.http.put(f"/schools/{school}/cohorts/{cohort}/students", json={"students": [body]})
    assert answer.status_code == 200, answer.text
    read_up_to_now()
    assert compared() == {(number, "student"): "only_there"}
    mended(api, drain)
    assert session.scalar(select(Graduate.id).where(Graduate.exam_number == number))


def test_a_report_that_is_lost_or_changed_there(
    api: Api, ems: Standin, drain: Callable[..., int], there: Callable[..., None]
) -> None:
    Stage("employer1", "graduate1", "dept10001a", "school10001").bring("signed")
    Stage("employer1", "graduate2", "dept10001a", "school10001").bring("signed")
    drain()
    lost, changed = graduate("graduate1"), graduate("graduate2")
    there(f"DELETE FROM record WHERE {OF}", lost.exam_number)
    there(f"UPDATE record SET data = data || %s WHERE {OF}", Jsonb({"employer": "别的单位"}), changed.exam_number)
    assert compared() == {(lost.exam_number, "destination"): "lost", (changed.exam_number, "destination"): "changed"}
    rows = api("operator").get("/reconciliation/?problem=changed").get_json()["result"]
    assert [row["different"] for row in rows] == [["employer"]]
    assert "单位名称" in rows[0]["text"]
    assert "别的单位" not in rows[0]["text"]
    mended(api, drain)
    assert ems.http.get(f"{place(changed)}/records/destination").json()["record"]["employer"] != "别的单位"


def test_a_later_report_needs_people(api: Api, drain: Callable[..., int], there: Callable[..., None]) -> None:
    Stage("employer1", "graduate1", "dept10001a", "school10001").bring("signed")
    drain()
    number = graduate("graduate1").exam_number
    there(f"UPDATE record SET sequence = sequence + 1000000 WHERE {OF}", number)
    assert compared() == {(number, "destination"): "later"}
    row = api("operator").get("/reconciliation/").get_json()["result"][0]
    assert "备份" in row["text"]
    assert api("operator").post(f"/reconciliation/{row['id']}/mend").get_json()["result"]["mended_at"] is None


def test_a_round_begins_at_night_once_and_goes_on_after_an_outage(
    ems: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = clock.now().astimezone(clock.SHANGHAI).replace(hour=12, minute=0)
    with clock.moved(noon - clock.now()):
        assert compare_on(60) == 0
    assert session.scalar(select(func.count()).select_from(Comparison)) == 0
    night = noon.replace(hour=2)
    with clock.moved(night - clock.now()):
        ems.fault("down")
        assert compare_on(60) == 0
        with transaction():
            assert session.scalars(select(Comparison.problem)).one()
        ems.fault("none")
        client().channel.breaker.succeeded()
        places = set()
        for _step in range(1000):
            compare_on(0)  # one step
            with transaction():
                one = session.scalars(select(Comparison).execution_options(populate_existing=True)).one()
                places.add((one.part, one.place))
                if one.finished_at:
                    break
        assert len(places) > 2
        rounds = session.scalar(select(func.count()).select_from(Comparison).where(Comparison.finished_at.is_not(None)))
        assert rounds == 1
        assert compare_on(60) == 0, "one round a night"
    with clock.moved(night + timedelta(days=1) - clock.now()):
        assert compare_on(60)


def test_a_report_waits_for_its_student_however_long(there: Callable[..., None], drain: Callable[..., int]) -> None:
    """The roster's row comes later: more tries than make a dead letter do not make one."""
    one = graduate("graduate1")
    forget(there, one)
    with transaction():
        told = {"graduate_id": one.id, "destination": {"code": "70", "label": "待就业"}}
        message = outbox.post("ems", told, key="test:early", order_key=f"graduate:{one.id}")
        session.flush()
        number = message.id
    for _try in range(delivery.MAX_ATTEMPTS + 2):
        assert not delivery.deliver(number)
    with transaction():
        row = session.get_one(OutboxMessage, number, populate_existing=True)
        assert (row.status, row.error_code) == ("queued", "unknown_student")
        session.execute(delete(OutboxMessage).where(OutboxMessage.id == number))


@pytest.mark.parametrize("name", ["school10001", "province11", "dept10001a", "employer1", "graduate1"])
def test_others_may_neither_look_nor_mend(api: Api, name: str) -> None:
    for answer in (
        api(name).get("/reconciliation/"),
        api(name).post("/reconciliation/1/mend"),
        api(name).post("/reconciliation/begin"),
    ):
        assert answer.status_code == 403
    assert api("operator").post("/reconciliation/1/mend").status_code == 404
    assert comparing.NIGHT.start == 1
