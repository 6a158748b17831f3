"""The page behind a link: what a unit without an account sees, and what everybody else does not (R7.6)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.base import clock
from app.base.database import session
from app.cases.attachments import files_of
from app.signing.paper.services.upload_links import create_upload_link, revoke_upload_link
from tests.documents.pdf import bare_text
from tests.notices.browser import token
from tests.signing.paper.stage import PaperStage, picture

pytestmark = pytest.mark.usefixtures("fresh_database")


@pytest.fixture
def sent(app_context: Flask) -> tuple[PaperStage, Any, str]:
    """An approved agreement and the path of the link that its unit was sent."""
    stage = PaperStage()
    case = stage.offline("agreement_approved")
    _link, url = create_upload_link(case.id, {"phone": "13900001111"}, actor=stage.graduate)
    return stage, case, "/upload/" + url.rsplit("/", 1)[1]


def hand_in(client: FlaskClient, path: str, *files: tuple[bytes, str]) -> Any:
    """Send the form of the page."""
    data = {"csrf_token": token(client.get(path).text), "file": [(io.BytesIO(one), name) for one, name in files]}
    return client.post(path, data=data, content_type="multipart/form-data")


def test_who_signs_is_shown_and_nothing_else(sent: Any, client: FlaskClient) -> None:
    _stage, case, path = sent
    page = client.get(path)
    assert page.status_code == 200
    for words in (case.employer.name, case.graduate.name, case.graduate.school.name, case.number):
        assert words in page.text
    for secret in (case.graduate.id_number, case.graduate.mobile, "6500", "6,500"):
        assert secret not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert page.headers["Cache-Control"] == "no-store"
    assert 'name="robots" content="noindex' in page.text


def test_the_agreement_is_fetched_and_its_copy_handed_in_once(
    sent: Any, client: FlaskClient, drain: Callable[..., int]
) -> None:
    _stage, case, path = sent
    assert client.get(f"{path}/agreement.pdf").status_code == 202
    drain()
    paper = client.get(f"{path}/agreement.pdf")
    assert paper.mimetype == "application/pdf"
    assert case.number in bare_text(paper.data)
    answer = hand_in(client, path, (picture(10), "1.jpg"), (picture(20), "2.jpg"))
    assert answer.status_code == 302, answer.text
    session.refresh(case)
    assert case.state == "dept_review"
    assert len(files_of(case, "stamped_agreement")) == 2
    after = client.get(path)
    assert after.status_code == 200
    assert "盖章协议书已收到" in after.text
    assert case.graduate.name not in after.text
    assert client.get(f"{path}/agreement.pdf").mimetype == "text/html"


@pytest.mark.parametrize(
    "files", [(), ((b"MZ not a picture", "1.jpg"),), tuple((picture(shade), f"{shade}.jpg") for shade in range(7))]
)
def test_what_is_no_copy_is_refused_at_the_field(sent: Any, client: FlaskClient, files: Any) -> None:
    _stage, case, path = sent
    answer = hand_in(client, path, *files)
    assert answer.status_code in (415, 422)
    assert "尚未回传" in answer.text
    session.refresh(case)
    assert case.state == "agreement_approved"
    assert files_of(case, "stamped_agreement") == []


def test_links_that_are_over_or_wrong_say_what_to_do(sent: Any, client: FlaskClient) -> None:
    stage, case, path = sent
    with time_machine.travel(clock.now() + timedelta(days=8), tick=True):
        over = client.get(path)
    assert (over.status_code, "链接已失效" in over.text) == (410, True)
    _link, url = create_upload_link(case.id, {"email": "hr@example.com"}, actor=stage.graduate)
    assert client.get(path).status_code == 410, "a new link ends the old one"
    fresh = "/upload/" + url.rsplit("/", 1)[1]
    assert client.get(fresh).status_code == 200
    revoke_upload_link(case.id, actor=stage.graduate)
    assert client.get(fresh).status_code == 410
    for wrong in ("/upload/x", "/upload/" + "a" * 32, "/upload/" + "长" * 5, "/upload/" + "a" * 400):
        answer = client.get(wrong)
        assert answer.status_code == 404, wrong
        assert "链接无效" in answer.text
        assert case.number not in answer.text


def test_who_guesses_is_stopped(sent: Any, client: FlaskClient) -> None:
    for number in range(20):
        client.get(f"/upload/guess{number}")
    assert client.get("/upload/guess").status_code == 429
