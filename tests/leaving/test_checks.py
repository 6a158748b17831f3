"""核验: the sheet, authorizations with each use, archives on their way; what has changed or was revoked says so (B2)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.access.actors import SYSTEM
from app.base import clock
from app.leaving.numbering import shown_number
from app.roster.services.graduates import set_roster_presence
from app.workflow import engine
from tests.destination.stage import fire as fire_destination
from tests.fixtures.pages import token
from tests.leaving.stage import confirmed, fire, now, open_window
from tests.signing.stage import user

Api = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("fresh_database", "app_context")


def _check(app: Flask, number: str, name: str | None = None) -> Any:
    name = now().graduate.name if name is None else name
    return app.test_client().get("/api/v1/verify", query_string={"number": number, "name": name})


def _told(app: Flask, number: str) -> dict[str, Any]:
    answer = _check(app, number)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json()["result"])


def _body(**changes: Any) -> dict[str, Any]:
    until = str(clock.today() + timedelta(days=30))
    return {"to": "北京市人才服务中心", "fields": ["destination", "archive"], "until": until, **changes}


def test_the_sheet_is_made_sealed_and_checked(app: Flask, api: Api, drain: Callable[..., int]) -> None:
    open_window()
    case, graduate = confirmed("archive", "hukou"), api("graduate1")
    drain()
    answer = graduate.get(f"/leaving/{case.id}/document")
    assert answer.status_code == 200, answer.text
    pages = pypdfium2.PdfDocument(io.BytesIO(answer.data))
    text = "".join(page.get_textpage().get_text_range() for page in pages).replace("\r\n", "")
    for part in ("去向登记信息表", now().number, now().transfer_number, now().graduate.name, "杭州市人才管理服务中心"):
        assert (part or "?") in text.replace(" ", ""), part
    told = _told(app, shown_number(now().number or "").lower())
    assert told["standing"]["ok"]
    assert told["facts"] == {
        "kind": "sheet",
        "graduate": told["facts"]["graduate"],
        "school": "北京大学",
        "cohort": now().cohort,
        "destination": now().data["registered"]["destination"]["label"],
    }
    assert "*" in told["facts"]["graduate"]
    told = _told(app, now().transfer_number or "")
    assert told["facts"] == {
        "kind": "transfer",
        "receiver": "杭州市人才管理服务中心",
        "graduate": told["facts"]["graduate"],
        "school": "北京大学",
        "sent_on": None,
        "received_on": None,
    }
    for wrong in (_check(app, now().number or "", "张三丰"), _check(app, "0" * 16), _check(app, "ZD2027100010000000")):
        assert (wrong.status_code, wrong.get_json()["code"]) == (404, "no_match")


def test_there_is_no_sheet_before_and_a_new_one_after_a_change(app: Flask, api: Api, drain: Callable[..., int]) -> None:
    case, graduate = confirmed("archive"), api("graduate1")
    drain()
    first = graduate.get(f"/leaving/{case.id}/document").data
    number = now().number or ""
    engine.fire("leaving", case.id, "reopen", actor=SYSTEM)
    refused = graduate.get(f"/leaving/{case.id}/document")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "not_confirmed")
    assert _told(app, number)["standing"]["state"] == "replaced"
    fire(now(), "confirm", "graduate1")
    drain()
    second = graduate.get(f"/leaving/{case.id}/document")
    assert second.status_code == 200
    assert second.data != first
    assert _told(app, now().number or "")["standing"]["ok"]
    assert not _told(app, number)["standing"]["ok"], "the old number is not valid again"


def test_an_authorization_shows_its_parts_and_notes_each_check(app: Flask, api: Api) -> None:
    confirmed("archive", "hukou")
    graduate = api("graduate1")
    answer = graduate.post("/authorizations/", _body())
    assert answer.status_code == 201, answer.get_json()
    made = answer.get_json()["result"]
    assert (made["to"], made["fields"], made["revoked_at"], made["uses"]) == (
        "北京市人才服务中心",
        ["destination", "archive"],
        None,
        [],
    )
    facts = _told(app, made["number"])["facts"]
    assert set(facts) == {"kind", "to", "until", "destination", "archive"}
    assert (facts["kind"], facts["to"], facts["until"]) == ("authorization", made["to"], made["until"])
    assert facts["archive"]["address"] == "文三路 9 号 201 室", "in clear"
    assert facts["destination"]["code"] == "11"
    assert not {"case_id", "workflow"} & {*facts["destination"], *facts["archive"]}
    _check(app, made["number"], "张三丰")
    shown = graduate.get(f"/authorizations/{made['id']}").get_json()["result"]
    assert [use["source"] for use in shown["uses"]] == ["127.0.0.1"]
    assert graduate.get("/authorizations/").get_json()["count"] == 1


def test_revoked_over_and_resting_show_nothing(app: Flask, api: Api) -> None:
    case, graduate = confirmed(), api("graduate1")
    first, second = (graduate.post("/authorizations/", _body()).get_json()["result"] for _ in range(2))
    assert graduate.delete(f"/authorizations/{first['id']}").get_json()["result"]["revoked_at"]
    told = _told(app, first["number"])
    assert (told["standing"]["state"], told["facts"]) == ("revoked", None)
    with time_machine.travel(clock.now() + timedelta(days=31), tick=False):
        told = _told(app, second["number"])
        assert (told["standing"]["ok"], told["standing"]["state"], told["facts"]) == (False, "over", None)
    engine.fire("leaving", case.id, "reopen", actor=SYSTEM)
    assert not _told(app, second["number"])["standing"]["ok"]
    assert graduate.post("/authorizations/", _body()).get_json()["code"] == "not_confirmed"
    fire(now(), "confirm", "graduate1")
    assert _told(app, second["number"])["standing"]["ok"], "it rested only"
    set_roster_presence(case.graduate_id, present=False, actor=SYSTEM)
    assert not _told(app, second["number"])["standing"]["ok"]
    assert graduate.get(f"/authorizations/{second['id']}").get_json()["result"]["uses"].__len__() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"to": " "}, "to"),
        ({"fields": []}, "fields"),
        ({"fields": ["id_number"]}, "fields"),
        ({"fields": "archive"}, "fields"),
        ({"until": "2020-01-01"}, "until"),
        ({"until": "2099-01-01"}, "until"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(api: Api, changes: dict[str, Any], field: str) -> None:
    confirmed()
    answer = api("graduate1").post("/authorizations/", _body(**changes))
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field])


def test_authorizations_are_the_graduates_own(api: Api) -> None:
    refused = api("graduate1").post("/authorizations/", _body())
    assert (refused.status_code, refused.get_json()["code"]) == (409, "not_confirmed")
    confirmed()
    made = api("graduate1").post("/authorizations/", _body()).get_json()["result"]
    for who, status in (("graduate2", 404), ("school10001", 404), ("employer1", 404)):
        assert api(who).get(f"/authorizations/{made['id']}").status_code == status
        assert api(who).delete(f"/authorizations/{made['id']}").status_code == status
    for who in ("school10001", "employer1", "province11", "operator"):
        assert api(who).post("/authorizations/", _body()).status_code == 403
        assert api(who).get("/authorizations/").status_code == 403


def test_the_public_page_takes_the_numbers(app: Flask, api: Api) -> None:
    confirmed("archive")
    number = now().number or ""
    client = app.test_client()
    assert f'value="{number}"' in client.get(f"/verify?number={number}").text
    made = api("graduate1").post("/authorizations/", _body()).get_json()["result"]
    for one, part in ((number, "北京大学"), (made["number"], "文三路 9 号"), (now().transfer_number or "", "转递")):
        form = {"csrf_token": token(client.get("/verify").text), "number": one, "name": now().graduate.name}
        page = client.post("/verify", data=form)
        assert page.status_code == 200
        assert part in page.text
    fire_destination(now_destination(), "void", user("graduate1"))
    form = {"csrf_token": token(client.get("/verify").text), "number": number, "name": now().graduate.name}
    assert "已变更" in client.post("/verify", data=form).text


def now_destination() -> Any:
    """The destination that was confirmed."""
    from app.base.database import session
    from app.destination.models import Destination

    return session.get_one(Destination, now().data["registered"]["destination"]["case_id"])


def test_the_sheets_own_file_is_answered_with_its_standing(
    app: Flask, api: Api, client: FlaskClient, drain: Callable[..., int]
) -> None:
    """In force as long as nothing has changed; then replaced, also under its own bytes."""
    case, graduate = confirmed("archive"), api("graduate1")
    drain()
    first = graduate.get(f"/leaving/{case.id}/document").data
    told = _of_file(client, first)
    assert [told[part]["ok"] for part in ("file", "seal", "standing")] == [True, True, True]
    assert told["standing"]["state"] == "valid"
    assert told["facts"]["kind"] == "sheet"
    page = client.post("/verify/file", data={"csrf_token": token(client.get("/verify").text), "file": _file(first)})
    assert "3. 材料现在的状态：去向登记信息表" in page.text
    engine.fire("leaving", case.id, "reopen", actor=SYSTEM)
    assert _of_file(client, first)["standing"]["state"] == "replaced"
    fire(now(), "confirm", "graduate1")
    drain()
    assert _of_file(client, graduate.get(f"/leaving/{case.id}/document").data)["standing"]["ok"]
    told = _of_file(client, first)
    assert (told["standing"]["ok"], told["standing"]["state"], told["facts"]) == (False, "replaced", None)
    assert told["file"]["ok"], "as it was made, though replaced"


def _file(content: bytes) -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), "sheet.pdf"


def _of_file(client: FlaskClient, content: bytes) -> dict[str, Any]:
    found: dict[str, Any] = client.post("/api/v1/verify", data={"file": _file(content)}).get_json()["result"]
    return found
