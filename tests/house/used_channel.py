"""The channel of tests/house/dingtalk.py used through every door, in a program of its own (`python -m …`).

Its settings stand in the environment, its provider is a real HTTP server, and a worker of its own process sends.
"""

from __future__ import annotations

import os
import re
import sys
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app
from app.base.database import session
from app.base.settings import settings, use_settings
from app.notices import channels
from app.notices.channels.development import DevelopmentChannel
from app.notices.models import NoticeTemplate
from config import SettingsError, settings_from
from tests.fixtures.patience import until
from tests.house import dingtalk
from tests.house.door import Door
from tests.notices.provider import Provider
from tests.signing.stage import invite, user
from trial.processes import start, stop
from trial.settings import ROOT

INSIDE = "Mozilla/5.0 DingTalk/7.1"
SEND = "/robot/send"


def settings_of(provider: Provider) -> dict[str, str]:
    """As a server's environment would have them."""
    return {
        "EXTENSIONS": f"trial.extension {dingtalk.__name__}",
        "DINGTALK_CLIENT_ID": "client",
        "DINGTALK_CLIENT_SECRET": "secret",
        "DINGTALK_ROBOT_TOKEN": "robot",
        "DINGTALK_BASE_URL": provider.url,
        "DINGTALK_LOGIN_URL": "https://login.example",
    }


def use_settings_of_it() -> None:
    """Without settings the trial shows in the site what would be sent, production has no such channel, half stops."""
    kept, env = settings(), {**os.environ}
    without = {name: value for name, value in env.items() if not name.startswith("DINGTALK_")}
    use_settings(settings_from(without))
    assert isinstance(channels.channel("dingtalk"), DevelopmentChannel)
    use_settings(settings_from({**without, "DINGTALK_CLIENT_ID": "client"}))
    with pytest.raises(SettingsError, match="DINGTALK_ROBOT_TOKEN is missing"):
        channels.channels_in_use()
    use_settings(kept)
    assert isinstance(channels.channel("dingtalk"), dingtalk.DingTalkChannel)


def write_words(app: Flask, operator: Door) -> None:
    """Operators choose the channel for a notice, and what goes with it."""
    with app.app_context():
        mine = (NoticeTemplate.name == "invitation_received", NoticeTemplate.reader == "graduate")
        change = f"/staff/notice-templates/change/{session.scalars(select(NoticeTemplate.id).where(*mine)).one()}"
    text = operator.page(change, "<legend><h2>DingTalk</h2></legend>", 'name="dingtalk_template"')
    form = {"title": _field(text, "title"), "body": _field(text, "body"), "channels": "dingtalk", "active": "1"}
    operator.press(change, change, status=422, dingtalk="no keyword", **form)
    operator.press(change, change, dingtalk="Position=%(position)s", **form)
    operator.page(change.replace("/change/", "/show/"), "DingTalk")


def _field(text: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"|<textarea[^>]*name="{name}"[^>]*>([^<]*)<', text)
    assert found, name
    return found[1] or found[2]


def bind(graduate: Door, provider: Provider) -> None:
    """The reader binds it in the provider's own program, and nowhere else."""
    provider.answer("/v1.0/oauth2/userAccessToken", {"openId": "oGRADUATE1"})
    inbox = graduate.browser.get("/graduate/messages")
    assert "绑定DingTalk" in inbox.text
    assert "Bind DingTalk to be named" in inbox.text
    assert "form-action 'self' https://login.example" in inbox.headers["Content-Security-Policy"]
    graduate.press("/messages/dingtalk", "/graduate/messages")
    graduate.page("/graduate/messages", "请在DingTalk中打开本页面")
    asked = graduate.press("/messages/dingtalk", "/graduate/messages", browser=INSIDE)
    query = parse_qs(urlsplit(asked).query)
    assert query["redirect_uri"][0].endswith("/messages/dingtalk")
    back = f"/messages/dingtalk?authCode=C&state={query['state'][0]}"
    assert graduate.browser.get(f"{back}x").status_code == 400
    asked = graduate.press("/messages/dingtalk", "/graduate/messages", browser=INSIDE)
    state = parse_qs(urlsplit(asked).query)["state"][0]
    graduate.page(f"/messages/dingtalk?authCode=C&state={state}", "绑定成功", "解除DingTalk绑定")
    assert provider.sent_to("/v1.0/oauth2/userAccessToken")[0].body["code"] == "C"


def send(app: Flask, graduate: Door, operator: Door, provider: Provider) -> None:
    """A worker sends; a refusal is explained in the channel's words, seen by the filter, and sent again by a press."""
    provider.answer(SEND, {"errcode": 300001, "errmsg": "token is not exist"})
    with app.app_context():
        case_id = invite(user("employer1"), user("graduate1")).id
    until(lambda: provider.sent_to(SEND))
    filtered = "/staff/deliveries/list/?_flt_0_channel=dingtalk"
    listed = until(lambda: _with_words(operator.page(filtered), "The robot was taken out of its group."))
    assert '<option value="dingtalk">DingTalk</option>' in listed.replace(" selected", "")
    assert "微信" not in listed.split("<tbody", 1)[1].split("</tbody", 1)[0]
    number = re.search(r"/staff/deliveries/show/(\d+)", listed)
    assert number
    operator.page(number[0], "oGRA", "DingTalk", "未能发送")
    provider.answer(SEND, {"errcode": 0, "errmsg": "ok"})
    operator.press("/staff/deliveries/action_post", filtered, action="retry", rowid=number[1])
    until(lambda: _told(graduate, case_id).get("dingtalk") == "sent")
    assert _told(graduate, case_id) == {"site": "sent", "dingtalk": "sent"}
    first, second = provider.sent_to(SEND)
    assert first.body == second.body
    assert first.query == {"access_token": "robot"}
    assert first.body["at"] == {"atUserIds": ["oGRADUATE1"]}
    assert "Position: 软件工程师" in first.body["text"]["content"]
    assert f"notice-{number[1]}" == first.body["msgUuid"]
    graduate.page("/graduate/messages", "DingTalk：已发送")


def _with_words(text: str, words: str) -> str:
    return text if words in text else ""


def _told(graduate: Door, case_id: int) -> dict[str, str]:
    """By which ways the graduate was told of the case, at the API."""
    notices = graduate.call("GET", "notifications/")["result"]
    return {one["channel"]: one["status"] for row in notices if row["case_id"] == case_id for one in row["channels"]}


def unbind(graduate: Door) -> None:
    """The reader wants it no longer."""
    graduate.press("/messages/dingtalk/unbind", "/graduate/messages")
    graduate.page("/graduate/messages", "绑定DingTalk")
    assert graduate.browser.get("/messages/pigeon").status_code == 404


def main() -> None:
    """Start its provider, the program and a worker, and use it."""
    with Provider() as provider:
        os.environ.update(settings_of(provider))
        app = create_app()
        log = settings().var_dir / "channel.log"
        worker = start([sys.executable, "worker.py", "notices"], folder=ROOT, env=os.environ, log=log)
        try:
            graduate, operator = Door(app, "graduate1", "graduate"), Door(app, "operator", "school")
            write_words(app, operator)
            bind(graduate, provider)
            send(app, graduate, operator, provider)
            unbind(graduate)
            use_settings_of_it()
        finally:
            stop([worker], seconds=3)
    print("used through every door")


if __name__ == "__main__":
    main()
