"""Pictures of a form: kept, turned and removed through one door, by the script and by plain forms (R9.3)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from app.access.actors import Actor
from app.base.database import session
from app.base.errors import Conflict, Forbidden
from app.cases import attachments
from app.documents.models import StoredFile
from app.documents.services import read_file
from app.workflow import engine, registry
from tests.documents.pictures import paper, picture
from tests.fixtures.pages import token
from tests.notices.browser import logged_in
from tests.signing.stage import invite, user

JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def _kinds(fresh_database: str) -> Iterator[None]:
    """Files at an invitation, for the time of a test."""
    kinds = (attachments.Kind("proof", "proof", most=2), attachments.Kind("paper", "paper", pdf=True))
    with _files(attachments.Files(kinds, may_change=_while_invited)):
        yield


@contextmanager
def _files(files: attachments.Files | None) -> Iterator[None]:
    """Let online signings take these files for a while."""
    table = registry.get("online_signing")
    before = table.files
    object.__setattr__(table, "files", files)
    yield
    object.__setattr__(table, "files", before)


def _while_invited(case: Any, kind: str, actor: Actor) -> None:
    """The graduate changes files until the invitation is answered."""
    if actor.kind != "graduate":
        raise Forbidden()
    if case.state != "invited":
        raise Conflict("answered", "wrong_state")


@pytest.fixture
def case_id(app: Flask) -> int:
    """An invitation of graduate1."""
    with app.app_context():
        case = invite(user("employer1"), user("graduate1"))
        session.remove()
        return int(case.id)


def _browser(app: Flask, name: str = "graduate1") -> tuple[FlaskClient, str]:
    client = logged_in(app, name)
    return client, token(client.get("/graduate/me").text)


def _send(client: FlaskClient, csrf: str, case_id: int, kind: str, content: bytes, name: str, **headers: Any) -> Any:
    data = {"csrf_token": csrf, f"photo.{kind}": (io.BytesIO(content), name)}
    return client.post(f"/photos/online_signing/{case_id}", data=data, headers=headers or JSON)


def _kept(app: Flask, case_id: int) -> list[StoredFile]:
    with app.app_context():
        return list(session.scalars(select(StoredFile).where(StoredFile.case_id == case_id).order_by(StoredFile.id)))


def test_script_adds_turns_and_removes(app: Flask, case_id: int) -> None:
    client, csrf = _browser(app)
    added = _send(client, csrf, case_id, "proof", picture("JPEG", (60, 40)), "通知书.jpg")
    assert added.status_code == 200, added.text
    file = added.get_json()["file"]
    assert (file["kind"], file["name"], file["mime"]) == ("proof", "通知书.jpg", "image/jpeg")
    seen = client.get(file["url"])
    assert Image.open(io.BytesIO(seen.data)).size == (60, 40)
    turned = client.post(
        f"/photos/online_signing/{case_id}", data={"csrf_token": csrf, "photo_turn": file["id"]}, headers=JSON
    ).get_json()["file"]
    assert turned["id"] != file["id"]
    with app.app_context():
        (kept,) = session.scalars(select(StoredFile).where(StoredFile.case_id == case_id))
        assert Image.open(io.BytesIO(read_file(kept))).size == (40, 60)
    gone = client.post(
        f"/photos/online_signing/{case_id}", data={"csrf_token": csrf, "photo_remove": turned["id"]}, headers=JSON
    )
    assert gone.get_json() == {"file": None}
    assert _kept(app, case_id) == []


def test_plain_form_does_the_same(app: Flask, case_id: int) -> None:
    client, csrf = _browser(app)
    data = {
        "csrf_token": csrf,
        "next": "/graduate/me",
        "kind": "paper",
        "photo.paper": [(io.BytesIO(paper()), "a.pdf"), (io.BytesIO(picture("PNG")), "b.png")],
    }
    answer = client.post(f"/photos/online_signing/{case_id}", data=data)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/graduate/me")
    assert [file.name for file in _kept(app, case_id)] == ["a.pdf", "b.png"]
    refused = _send(client, csrf, case_id, "proof", b"MZ\x90", "virus.exe", Accept="text/html")
    assert (refused.status_code, refused.headers["Location"]) == (302, "/")
    assert "只接受图片" in client.get("/graduate/me").text
    strangers = client.post(f"/photos/online_signing/{case_id}", data={"csrf_token": csrf, "next": "//evil.example"})
    assert strangers.headers["Location"] == "/"


@pytest.mark.parametrize(
    ("kind", "content", "name", "status"),
    [
        ("proof", b"<svg/>", "a.svg", 415),
        ("proof", paper(), "a.pdf", 415),
        ("proof", picture() + bytes(10 * 1024 * 1024), "a.jpg", 413),
        ("proof", picture()[:200], "a.jpg", 422),
        ("other", picture(), "a.jpg", 422),
    ],
)
def test_refusal_is_told_at_the_file(
    app: Flask, case_id: int, kind: str, content: bytes, name: str, status: int
) -> None:
    client, csrf = _browser(app)
    answer = _send(client, csrf, case_id, kind, content, name)
    assert answer.status_code == status, answer.text
    assert answer.get_json()["message"]
    assert _kept(app, case_id) == []


def test_no_more_than_the_kind_allows(app: Flask, case_id: int) -> None:
    client, csrf = _browser(app)
    for size in (10, 11):
        assert _send(client, csrf, case_id, "proof", picture("PNG", (size, size)), "a.png").status_code == 200
    full = _send(client, csrf, case_id, "proof", picture("PNG", (12, 12)), "a.png")
    assert (full.status_code, full.get_json()["code"]) == (409, "too_many_files")
    first = _kept(app, case_id)[0].id
    turned = client.post(
        f"/photos/online_signing/{case_id}", data={"csrf_token": csrf, "photo_turn": first}, headers=JSON
    )
    assert turned.status_code == 200, "turning does not count as one more"


def test_scope(app: Flask, case_id: int) -> None:
    """Files of others can be neither added nor turned nor removed, and a case without files takes none (R1.7)."""
    client, csrf = _browser(app)
    file = _send(client, csrf, case_id, "proof", picture(), "a.jpg").get_json()["file"]
    other, others = _browser(app, "graduate2")
    assert _send(other, others, case_id, "proof", picture(), "a.jpg").status_code == 404
    for verb in ("photo_turn", "photo_remove"):
        data = {"csrf_token": others, verb: file["id"]}
        assert other.post(f"/photos/online_signing/{case_id}", data=data, headers=JSON).status_code == 404
    assert _send(client, csrf, case_id + 10**6, "proof", picture(), "a.jpg").status_code == 404
    unit = logged_in(app, "employer1")
    data = {"csrf_token": token(unit.get("/employer/").text), "photo_remove": file["id"]}
    assert unit.post(f"/photos/online_signing/{case_id}", data=data).status_code == 403
    assert client.post("/photos/nothing/1", data={"csrf_token": csrf}).status_code == 404
    with _files(None):
        assert client.post(f"/photos/online_signing/{case_id}", data={"csrf_token": csrf}).status_code == 404
    assert len(_kept(app, case_id)) == 1


def test_answered_invitation_takes_no_file(app: Flask, case_id: int) -> None:
    client, csrf = _browser(app)
    with app.app_context():
        engine.fire("online_signing", case_id, "decline", actor=user("graduate1"))
    answer = _send(client, csrf, case_id, "proof", picture(), "a.jpg")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "wrong_state")
