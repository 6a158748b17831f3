"""The inbox in the browser and in the API; the operators' lists and the words of the notices (R7.14, R10.2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.access.models import Account
from app.base.database import session, transaction
from app.notices.links import open_address
from app.notices.models import NoticeDelivery, NoticeTemplate, Notification
from app.roster.models import Graduate
from tests.fixtures.application import PASSWORD
from tests.notices.browser import token
from tests.notices.signings import Story

Login = Callable[[str], FlaskClient]


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """What the first test of the module made: one invitation that the graduate was told of."""
    return {}


@pytest.fixture
def notice(told: dict[str, Any], signing: Story, drain: Callable[..., int]) -> Notification:
    """An unread invitation in the inbox of graduate8."""
    actor = signing.actor_of("graduate8")
    if not told:
        told["case"] = signing.invite("graduate8", title="数据分析师").id
        drain()
    query = select(Notification).where(Notification.user_id == actor.user_id).order_by(Notification.id.desc())
    with transaction():
        found = session.scalars(query.limit(1)).one()
        found.read_at = None
    return found


def test_the_graduate_opens_a_notice_and_stands_before_the_record(login: Login, notice: Notification) -> None:
    client = login("graduate8")
    page = client.get("/graduate/messages")
    assert page.status_code == 200
    assert "收到签约邀请" in page.text
    assert "is-unread" in page.text
    assert "微信" in page.text
    assert f"/messages/{notice.id}" in page.text
    answer = client.get(f"/messages/{notice.id}")
    assert answer.status_code == 302
    assert answer.location == f"/graduate/signing/{notice.case_id}"
    assert "is-unread" not in client.get("/graduate/messages").text


def test_before_the_basic_information_is_confirmed_there_is_no_inbox(login: Login, notice: Notification) -> None:
    with transaction():
        graduate = session.scalars(select(Graduate).where(Graduate.name == reader_of(notice))).one()
        kept, graduate.confirmed_at = graduate.confirmed_at, None
    answer = login("graduate8").get("/graduate/messages")
    with transaction():
        graduate.confirmed_at = kept
    assert answer.status_code == 302
    assert answer.location == "/graduate/confirm"


def reader_of(notice: Notification) -> str:
    """The name of whom the notice tells."""
    return session.scalars(select(Account.name).where(Account.user_id == notice.user_id)).one()


def test_the_units_workbench_leads_through_the_notice(login: Login, signing: Story, drain: Callable[..., int]) -> None:
    signing.invite("graduate2")
    signing.fire("decline", "graduate2", reason="已有其他去向")
    drain()
    client = login("employer1")
    found = re.search(r"/messages/\d+", client.get("/employer/").text)
    assert found
    assert client.get(found[0]).location == f"/employer/signings/{signing.case.id}"


def test_all_are_marked_read_at_once(login: Login, notice: Notification) -> None:
    client = login("graduate8")
    page = client.get("/graduate/messages")
    assert client.post("/messages/read", data={"csrf_token": token(page.text)}).status_code == 302
    assert "is-unread" not in client.get("/graduate/messages").text


def test_the_link_of_a_message_leads_through_the_readers_own_door_and_back(
    client: FlaskClient, notice: Notification
) -> None:
    address = urlsplit(open_address(notice.id, notice.reader))
    answer = client.get(f"{address.path}?{address.query}")
    assert answer.location.startswith("/login/graduate?next=/messages/")
    page = client.get(answer.location).text
    wanted = unescape(re.findall(r'name="next" value="([^"]*)"', page)[0])
    form = {"username": "graduate8", "password": PASSWORD, "csrf_token": token(page), "next": wanted}
    back = client.post("/login/graduate", data=form).location
    assert back == f"{address.path}?{address.query}"
    assert client.get(back).location == f"/graduate/signing/{notice.case_id}"
    with client.session_transaction() as cookie:
        cookie["sid"] = "over"
    again = client.get(f"/messages/{notice.id}").location
    assert again == f"/login/graduate?next=/messages/{notice.id}", "the door through which one came is remembered"


def test_without_a_word_on_whose_it_is_one_chooses(client: FlaskClient, notice: Notification) -> None:
    assert client.get(f"/messages/{notice.id}").location == f"/?next=/messages/{notice.id}"
    assert client.get(f"/messages/{notice.id}?door=//evil").location.startswith("/?next=/messages/")


@pytest.mark.parametrize("username", ["graduate7", "employer1", "school10002", "operator"])
def test_anothers_notice_does_not_exist(login: Login, notice: Notification, username: str) -> None:
    assert login(username).get(f"/messages/{notice.id}").status_code == 404


@pytest.mark.parametrize("number", ["0", "-1", "abc", "99999999999999999999", "1.5", "%00"])
def test_odd_numbers_are_no_notices(login: Login, notice: Notification, number: str) -> None:
    assert login("graduate8").get(f"/messages/{number}").status_code == 404


@pytest.mark.parametrize(
    ("username", "path"),
    [("employer1", "/employer/messages"), ("school10002", "/staff/messages"), ("operator", "/staff/messages")],
)
def test_every_kind_of_account_has_an_inbox(login: Login, username: str, path: str) -> None:
    client = login(username)
    assert client.get(path).status_code == 200
    assert client.get("/graduate/messages").status_code == 403


def test_the_api_gives_the_own_inbox(api: Callable[..., Any], notice: Notification) -> None:
    answer = api("graduate8").get("/notifications/")
    assert answer.status_code == 200
    body = answer.get_json()
    first = body["result"][0]
    assert body["count"] == len(body["ids"])
    assert (first["id"], first["event"], first["case_id"]) == (notice.id, "invite", notice.case_id)
    assert [entry["channel"] for entry in first["channels"]] == ["site", "wechat"]
    assert {entry["status"] for entry in first["channels"]} == {"sent"}
    assert first["read_at"] is None
    assert api("graduate9").get("/notifications/").get_json()["count"] == 0


def test_the_api_marks_a_notice_read_once(api: Callable[..., Any], notice: Notification) -> None:
    first = api("graduate8").post(f"/notifications/{notice.id}/read")
    assert first.status_code == 200
    assert first.get_json()["result"]["read_at"]
    assert api("graduate8").post(f"/notifications/{notice.id}/read").get_json() == first.get_json()
    assert api("graduate7").post(f"/notifications/{notice.id}/read").status_code == 404
    assert api("operator").post(f"/notifications/{notice.id}/read").status_code == 404
    unread = "(filters:!((col:event,opr:eq,value:invite)),page_size:1)"
    assert api("graduate8").get("/notifications/", query_string={"q": unread}).get_json()["ids"] == [notice.id]


def test_the_api_refuses_odd_queries(api: Callable[..., Any], notice: Notification) -> None:
    for q in ("((", "(filters:!((col:user_id,opr:eq,value:1)))", "(order_column:text)"):
        assert api("graduate8").get("/notifications/", query_string={"q": q}).status_code == 400


def test_operators_see_what_was_sent(login: Login, notice: Notification) -> None:
    page = login("operator").get("/staff/deliveries/list/")
    assert page.status_code == 200
    assert "收到签约邀请" in page.text
    assert "已发送" in page.text
    delivery = session.scalars(select(NoticeDelivery).where(NoticeDelivery.notification_id == notice.id)).one()
    shown = login("operator").get(f"/staff/deliveries/show/{delivery.id}")
    assert shown.status_code == 200
    assert "数据分析师" in shown.text
    assert login("operator").get("/staff/undelivered/list/").status_code == 200


@pytest.mark.parametrize("username", ["school10002", "province11", "employer1", "graduate8"])
@pytest.mark.parametrize("path", ["deliveries", "undelivered", "notice-templates"])
def test_nobody_else_sees_them(login: Login, notice: Notification, username: str, path: str) -> None:
    assert login(username).get(f"/staff/{path}/list/").status_code in (302, 403)


def test_operators_send_a_failed_notice_again(login: Login, notice: Notification, drain: Callable[..., int]) -> None:
    with transaction():
        row = session.scalars(select(NoticeDelivery).where(NoticeDelivery.notification_id == notice.id)).one()
        row.status, row.receipt = "failed", None
        row.error_code, row.error_detail = "no_credit", "isv.AMOUNT_NOT_ENOUGH"
        from app.workflow.models import OutboxMessage

        message = session.scalars(select(OutboxMessage).where(OutboxMessage.key == f"channel:{row.id}")).one()
        message.status = "failed"
    client = login("operator")
    page = client.get("/staff/deliveries/list/?_flt_0_status=failed")
    assert "余额不足" in page.text
    form = {"action": "retry", "rowid": str(row.id), "csrf_token": token(page.text)}
    assert client.post("/staff/deliveries/action_post", data=form).status_code == 302
    drain()
    with transaction():
        session.refresh(row)
        assert (row.status, row.error_code, row.receipt) == ("sent", None, f"development:notice-{row.id}")
    page = client.get("/staff/deliveries/list/")
    form["csrf_token"] = token(page.text)
    answer = client.post("/staff/deliveries/action_post", data=form, follow_redirects=True)
    assert answer.status_code == 200
    assert "没有需要重发的通知" in answer.text


def test_operators_edit_the_words(login: Login, notice: Notification) -> None:
    mine = (NoticeTemplate.name == "signing_category_changed", NoticeTemplate.reader == "graduate")
    row = session.scalars(select(NoticeTemplate).where(*mine)).one()
    client = login("operator")
    pages = [f"/staff/notice-templates/list/?psize_TemplateView=100&page_TemplateView={number}" for number in (0, 1)]
    address = f"/staff/notice-templates/change/{row.id}"
    assert any(address in client.get(page).text for page in pages)
    page = client.get(address)
    assert page.status_code == 200
    assert "%(category)s" in page.text
    form = {
        "csrf_token": token(page.text),
        "title": "职位类别已更正",
        "body": "%(school)s 更正了职位类别：%(category)s。",
        "channels": ["wechat"],
        "wechat_template": "TPL-1",
        "wechat": "thing1 = %(unit)s\n\nthing2=%(category)s",
        "active": "1",
    }
    for field, value, words in (
        ("body", "您的薪资是 %(salary)s", "没有占位符 %(salary)s"),
        ("body", "%(unit 已更正", "有占位符不完整"),
        ("title", "", "请填写"),
        ("wechat", "没有等号", "不是“关键词=内容”的形式"),
        ("wechat", "thing1=%(nobody)s", "没有占位符 %(nobody)s"),
        ("channels", ["pigeon"], "没有名为 pigeon 的渠道"),
    ):
        refused = client.post(address, data={**form, field: value})
        assert refused.status_code == 422, field
        assert words in refused.text
    shown = client.post(address, data={**form, "do": "preview", "wechat": f"thing1=%(unit)s{'很长的话' * 9}"})
    assert "学校名称 更正了职位类别：职位类别。" in shown.text
    assert "thing1: 单位名称很长的话很长的话很长的话很长的…" in shown.text
    assert client.post(address, data=form).status_code == 302
    with transaction():
        session.refresh(row)
        assert row.title == "职位类别已更正"
        assert row.channels == ["wechat"]
        assert row.outside["wechat"] == {
            "template": "TPL-1",
            "fields": {"thing1": "%(unit)s", "thing2": "%(category)s"},
            "order": ["thing1", "thing2"],
        }
        assert row.edited_at is not None


def test_loading_again_keeps_what_was_edited(app: Flask, app_context: Flask) -> None:
    from app.notices.catalogue import load_templates, shipped

    with transaction():
        row = session.scalars(select(NoticeTemplate).where(NoticeTemplate.name == "invitation_accepted")).one()
        row.title = "有学生应约了"
        gone = session.scalars(select(NoticeTemplate).where(NoticeTemplate.name == "invitation_declined")).one()
        session.delete(gone)
    assert load_templates() == {"added": 1, "kept": len(shipped()) - 1}
    assert load_templates() == {"added": 0, "kept": len(shipped())}
    with transaction():
        session.refresh(row)
        assert row.title == "有学生应约了"
    result = app.test_cli_runner().invoke(args=["notices", "load"])
    assert result.output.strip() == f"0 added, {len(shipped())} kept"
