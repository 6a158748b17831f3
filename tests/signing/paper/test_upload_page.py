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
from sqlalchemy import func, select

from app.base import clock
from app.base.database import session
from app.cases.attachments import files_of
from app.documents.models import StoredFile
from app.retention.services import obey_rules
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


JSON = {"Accept": "application/json"}


def test_pictures_are_sent_one_by_one_turned_removed_and_handed_in_together(sent: Any, client: FlaskClient) -> None:
    _stage, case, path = sent
    csrf = token(client.get(path).text)

    def change(**data: Any) -> Any:
        return client.post(f"{path}/files", data={"csrf_token": csrf, **data}, headers=JSON)

    def add(content: bytes, name: str) -> Any:
        return change(**{"photo.stamped_agreement": (io.BytesIO(content), name)})

    kept = [add(picture(shade), f"{shade}.jfif").get_json()["file"] for shade in (10, 20)]
    refused = add(b"PK\x03\x04", "a.docx")
    assert (refused.status_code, "Word" in refused.get_json()["message"]) == (415, True)
    seen = client.get(kept[0]["url"])
    assert (seen.mimetype, seen.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    turned = change(photo_turn=kept[0]["id"]).get_json()["file"]
    assert client.get(kept[0]["url"]).status_code == 404
    assert change(photo_remove=kept[1]["id"]).get_json() == {"file": None}
    page = client.get(path).text
    assert turned["url"] in page
    assert kept[1]["url"] not in page
    assert files_of(case) == [], "nothing of it is the case's before it is handed in"
    assert client.post(path, data={"csrf_token": csrf}).status_code == 302
    session.refresh(case)
    assert case.state == "dept_review"
    assert [(file.name, file.school_id) for file in files_of(case, "stamped_agreement")] == [("10.jpg", case.school_id)]
    assert client.get(turned["url"]).status_code == 404


def test_no_more_than_six_wait_and_none_outlives_its_link(sent: Any, client: FlaskClient) -> None:
    stage, case, path = sent
    csrf = token(client.get(path).text)
    for shade in range(7):
        data = {"csrf_token": csrf, "photo.stamped_agreement": (io.BytesIO(picture(shade * 30)), "a.jpg")}
        answer = client.post(f"{path}/files", data=data, headers=JSON)
        assert answer.status_code == (409 if shade == 6 else 200)
    waiting = select(func.count()).where(StoredFile.workflow == "upload_link")
    assert session.scalar(waiting) == 6
    revoke_upload_link(case.id, actor=stage.graduate)
    assert session.scalar(waiting) == 0


def test_what_waits_is_forgotten_when_its_time_is_over(sent: Any, client: FlaskClient) -> None:
    _stage, _case, path = sent
    data = {"csrf_token": token(client.get(path).text), "photo.stamped_agreement": (io.BytesIO(picture(1)), "a.jpg")}
    client.post(f"{path}/files", data=data, headers=JSON)
    waiting = select(func.count()).where(StoredFile.workflow == "upload_link")
    obey_rules()
    assert session.scalar(waiting) == 1
    with time_machine.travel(clock.now() + timedelta(days=8), tick=True):
        obey_rules()
    assert session.scalar(waiting) == 0


def test_without_scripts_good_pictures_wait_while_a_bad_one_is_told(sent: Any, client: FlaskClient) -> None:
    _stage, case, path = sent
    csrf = token(client.get(path).text)
    files = [(io.BytesIO(picture(10)), "一.jpg"), (io.BytesIO(b""), "二.jpg"), (io.BytesIO(picture(20)), "三.jpg")]
    answer = client.post(path, data={"csrf_token": csrf, "photo.stamped_agreement": files})
    assert answer.status_code == 422
    assert "二.jpg：文件是空的" in answer.text
    assert [name in answer.text for name in ("一.jpg", "三.jpg")] == [True, True]
    assert client.post(path, data={"csrf_token": csrf}).status_code == 302
    assert len(files_of(case, "stamped_agreement")) == 2


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
