"""Large downloads: a worker makes them in the place of who asked; line, reveal and file once, whoever dies in between."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask, send_file
from sqlalchemy import func, select

from app.access.audit import AuditLine
from app.base import clock
from app.base.database import session
from app.retention.services import obey_rules
from app.web import jobs, sheets
from app.workflow import background
from app.workflow.models import Job, JobFile
from tests.notices.browser import logged_in
from tests.roster.test_reveal import sheet_rows
from trial.demo import country

pytestmark = pytest.mark.usefixtures("fresh_database")
Api = Callable[..., Any]
OWN = country.GRADUATES[0]


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_AT_ONCE", 2)


def _lines(action: str) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(AuditLine).where(AuditLine.action == action)) or 0


def _asked(answer: Any) -> int:
    assert answer.status_code == 202, answer.text
    return int(answer.get_json()["job_id"])


def test_a_worker_makes_it_within_the_scope_of_who_asked(app_context: Flask, api: Api) -> None:
    school = api("school10001")
    number = _asked(school.get("/graduates/export?format=csv&reveal=reporting&words=月报"))
    assert (_lines("export"), _lines("reveal")) == (0, 0), "nothing has left yet"
    assert school.get(f"/jobs/{number}").get_json()["result"]["sheet"] is None
    assert background.run(number)
    told = school.get(f"/jobs/{number}").get_json()["result"]
    assert (told["state"], told["sheet"]) == ("done", f"/api/v1/jobs/{number}/sheet")
    file = school.get(f"/jobs/{number}/sheet")
    assert file.headers["Cache-Control"] == "no-store", "a browser keeps nothing of it on its disk"
    rows = file.data.decode("utf-8-sig").splitlines()
    own = session.scalar(select(func.count()).where(AuditLine.action == "reveal"))
    assert OWN.id_number in file.text
    assert len(rows) - 2 == own, "one line of the trail for each person in the file"
    assert "school10001" in rows[-1]
    assert "reveal=reporting" in rows[-1]
    assert all("北京大学" in row for row in rows[1:-1])
    assert _lines("export") == 1
    assert background.run(number)
    assert (_lines("export"), _lines("reveal")) == (1, own)


def test_asked_twice_it_is_one_job_and_no_other_may_have_it(app_context: Flask, api: Api) -> None:
    school = api("school10001")
    number = _asked(school.get("/graduates/export"))
    assert _asked(school.get("/graduates/export")) == number
    background.run(number)
    assert api("school10002").get(f"/jobs/{number}").status_code == 404
    assert api("operator").get(f"/jobs/{number}/sheet").status_code == 404
    assert _asked(school.get("/graduates/export")) != number, "what is over is made anew"


def test_nobody_keeps_all_workers_busy(app_context: Flask, api: Api) -> None:
    school = api("school10001")
    for turn in range(jobs.MOST_OPEN):
        _asked(school.get(f"/graduates/export?format=csv&reveal=contact&words={turn}"))
    refused = school.get("/graduates/export?format=csv&reveal=contact&words=x")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "too_many_downloads")


def test_a_wrong_reason_is_refused_before_any_job(app_context: Flask, api: Api) -> None:
    assert api("school10001").get("/graduates/export?reveal=other").status_code == 422
    assert session.scalar(select(func.count()).select_from(Job)) == 0


def test_who_dies_in_between_leaves_nothing_half_done(
    app_context: Flask, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = _asked(api("school10001").get("/graduates/export?reveal=contact"))

    class Power(BaseException):
        pass

    def gone(*_given: Any, **_more: Any) -> Any:
        raise Power

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "JobFile", gone)
        with pytest.raises(Power):
            background.run(number)
    assert (_lines("export"), _lines("reveal")) == (0, 0)
    assert background.run(number)
    assert _lines("export") == 1
    assert session.scalar(select(func.count()).select_from(JobFile)) == 1


def test_who_may_no_longer_is_refused_in_the_worker(app_context: Flask, api: Api) -> None:
    school = api("school10001")
    number = _asked(school.get("/graduates/export"))
    from app.access.models import Account

    account = session.scalars(select(Account).where(Account.user.has(username="school10001"))).one()
    account.user.active = False
    session.commit()
    assert background.run(number)
    session.expunge_all()
    job = session.get_one(Job, number)
    assert (job.state, job.outcome["ok"]) == ("done", False)
    assert _lines("export") == 0


def test_the_page_waits_by_itself_and_keeps_the_cohort(app_context: Flask) -> None:
    browser = logged_in(app_context, "school10001")
    asked = browser.get("/staff/graduates/export?format=csv")
    assert asked.status_code == 303
    place = asked.headers["Location"]
    page = browser.get(place).text
    assert f'hx-get="{place}/progress"' in page
    number = int(place.rpartition("/")[2])
    background.note_progress(number, 2, 4)
    assert "2" in browser.get(f"{place}/progress").text
    background.run(number)
    done = browser.get(f"{place}/progress").text
    assert "hx-get" not in done
    file = browser.get(f"{place}/file")
    assert file.mimetype == "text/csv"
    assert OWN.name in file.data.decode("utf-8-sig")
    with time_machine.travel(clock.now() + jobs.KEPT_FOR + timedelta(minutes=1), tick=False):
        obey_rules()
    assert session.scalar(select(func.count()).select_from(JobFile)) == 0
    assert browser.get(f"{place}/file").status_code in (302, 404)


def test_statistics_have_the_same_door(app_context: Flask) -> None:
    browser = logged_in(app_context, "school10001")
    page = browser.get("/staff/statistics/archive/people?progress=unregistered").text
    assert 'name="reveal"' in page
    assert 'name="format"' in page
    place = browser.get("/staff/statistics/archive/people/export?progress=unregistered&reveal=contact").headers[
        "Location"
    ]
    number = int(place.rpartition("/")[2])
    background.run(number)
    rows = sheet_rows(browser.get(f"{place}/file").data)
    assert OWN.id_number in {cell for row in rows for cell in row}


def test_a_chinese_name_leaves_a_name_for_who_reads_no_chinese(app: Flask, api: Api) -> None:
    """Of what `send_file` says, whoever answers with it."""
    told = api("school10001").get("/roster/template").headers["Content-Disposition"]
    assert "filename=download.xlsx" in told
    assert "filename*=UTF-8''%E" in told
    for name, plain in {"协议-2027.pdf": "download-2027.pdf", "plan.csv": "plan.csv", "a b.pdf": '"a b.pdf"'}.items():
        with app.test_request_context():
            answer = app.process_response(send_file(io.BytesIO(b"x"), download_name=name, as_attachment=True))
        assert answer.headers["Content-Disposition"].partition("filename=")[2].partition(";")[0] == plain
