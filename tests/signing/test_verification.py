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
    assert "目前有效" in page
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
    assert "文件内容与本平台生成时完全一致" in page
    assert "目前有效" in page
    with app.app_context():
        stage = Stage("employer1", "graduate2", "dept10001a", "school10001")
        fire(session.get_one(OnlineSigning, signed["id"]), "void", stage.school, reason="双方协商一致")
        session.remove()
    page = send(client, file)[1]
    assert "文件内容与本平台生成时完全一致" in page
    assert "不再有效" in page


def test_an_office_checks_several_files_at_once(signed: dict[str, Any], client: FlaskClient, api: Any) -> None:
    original = api("graduate2").get(f"/online_signing/{signed['id']}/document").data
    files = [(io.BytesIO(content), name) for content, name in ((original, "a.pdf"), (b"%PDF-1.7 forged", "b.pdf"))]
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/verify").get_data(as_text=True))
    assert token is not None
    shown = client.post("/verify/file", data={"csrf_token": token[1], "file": files}).get_data(as_text=True)
    first, second = shown.partition("b.pdf")[::2]
    assert "文件内容与本平台生成时完全一致" in first
    assert signed["number"] in first
    assert "不是本平台生成的文件" in second
    assert signed["number"] not in second


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 forged", b"\x00" * 100])
def test_a_foreign_file_is_not_ours(signed: dict[str, Any], client: FlaskClient, content: bytes) -> None:
    status, page = send(client, content)
    assert status == 200
    assert "不是本平台生成的文件" in page
    assert "没有本平台的有效签章" in page
    assert signed["number"] not in page


def test_no_file_and_a_huge_one_are_told(client: FlaskClient, database: str) -> None:
    assert send(client, b"", "")[0] == 422
    assert send(client, b"\x00" * (5 * 1024 * 1024 + 1))[0] == 413


# The same over the API, each answer for itself (B3) ------------------------------------------------------------------


def check(client: FlaskClient, content: bytes) -> dict[str, Any]:
    """Show a file to the API as a stranger."""
    answer = client.post("/api/v1/verify", data={"file": (io.BytesIO(content), "协议.pdf")})
    assert answer.status_code == 200, answer.json
    found: dict[str, Any] = answer.json["result"]  # type: ignore[index]
    return found


def looked_up(client: FlaskClient, number: str, name: str) -> Any:
    """Ask the API by number and name as a stranger."""
    return client.get("/api/v1/verify", query_string={"number": number, "name": name})


def test_three_answers_to_the_original(signed: dict[str, Any], client: FlaskClient, api: Any) -> None:
    found = check(client, api("graduate2").get(f"/online_signing/{signed['id']}/document").data)
    assert found["file"]["ok"]
    assert found["seal"]["ok"]
    assert found["seal"]["certificate"]
    assert found["seal"]["sealed_at"] <= found["checked_at"]
    assert (found["standing"]["ok"], found["standing"]["state"]) == (True, "valid")
    assert found["standing"]["since"]
    facts = found["facts"]
    assert facts["number"] == signed["number"]
    assert facts["unit"] != signed["unit"]
    assert facts["graduate"] == "陈*"
    assert "*" not in f"{facts['position']}{facts['salary_month']}{facts['report_by']}"


def test_number_and_name_check_no_paper_and_show_masked_terms(
    signed: dict[str, Any], client: FlaskClient, api: Any
) -> None:
    number = signed["number"]
    spelt = [
        number,
        f" {number[:4]} {number[4:9]}-{number[9:]} ",
        number.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    ]
    told = [looked_up(client, one, name).json["result"] for one in spelt for name in ("陈䶮", " 陈 䶮 ")]
    for found in told:
        assert (found["file"], found["seal"], found["standing"]["ok"]) == (None, None, True)
        assert all("*" in found["facts"][name] for name in ("position", "salary_month", "report_by"))
    wrong = looked_up(client, number, "陈")
    assert (wrong.status_code, wrong.json["code"]) == (404, "no_match")


def test_every_changed_file_is_told_and_what_was_sealed_stays_so(
    signed: dict[str, Any], client: FlaskClient, api: Any
) -> None:
    """A byte changed anywhere, also in the seal; cut; grown behind the seal; the seal put on another paper."""
    file = api("graduate2").get(f"/online_signing/{signed['id']}/document").data
    for place in (0, 9, len(file) // 2, file.rindex(b"/ByteRange") + 14, file.rindex(b"/Contents") + 40, len(file) - 1):
        found = check(client, file[:place] + bytes([file[place] ^ 1]) + file[place + 1 :])
        assert not found["file"]["ok"], place
        assert (found["standing"]["ok"], found["standing"]["state"], found["facts"]) == (False, "unknown", None)
        assert not found["seal"]["ok"], place
    grown = check(client, file + b"\n%%EOF\n")
    assert (grown["file"]["ok"], grown["seal"]["ok"], grown["standing"]["ok"]) == (False, True, False)
    assert not check(client, file[:-1])["file"]["ok"]
    other = check(client, b"%PDF-1.7 another paper" + file[file.rindex(b"/ByteRange") :])
    assert (other["file"]["ok"], other["seal"]["ok"]) == (False, False)


def test_a_sealed_file_that_the_database_has_lost_is_still_known(
    signed: dict[str, Any], client: FlaskClient, api: Any, sql: Any
) -> None:
    """As after a move: the seal says that it is ours, and the number on it what it is worth."""
    file = api("graduate2").get(f"/online_signing/{signed['id']}/document").data
    sql.execute("UPDATE stored_files SET sha256 = sha256(sha256) WHERE kind = 'agreement'")
    found = check(client, file)
    assert (found["file"]["ok"], found["seal"]["ok"], found["standing"]["state"]) == (True, True, "valid")


def test_a_former_certificate_stays_known(
    signed: dict[str, Any], client: FlaskClient, api: Any, change_settings: Callable[..., None], tmp_path: Any
) -> None:
    from app.base.settings import settings
    from trial.seal import own_certificate

    file = api("graduate2").get(f"/online_signing/{signed['id']}/document").data
    before = settings().seal
    assert before is not None
    change_settings(seal=own_certificate(tmp_path / "next"))
    assert not check(client, file)["seal"]["ok"]
    change_settings(seal=own_certificate(tmp_path / "next"), seal_former=before[0])
    assert check(client, file)["seal"]["ok"]


def test_the_standing_follows_and_successes_are_never_throttled(
    signed: dict[str, Any], client: FlaskClient, api: Any, app: Flask
) -> None:
    file = api("graduate2").get(f"/online_signing/{signed['id']}/document").data
    assert [looked_up(client, signed["number"], "陈䶮").status_code for _ in range(25)] == [200] * 25
    with app.app_context():
        stage = Stage("employer1", "graduate2", "dept10001a", "school10001")
        fire(session.get_one(OnlineSigning, signed["id"]), "void", stage.school, reason="双方协商一致")
        session.remove()
    found = check(client, file)
    assert (found["file"]["ok"], found["seal"]["ok"]) == (True, True)
    assert (found["standing"]["ok"], found["standing"]["state"]) == (False, "void")
    assert [looked_up(client, signed["number"], f"陈{tries}").status_code for tries in range(21)] == [404] * 20 + [429]
