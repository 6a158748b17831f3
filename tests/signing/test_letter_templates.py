"""邀请函信息管理: shared by the unit, named once, every change on record, used and offered in invitations (R6.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.notices.browser import logged_in, token
from tests.signing.stage import ARCHIVE, letter, user

Api = Callable[..., Any]
POSITION = letter()["position"]
BODIES = {
    "position": {"name": "软件工程师", **POSITION},
    "archive": {"name": "北京档案", **ARCHIVE},
    "hukou": {"name": "海淀集体户", "accept": True, "address": "北京市海淀区中关村大街 1 号"},
}
pytestmark = pytest.mark.usefixtures("fresh_database")


@pytest.mark.parametrize("kind", BODIES)
def test_template_is_kept_changed_and_deleted_with_a_record_of_it_all(api: Api, kind: str) -> None:
    one, colleague, body = api("employer1"), api("employer1b"), BODIES[kind]
    made = one.post(f"/templates/{kind}/", body)
    assert made.status_code == 201, made.text
    place = f"/templates/{kind}/{made.get_json()['id']}"
    result = colleague.get(place).get_json()["result"]
    assert {name: result[name] for name in body} == body
    assert colleague.put(place, {**body, "name": "改过的"}).status_code == 200
    assert colleague.put(place, {**body, "name": "改过的"}).status_code == 200
    assert [row["name"] for row in one.get(f"/templates/{kind}/").get_json()["result"]] == ["改过的"]
    assert one.delete(place).status_code == 200
    assert one.get(place).status_code == one.delete(place).status_code == 404
    changes = one.get(f"{place}/history").get_json()["result"]
    assert [change["event"] for change in changes] == ["deleted", "changed", "created"]
    assert changes[0]["after"] is changes[2]["before"] is None
    assert (changes[1]["before"]["name"], changes[1]["after"]["name"]) == (body["name"], "改过的")
    assert changes[1]["actor"] == user_name("employer1b", api)
    assert api("employer2").get(f"{place}/history").status_code == 404


def user_name(username: str, api: Api) -> str:
    """The name of an account's person."""
    with api(username).client.application.app_context():
        return user(username).name


def test_name_is_the_units_own_for_each_kind(api: Api) -> None:
    one = api("employer1")
    assert one.post("/templates/hukou/", BODIES["hukou"]).status_code == 201
    again = api("employer1b").post("/templates/hukou/", BODIES["hukou"])
    assert (again.status_code, again.get_json()["code"]) == (409, "name_taken")
    assert api("employer2").post("/templates/hukou/", BODIES["hukou"]).status_code == 201
    other = one.post("/templates/hukou/", {**BODIES["hukou"], "name": "另一个"}).get_json()["id"]
    assert one.put(f"/templates/hukou/{other}", BODIES["hukou"]).status_code == 409
    assert one.post("/templates/archive/", {**ARCHIVE, "name": BODIES["hukou"]["name"]}).status_code == 201


def test_foreign_templates_do_not_exist(api: Api) -> None:
    place = f"/templates/position/{api('employer1').post('/templates/position/', BODIES['position']).get_json()['id']}"
    for stranger in ("employer2", "school10001", "graduate1"):
        assert api(stranger).get(place).status_code == 404
        assert api(stranger).put(place, BODIES["position"]).status_code == 404
        assert api(stranger).delete(place).status_code == 404
        assert api(stranger).get(f"{place}/history").status_code == 404
    assert api("employer1").get(place.replace("position", "archive")).status_code == 404


def test_order_of_refusals(api: Api) -> None:
    assert api("employer1").post("/templates/salary/", BODIES["position"]).status_code == 404
    assert api("school10001").post("/templates/position/", {}).status_code == 403
    assert api("employer3").post("/templates/position/", {}).status_code == 409
    wrong = api("employer1").post("/templates/position/", {**POSITION, "category": "none"})
    assert wrong.status_code == 422
    assert set(wrong.get_json()["errors"]) == {"name", "category"}
    assert api("employer1").post("/templates/archive/", {"name": "x", "accept": True}).status_code == 422


def test_day_to_report_may_be_open_or_past(api: Api) -> None:
    body = {name: value for name, value in BODIES["position"].items() if name != "report_by"}
    assert api("employer1").post("/templates/position/", body).status_code == 201
    past = {**BODIES["position"], "name": "去年的", "report_by": "2020-07-01"}
    assert api("employer1").post("/templates/position/", past).status_code == 201


def _fields(html: str, **more: Any) -> dict[str, Any]:
    return {"csrf_token": token(html), **more}


def test_pages_add_change_show_and_delete(app: Flask) -> None:
    page = logged_in(app, "employer1")
    empty = page.get("/employer/templates").text
    assert page.get("/employer/templates?kind=salary").status_code == 404
    form = page.get("/employer/templates/position/new").text
    sent = {f"position.{name}": value for name, value in POSITION.items()}
    refused = page.post(
        "/employer/templates/position", data=_fields(form, **{**sent, "position.phone": "1"}, name="甲")
    )
    assert refused.status_code == 422
    assert 'value="甲"' in refused.text
    made = page.post("/employer/templates/position", data=_fields(form, **sent, name="甲"))
    assert made.status_code == 302
    assert page.post("/employer/templates/position", data=_fields(form, **sent, name="甲")).status_code == 409
    assert POSITION["title"] in page.get(made.location).text
    edit = page.get(f"{made.location}/edit").text
    assert f'value="{POSITION["title"]}"' in edit
    changed = {**sent, "position.title": "架构师"}
    assert page.post(f"{made.location}/edit", data=_fields(edit, **changed, name="甲")).status_code == 302
    record = page.get(f"{made.location}/history").text
    assert "架构师" in record
    assert POSITION["title"] in record
    assert "甲" in page.get("/employer/templates").text
    assert logged_in(app, "employer2").get(made.location).status_code == 404
    assert page.post(f"{made.location}/delete", data=_fields(edit)).status_code == 302
    assert page.get(made.location).status_code == 404
    assert page.get(f"{made.location}/history").status_code == 200
    assert empty


def test_template_fills_in_the_letter_without_scripts_and_is_offered_at_first_use(app: Flask, api: Api) -> None:
    page = logged_in(app, "employer1")
    with app.app_context():
        graduate = str(user("graduate1").graduate_id)
    form = page.get(f"/employer/invitations/new?graduate={graduate}").text
    assert 'name="fill"' not in form, "there is no template yet"
    sent = {f"position.{name}": value for name, value in POSITION.items() if value is not None}
    sent |= {"graduate": graduate, "valid_until": letter()["valid_until"], "clauses": ""}
    sent |= {"archive.accept": "1", **{f"archive.{name}": value for name, value in ARCHIVE.items() if name != "accept"}}
    preview = page.post("/employer/invitations/preview", data=_fields(form, **sent)).text
    assert 'name="save.position"' in preview
    assert 'name="save.archive"' in preview
    assert 'name="save.hukou"' not in preview
    keep = {"save.position": "1", "save_name.position": "工程师", "save_name.archive": "档案"}
    assert page.post("/employer/invitations", data=_fields(form, **sent, **keep)).status_code == 302
    kept = api("employer1").get("/templates/position/").get_json()["result"]
    assert [row["name"] for row in kept] == ["工程师"]
    assert api("employer1").get("/templates/archive/").get_json()["count"] == 0
    again = page.post("/employer/invitations/preview", data=_fields(form, **sent)).text
    assert 'name="save.position"' not in again
    chosen = {"template.position": str(kept[0]["id"]), "fill": "position", "graduate": graduate, "clauses": "保留"}
    filled = page.post("/employer/invitations/preview", data=_fields(form, **chosen))
    assert filled.status_code == 200
    assert f'value="{POSITION["title"]}"' in filled.text
    assert "保留" in filled.text
    stranger = logged_in(app, "employer2")
    html = stranger.get("/employer/favorites").text
    assert stranger.post("/employer/invitations/preview", data=_fields(html, **chosen)).status_code == 404
