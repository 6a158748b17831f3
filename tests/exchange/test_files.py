"""Files in place of an interface: each message goes out in one, is done by its answer, and nothing is lost on the way."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from app.access import audit
from app.base.database import session, transaction
from app.base.settings import settings
from app.ems.roster_push import post_presence, post_roster
from app.exchange import services
from app.exchange.models import ExchangeFile
from app.exchange.queries import waiting_in
from app.exchange.services import answers, files
from app.roster.models import Graduate
from app.schools.models import Province
from app.workflow import background
from app.workflow.models import Job, OutboxMessage
from tests.fixtures.application import PASSWORD
from tests.fixtures.pages import token
from tests.signing.stage import Stage, user

Api = Callable[..., Any]


@pytest.fixture
def by_file(fresh_database: str, app_context: Flask, change_settings: Callable[..., None]) -> None:
    """北京市 exchanges files; 江苏省 has an interface."""
    change_settings(environ={**settings().environ, "EMS_BY_FILE": "11"})


@pytest.fixture
def signed(by_file: None, drain: Callable[..., int]) -> int:
    """A signed agreement whose report waits; the number of its message."""
    Stage("employer1", "graduate1", "dept10001a", "school10001").bring("signed")
    drain(failures=True)
    return waiting_report()


def waiting_report() -> int:
    session.expire_all()
    query = select(OutboxMessage).where(OutboxMessage.kind == "ems", OutboxMessage.status == "queued")
    (message,) = [one for one in session.scalars(query) if "destination" in one.payload]
    return message.id


def state(message_id: int) -> tuple[str, str | None, str | None]:
    session.expire_all()
    message = session.get_one(OutboxMessage, message_id)
    return message.status, message.error_code, message.error_detail


def made(api: Any, kind: str = "destination", form: str = "csv") -> tuple[int, bytes]:
    answer = api.post("/exchange/", {"kind": kind, "format": form})
    assert answer.status_code == 201, answer.text
    number = answer.get_json()["id"]
    return number, api.get(f"/exchange/{number}/file").data


def answered(content: bytes, result: str, problem: str = "") -> bytes:
    """The CSV file with every row answered, as the other side would send it back."""
    head, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(head)
    sheet.writerows([*row[:-2], result, problem] for row in rows if not row[0].startswith("#"))
    return out.getvalue().encode("gb18030")


def bring_back(api: Any, number: int, content: bytes) -> Any:
    return api.post(f"/exchange/{number}/answers", data={"file": (io.BytesIO(content), "a.csv")})


def test_a_report_goes_out_in_a_file_and_is_done_by_its_answer(api: Api, signed: int) -> None:
    assert state(signed)[:2] == ("queued", "by_file")
    province = api("province11")
    number, content = made(province)
    (row,) = csv.DictReader(io.StringIO("".join(content.decode("utf-8-sig").splitlines(keepends=True)[:-1])))
    assert str(signed) in row.values()
    assert {"10", "10001", "91110108MA01QY0A3P"} & set(row.values()) >= {"10", "10001"}
    assert province.get(f"/exchange/{number}/file").data == content  # the same bytes again
    assert province.post("/exchange/", {"kind": "destination"}).get_json()["code"] == "nothing_waits"

    for _time in range(2):
        told = bring_back(province, number, answered(content, "接受")).get_json()["result"]
        assert (told["taken"], told["refused"], told["waiting"]) == (1, 0, 0)
    assert state(signed) == ("done", None, None)
    assert province.get(f"/exchange/{number}/file").status_code == 404  # nobody needs the personal data any more


def test_what_is_refused_needs_somebody_and_goes_again(api: Api, signed: int, drain: Callable[..., int]) -> None:
    province, operator = api("province11"), api("operator")
    number, content = made(province)
    bring_back(province, number, answered(content, "refused", "没有这名学生"))
    assert state(signed) == ("failed", "ems_refused", "没有这名学生")
    assert operator.post(f"/sync/{signed}/retry").status_code == 200
    drain(failures=True)
    again, second = made(province)
    assert again != number
    assert f"{signed}," in second.decode("utf-8-sig")


def test_what_has_no_answer_waits_and_goes_again_under_the_same_sequence(api: Api, signed: int) -> None:
    province = api("province11")
    number, content = made(province)
    told = bring_back(province, number, answered(content, "")).get_json()["result"]
    assert (told["taken"], told["waiting"]) == (0, 1)
    assert province.delete(f"/exchange/{number}").get_json()["result"]["given_up"] == 1
    _again, second = made(province)
    assert f"{signed}," in second.decode("utf-8-sig")
    assert state(signed)[0] == "queued"


def test_whoever_is_killed_midway_loses_nothing(api: Api, signed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last thing of each step fails, as if the process had died there."""
    province = user("province11")

    def die(*_told: Any, **_more: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(audit, "record", die)
        with pytest.raises(KeyboardInterrupt):
            files.write_file("destination", "csv", actor=province)
    beijing = session.scalars(select(Province.id).where(Province.code == "11")).one()
    assert waiting_in(beijing)["destination"].messages == 1
    file = files.write_file("destination", "csv", actor=province)
    _name, content = files.read_file(file.id, actor=province)
    with monkeypatch.context() as patch:
        patch.setattr(audit, "record", die)
        with pytest.raises(KeyboardInterrupt):
            answers.take_answers(file.id, answered(content, "taken"), actor=province)
    assert state(signed)[0] == "queued"
    assert answers.take_answers(file.id, answered(content, "taken"), actor=province).taken == 1
    assert state(signed)[0] == "done"


@pytest.mark.parametrize("form", ["xlsx", "ndjson"])
def test_other_formats_come_back_as_they_went(api: Api, signed: int, form: str) -> None:
    province = api("province11")
    number, content = made(province, form=form)
    assert bring_back(province, number, _filled(content, form)).get_json()["result"]["taken"] == 1


def _filled(content: bytes, form: str) -> bytes:
    if form == "ndjson":
        rows = [json.loads(line) for line in content.decode().splitlines()[:-1]]
        assert rows[0]["code"] == "10"
        return b"\n".join(json.dumps({**row, "result": "taken"}).encode() for row in rows)
    book = load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row, sheet.max_column - 1, "接受")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_wrong_files_change_nothing(api: Api, signed: int) -> None:
    province = api("province11")
    number, content = made(province)
    strange = answered(content, "taken").replace(str(signed).encode(), b"999999999")
    for wrong in (
        strange,
        answered(content, "maybe"),
        b"no,such,columns\n1,2,3\n",
        b"{no json",
        b"PK no workbook",
        b"",
    ):
        assert bring_back(province, number, wrong).status_code in (415, 422), wrong
    assert state(signed)[0] == "queued"


def test_odd_files_are_refused_in_words_and_odd_signs_of_a_reason_are_left_out(api: Api, signed: int) -> None:
    province = api("province11")
    number, _content = made(province)
    for odd in (
        b"sequence,result\n%s,taken\n" % (b"9" * 5000),
        b'sequence,result,problem\n1,refused,"%s"\n' % (b"x" * 200_000),
        b'{"a":%s%s}' % (b"[" * 100_000, b"]" * 100_000),
        b'{"sequence":%s,"result":"taken"}' % (b"9" * 5000),
    ):
        assert bring_back(province, number, odd).status_code == 422, odd[:40]
    reason = b'{"sequence":%d,"result":"refused","problem":"no\\ud800 such\\u0000 student"}' % signed
    assert bring_back(province, number, reason).get_json()["result"]["refused"] == 1
    assert state(signed)[2] == "no such student"


def test_lines_of_other_systems_are_read(api: Api, signed: int) -> None:
    province = api("province11")
    number, content = made(province)
    old = answered(content, "taken").replace(b"\r\n", b"\r")
    unicode_text = "sequence\tresult\r\n1\ttaken\r\n".encode("utf-16")
    refused = bring_back(province, number, unicode_text)
    assert refused.status_code == 422
    assert "xlsx" in refused.text  # which kinds are taken, not which row is wrong
    assert bring_back(province, number, old).get_json()["result"]["taken"] == 1


def test_answers_that_no_worker_has_read_in_a_day_are_waited_for_no_longer(
    api: Api, signed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    province = api("province11")
    number, content = made(province)
    with monkeypatch.context() as patch:
        patch.setattr(services, "MOST_AT_ONCE", 0)
        assert bring_back(province, number, answered(content, "taken")).status_code == 202
    assert bring_back(province, number, answered(content, "taken")).get_json()["code"] == "busy"
    with transaction():
        job = session.scalars(select(Job).where(Job.kind == services.READ)).one()
        job.created_at -= timedelta(days=2)
        session.get_one(ExchangeFile, number).answers_at = job.created_at
    background.sweep()
    assert bring_back(province, number, answered(content, "taken")).get_json()["result"]["taken"] == 1


def test_each_province_has_its_own(api: Api, signed: int) -> None:
    number, content = made(api("province11"))
    other = api("province32")
    assert other.get(f"/exchange/{number}/file").status_code == 404
    assert bring_back(other, number, answered(content, "taken")).status_code == 404
    assert other.delete(f"/exchange/{number}").status_code == 404
    assert other.get("/exchange/").get_json()["count"] == 0
    assert other.post("/exchange/", {"kind": "destination"}).status_code == 422  # it has an interface
    for stranger in ("school10001", "dept10001a", "employer1", "graduate1"):
        assert api(stranger).get("/exchange/").status_code == 403
        assert api(stranger).post("/exchange/", {"kind": "destination"}).status_code == 403
        assert api(stranger).get(f"/exchange/{number}/file").status_code == 403
    operator = api("operator")
    assert operator.get("/exchange/").get_json()["count"] == 1
    assert operator.post("/exchange/", {"kind": "destination", "province": "32"}).status_code == 422


def test_a_roster_of_several_provinces_is_divided(api: Api, by_file: None, drain: Callable[..., int]) -> None:
    """Who can be told by the interface is; the others go in the file, removed ones as removed."""
    graduates = session.scalars(select(Graduate).where(Graduate.exam_number.is_not(None)).order_by(Graduate.id)).all()
    ids = {one.id: one.province_id for one in graduates}
    assert len(set(ids.values())) > 1
    with transaction():
        post_roster(ids, key="test-divided")
    drain(failures=True)
    _number, content = made(api("province11"), "students")
    lines = content.decode("utf-8-sig").splitlines()[1:-1]
    beijing = session.scalars(select(Province.id).where(Province.code == "11")).one()
    assert len(lines) == list(ids.values()).count(beijing)
    open_ones = select(OutboxMessage.key).where(OutboxMessage.key.like("test-divided%"), OutboxMessage.status != "done")
    assert session.scalars(open_ones).all() == ["test-divided:1:11"]


@pytest.fixture
def many(by_file: None, drain: Callable[..., int], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Five students that wait, where a file holds two and a request writes none; their messages."""
    monkeypatch.setattr(services, "MOST_AT_ONCE", 1)
    monkeypatch.setattr(services, "MOST_ROWS", 2)
    query = select(Graduate.id).join(Province, Province.id == Graduate.province_id).where(Province.code == "11")
    ids = session.scalars(query.order_by(Graduate.id).limit(5)).all()
    with transaction():
        for one in ids:
            post_roster([one], key=f"test-many-{one}")
    drain(failures=True)
    keys = select(OutboxMessage.id).where(OutboxMessage.key.like("test-many-%")).order_by(OutboxMessage.id)
    return list(session.scalars(keys))


def outcome(api: Any, answer: Any, drain: Callable[..., int]) -> Any:
    assert answer.status_code == 202, answer.text
    drain(failures=True)
    return api.get(f"/jobs/{answer.get_json()['job_id']}").get_json()["result"]["outcome"]


def test_much_is_written_and_read_by_workers(
    app: Flask, api: Api, many: list[int], drain: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    province = api("province11")
    asked = province.post("/exchange/", {"kind": "students", "format": "csv"})
    client = browser(app, "province11")
    assert 'id="running"' in client.get("/staff/exchange/").text
    told = outcome(province, asked, drain)
    assert (len(told["files"]), told["rows"]) == (3, 5)
    assert client.get("/staff/exchange/?part=1").headers["HX-Redirect"] == "/staff/exchange/"
    contents = {number: province.get(f"/exchange/{number}/file").data for number in told["files"]}
    lines = [line for one in contents.values() for line in one.decode("utf-8-sig").splitlines()[1:-1]]
    assert sorted(int(line.partition(",")[0]) for line in lines) == many  # each in one file

    number, content = contents.popitem()
    monkeypatch.setattr(services, "MOST_AT_ONCE", 0)
    wrong = outcome(province, bring_back(province, number, b"no,such,columns"), drain)
    assert (wrong["ok"], wrong["code"]) == (False, "invalid")
    assert wrong["message"] in client.get("/staff/exchange/").text
    with monkeypatch.context() as patch:  # whatever goes wrong, others can come
        patch.setattr(answers, "end_messages", lambda _ended: 1 / 0)
        assert outcome(province, bring_back(province, number, answered(content, "taken")), drain)["code"] == "internal"
    sent = bring_back(province, number, answered(content, "taken"))
    for meanwhile in (bring_back(province, number, b""), province.delete(f"/exchange/{number}")):
        assert meanwhile.get_json()["code"] == "busy"
    assert outcome(province, sent, drain)["taken"] == 1
    assert state(many[-1])[0] == "done"
    assert province.get(f"/exchange/{number}/file").status_code == 404


def test_what_is_behind_goes_in_the_same_file(api: Api, by_file: None, drain: Callable[..., int]) -> None:
    """In order, and by an interface that comes later never before what still has to be carried."""
    one = session.scalars(
        select(Graduate.id).join(Province, Province.id == Graduate.province_id).where(Province.code == "11")
    ).first()
    with transaction():
        for present in (False, True):
            post_presence(one or 0, present=present, key=f"test-behind-{present}")
    drain(failures=True)
    _number, content = made(api("province11"), "students")
    assert len(content.decode("utf-8-sig").splitlines()[1:-1]) == 2


def browser(app: Flask, username: str) -> FlaskClient:
    client = app.test_client()
    form = {"username": username, "password": PASSWORD, "csrf_token": token(client.get("/login/school").text)}
    assert client.post("/login/school", data=form).status_code == 302
    return client


def test_the_page_writes_a_file_and_takes_its_answers(app: Flask, signed: int) -> None:
    client = browser(app, "province11")
    page = client.get("/staff/exchange/").text
    assert "北京市" in page
    sent = {"csrf_token": token(page), "kind": "destination", "format": "csv", "province": "11"}
    assert client.post("/staff/exchange/", data=sent).status_code == 302
    assert client.post("/staff/exchange/", data=sent).status_code == 409
    number = session.scalars(select(ExchangeFile.id)).one()
    content = client.get(f"/staff/exchange/{number}/file").data
    file = {"csrf_token": token(page), "file": (io.BytesIO(answered(content, "接受")), "a.csv")}
    assert client.post(f"/staff/exchange/{number}/answers", data=file).status_code == 302
    assert state(signed)[0] == "done"
    assert browser(app, "province32").get(f"/staff/exchange/{number}/file").status_code == 404
