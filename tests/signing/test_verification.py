"""The public check of an agreement (R9.4): what it tells, and to whom it tells nothing."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.base.database import session
from app.signing.online.models import OnlineSigning
from tests.signing.stage import Stage, fire


@pytest.fixture
def signed(fresh_database: str, app: Flask, drain: Callable[..., int]) -> dict[str, Any]:
    """A signed agreement with its file."""
    with app.app_context():
        case = Stage("employer1", "graduate2", "dept10001a", "school10001").bring("signed")
        found = {"id": case.id, "number": case.number, "unit": case.employer.name}
        session.remove()
    drain()
    return found


def ask(client: FlaskClient, number: str, name: str) -> tuple[int, str]:
    """Fill in the form as a stranger does."""
    page = client.get("/verify").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    answer = client.post("/verify", data={"number": number, "name": name, "csrf_token": token[1]})
    return answer.status_code, answer.get_data(as_text=True)


def test_number_and_name_tell_state_and_digest(signed: dict[str, Any], client: FlaskClient, api: Any) -> None:
    """In force, the parties masked, the digest that of the very file that is downloaded."""
    status, page = ask(client, signed["number"], "陈䶮")
    file = api("graduate2").get(f"/online_signing/{signed['id']}/document").data
    assert status == 200
    assert "该协议书真实，目前有效" in page
    assert hashlib.sha256(file).hexdigest() in page
    assert signed["unit"] not in page
    assert "陈*" in page


def test_voided_agreement_is_told_as_such(signed: dict[str, Any], client: FlaskClient, app: Flask) -> None:
    """A valid PDF of a dissolved agreement is the usual trick."""
    with app.app_context():
        stage = Stage("employer1", "graduate2", "dept10001a", "school10001")
        fire(session.get_one(OnlineSigning, signed["id"]), "void", stage.school, reason="双方协商一致")
        session.remove()
    assert "不再有效" in ask(client, signed["number"], "陈䶮")[1]


@pytest.mark.parametrize("wrong", ["name", "number", "check digit", "nonsense"])
def test_a_miss_never_says_which_part_was_wrong(signed: dict[str, Any], client: FlaskClient, wrong: str) -> None:
    """The same answer for every wrong part."""
    number, name = {
        "name": (signed["number"], "陈"),
        "number": ("202710001300099998", "陈䶮"),
        "check digit": (signed["number"][:-1] + ("0" if signed["number"][-1] != "0" else "1"), "陈䶮"),
        "nonsense": ("💥" * 20, "' OR 1=1 --"),
    }[wrong]
    status, page = ask(client, number, name)
    assert status == 404
    assert "未找到与该编号和毕业生姓名一致的协议书" in page


def test_guessing_names_is_stopped(signed: dict[str, Any], client: FlaskClient) -> None:
    """Twenty tries from one address in ten minutes."""
    assert [ask(client, signed["number"], f"陈{tries}")[0] for tries in range(21)] == [404] * 20 + [429]


def send(client: FlaskClient, content: bytes, name: str = "agreement.pdf") -> tuple[int, str]:
    """Upload a file as a stranger does."""
    page = client.get("/verify").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    data = {"csrf_token": token[1], "file": (io.BytesIO(content), name)}
    answer = client.post("/verify/file", data=data)
    return answer.status_code, answer.get_data(as_text=True)


def test_the_file_itself_is_recognised(signed: dict[str, Any], client: FlaskClient, api: Any, app: Flask) -> None:
    """Three answers: the file is the original, it is ours, and the agreement is in force or no longer."""
    file = api("graduate2").get(f"/online_signing/{signed['id']}/document").data
    status, page = send(client, file)
    assert status == 200
    assert "文件为平台原件" in page
    assert "目前有效" in page
    with app.app_context():
        stage = Stage("employer1", "graduate2", "dept10001a", "school10001")
        fire(session.get_one(OnlineSigning, signed["id"]), "void", stage.school, reason="双方协商一致")
        session.remove()
    page = send(client, file)[1]
    assert "文件为平台原件" in page
    assert "不再有效" in page


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 forged", b"\x00" * 100])
def test_a_foreign_file_is_not_ours(signed: dict[str, Any], client: FlaskClient, content: bytes) -> None:
    status, page = send(client, content)
    assert status == 404
    assert "不是本平台生成的文件" in page


def test_a_changed_byte_is_not_ours(signed: dict[str, Any], client: FlaskClient, api: Any) -> None:
    file = api("graduate2").get(f"/online_signing/{signed['id']}/document").data
    assert send(client, file[:-1] + bytes([file[-1] ^ 1]))[0] == 404


def test_no_file_and_a_huge_one_are_told(client: FlaskClient, database: str) -> None:
    assert send(client, b"", "")[0] == 422
    assert send(client, b"\x00" * (5 * 1024 * 1024 + 1))[0] == 413
