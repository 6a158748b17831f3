"""Invitations to hundreds: an answer at once, a result for each graduate, nothing lost or double (R6.4)."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from app.base.database import session
from app.signing.online.models import OnlineSigning
from app.workflow import history
from tests.fixtures.outbox import run_jobs
from tests.notices.browser import logged_in, token
from tests.signing.crowd import crowd
from tests.signing.stage import letter, user

Api = Callable[..., Any]


def _signings(ids: list[int]) -> int:
    query = select(func.count()).where(OnlineSigning.graduate_id.in_(ids), OnlineSigning.state == "invited")
    return session.scalar(query) or 0


@pytest.mark.slow
def test_a_thousand_invitations_are_left_to_a_job(app_context: Flask, api: Api) -> None:
    ids = crowd(1000, like=user("graduate7"), unit=user("employer1"))
    employer = api("employer1")
    answer = employer.post("/online_signing/", {"graduate_ids": ids, **letter()})
    assert answer.status_code == 202, answer.text
    address = f"/jobs/{answer.get_json()['job_id']}"
    assert employer.get(address).get_json()["result"]["state"] == "queued"
    run_jobs(app_context)
    result = employer.get(address).get_json()["result"]
    assert (result["state"], result["done"], result["total"]) == ("done", 1000, 1000)
    assert len(result["outcome"]["result"]["created"]) == 1000
    assert result["outcome"]["result"]["refused"] == []
    assert _signings(ids) == 1000
    assert not list(history.broken_links())


def test_one_refusal_harms_no_other_and_is_told_with_its_reason(app_context: Flask, api: Api) -> None:
    ids = crowd(120, like=user("graduate8"), unit=user("employer1"), start=2000)
    stranger = crowd(1, like=user("graduate8"), unit=None, start=3000)
    employer = api("employer1")
    assert employer.post("/online_signing/", {"graduate_ids": ids[:1], **letter()}).status_code == 201
    answer = employer.post("/online_signing/", {"graduate_ids": ids + stranger, **letter()})
    address = f"/jobs/{answer.get_json()['job_id']}"
    run_jobs(app_context)
    outcome = employer.get(address).get_json()["result"]["outcome"]["result"]
    assert {(one["graduate_id"], one["code"]) for one in outcome["refused"]} == {
        (ids[0], "already_invited"),
        (stranger[0], "not_in_favorites"),
    }
    assert len(outcome["created"]) == 119
    sheet = api("employer1b").get(f"{address}/sheet")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet.data)).get_sheet_by_index(0).to_python()
    assert len(rows) == 122
    assert rows[-1][0] == "", "whom the unit has not found itself is not named"
    for path in (address, f"{address}/sheet"):
        assert api("employer2").get(path).status_code == 404
        assert api("school10001").get(path).status_code == 404


def test_a_wrong_letter_or_list_is_refused_before_any_job(app_context: Flask, api: Api) -> None:
    employer, many = api("employer1"), list(range(1, 202))
    assert (
        employer.post("/online_signing/", {"graduate_ids": many, **letter(valid_until="2020-01-01")}).status_code == 422
    )
    assert employer.post("/online_signing/", {"graduate_ids": [*many, "x"], **letter()}).status_code == 422
    assert employer.post("/online_signing/", {"graduate_ids": list(range(1, 5000)), **letter()}).status_code == 422
    assert api("employer3").post("/online_signing/", {"graduate_ids": many, **letter()}).status_code == 409
    assert api("school10001").post("/online_signing/", {"graduate_ids": many, **letter()}).status_code == 403


def test_the_same_key_starts_one_job(app_context: Flask, api: Api) -> None:
    ids = crowd(101, like=user("graduate9"), unit=user("employer2"), start=4000)
    body, key = {"graduate_ids": ids, **letter()}, {"Idempotency-Key": "crowd-1"}
    first = api("employer2").post("/online_signing/", body, headers=key)
    assert api("employer2").post("/online_signing/", body, headers=key).get_json() == first.get_json()
    run_jobs(app_context)
    assert _signings(ids) == 101


def _fields(ids: list[int], html: str) -> dict[str, Any]:
    sent = letter()
    fields = {f"position.{name}": value for name, value in sent["position"].items()}
    extra = {"clauses": "", "valid_until": sent["valid_until"], "csrf_token": token(html)}
    return {**fields, **extra, "graduate": [str(one) for one in ids]}


def test_in_the_browser_all_favorites_of_the_cohort_are_invited_by_a_job(app_context: Flask) -> None:
    ids = crowd(130, like=user("graduate10"), unit=user("employer2"), start=5000)
    page: FlaskClient = logged_in(app_context, "employer2")
    form = page.get("/employer/invitations/new?all=1")
    assert form.text.count('name="graduate"') >= 130
    answer = page.post("/employer/invitations", data=_fields(ids, form.text))
    assert answer.status_code == 302
    waiting = page.get(answer.location).text
    assert "hx-trigger" in waiting
    assert 'max="130"' in waiting
    run_jobs(app_context)
    done = page.get(answer.location).text
    assert "hx-trigger" not in done.partition('id="job"')[2].partition("</main>")[0]
    assert page.get(f"{answer.location}/sheet").status_code == 200
    assert logged_in(app_context, "employer1").get(answer.location).status_code == 404
    assert _signings(ids) == 130
