"""SMS by a gateway of the school's own: each text once, each with its own answer, and the contract on the stand-in (R10.3)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from app.base.contract import main
from app.notices.channels.base import Message, Refused, Unanswered, Unavailable
from app.notices.channels.sms import _make
from app.notices.channels.sms.alibaba import AlibabaSms
from app.notices.channels.sms.contract import CONTRACT
from app.notices.channels.sms.gateway import GatewaySms, signed
from app.notices.channels.sms.tencent import TencentSms
from config import SettingsError
from tests.notices.provider import Provider
from trial import sms_gateway

TOKEN, SECRET = "campus-token", "campus-secret"
GATEWAY = {"SMS_GATEWAY_URL": "https://sms.example", "SMS_GATEWAY_TOKEN": "t", "SMS_SIGN_NAME": "就业平台"}
ALIBABA = {"SMS_ACCESS_KEY": "k", "SMS_ACCESS_SECRET": "s", "SMS_SIGN_NAME": "n"}
TENCENT = {"SMS_TENCENT_ID": "i", "SMS_TENCENT_KEY": "k", "SMS_TENCENT_APP": "1400", "SMS_SIGN_NAME": "n"}


@pytest.fixture
def standin(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a running stand-in that has sent nothing yet."""
    monkeypatch.setenv("SMS_STANDIN_TOKEN", TOKEN)
    monkeypatch.setenv("SMS_STANDIN_SECRET", SECRET)
    monkeypatch.setattr(sms_gateway, "_taken", {})
    monkeypatch.setattr(sms_gateway, "_busy", set())
    with ThreadingHTTPServer(("127.0.0.1", 0), sms_gateway.Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def gateway(standin: str) -> Iterator[GatewaySms]:
    """The client, talking to the stand-in."""
    made = GatewaySms(standin, sign_name="就业平台", token=TOKEN, secret=SECRET)
    yield made
    made._client.close()


def to(number: str, text: str = "贵校更正了您的职位类别。", key: str = "") -> Message:
    """A message with words of its own."""
    return Message(key or f"notice-{number}", number, "标题", text, "https://x/messages/1")


def sent(url: str) -> list[dict[str, Any]]:
    """What the stand-in has sent."""
    return httpx.get(f"{url}/sent").json()["sent"]  # type: ignore[no-any-return]


def test_the_words_go_as_they_are_behind_the_signature(gateway: GatewaySms, standin: str) -> None:
    assert gateway.send(to("138 0000 0001", "第一行\n第二行", key="notice-8")) == "G1"
    assert sent(standin) == [{"id": "notice-8", "to": "13800000001", "text": "【就业平台】第一行 第二行"}]
    gateway.send(to("13800000002", "长" * 400))
    assert len(sent(standin)[1]["text"]) == 300
    assert sent(standin)[1]["text"].endswith("长…")


def test_of_many_each_has_its_own_end_and_comes_once(gateway: GatewaySms, standin: str) -> None:
    messages = [to("13800000001"), to("13800000007"), to("010-1"), to("13800000008"), to("13800000002")]
    first = gateway.send_all(messages, "m")
    assert [one if isinstance(one, str) else one.code for one in first] == [  # type: ignore[attr-defined]
        *("G1", "bad_number", "bad_number", "limit_reached", "G2")
    ]
    assert isinstance(first[3], Unavailable)
    assert not isinstance(first[3], Unanswered)
    again = gateway.send_all(messages, "m")
    assert [again[0], again[3], again[4]] == ["G1", "G3", "G2"]
    assert [one["to"] for one in sent(standin)] == ["13800000001", "13800000002", "13800000008"]


def test_calls_are_known_by_token_and_signature(standin: str, provider: Provider) -> None:
    for keys in ({"token": "other", "secret": SECRET}, {"token": TOKEN}, {"token": TOKEN, "secret": "other"}):
        with pytest.raises(Unavailable) as failed:
            GatewaySms(standin, sign_name="n", **keys).send(to("13800000001"))
        assert failed.value.code == "bad_credentials"
    provider.answer("/sms/messages", {"results": [{"id": "notice-13800000001", "status": "accepted"}]})
    assert GatewaySms(f"{provider.url}/sms/", sign_name="n", secret="s").send(to("13800000001")) == "notice-13800000001"
    request = provider.requests[0]
    assert "authorization" not in request.headers
    assert request.headers["x-signature"] == signed("s", request.headers["x-timestamp"], request.raw)


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        ((429, "slowly"), Unavailable, "limit_reached"),
        ((402, {}), Unavailable, "no_credit"),
        ((404, "no such page"), Unavailable, "provider_refused"),
        ((502, "bad gateway"), Unanswered, "provider_busy"),
        ((200, "<html>"), Unanswered, "not_understood"),
        ({"results": []}, Unanswered, "not_understood"),
        ({"results": [{"id": "notice-13800000001", "status": "odd"}]}, Unanswered, "not_understood"),
        ({"results": [{"id": "notice-13800000001", "status": "refused", "code": "moon"}]}, Refused, "gateway_refused"),
        ({"results": [{"id": "notice-13800000001", "status": "busy"}]}, Unavailable, "provider_busy"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_each_answer_is_understood(provider: Provider, answer: Any, kind: type[Exception], code: str) -> None:
    provider.answer("/messages", answer)
    with pytest.raises(kind) as failed:
        GatewaySms(provider.url, sign_name="n", token="t").send(to("13800000001"))
    assert type(failed.value) is kind
    assert failed.value.code == code  # type: ignore[attr-defined]


def test_every_check_of_the_contract_holds(standin: str, capsys: pytest.CaptureFixture[str]) -> None:
    own = ["--token", TOKEN, "--secret", SECRET, "--number", "13800000001"]
    assert main(CONTRACT, [standin, *own]) == 0, capsys.readouterr().out
    assert capsys.readouterr().out.rstrip().endswith(f"{len(CONTRACT.checks)}/{len(CONTRACT.checks)}")
    assert len(sent(standin)) == 1
    assert list(CONTRACT.words()) == [one.__name__ for one in CONTRACT.checks]


def test_what_does_not_hold_is_told(provider: Provider, capsys: pytest.CaptureFixture[str]) -> None:
    provider.answer("/messages", lambda request: {"results": [{"id": json.loads(request.raw)["messages"][0]["id"]}]})
    assert main(CONTRACT, [provider.url, "--number", "13800000001"]) == 1
    assert "✗ 接受一条短信" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("values", "kind"),
    [({}, type(None)), (GATEWAY, GatewaySms), (ALIBABA, AlibabaSms), (TENCENT, TencentSms)],
    ids=lambda value: str(value)[:20],
)
def test_the_settings_that_are_filled_in_choose_the_provider(values: dict[str, str], kind: type) -> None:
    assert isinstance(_make(values), kind)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({**ALIBABA, **GATEWAY}, "SMS_ACCESS_KEY and SMS_GATEWAY_URL"),
        ({**TENCENT, "SMS_GATEWAY_TOKEN": "t"}, "SMS_GATEWAY_TOKEN and SMS_TENCENT_ID"),
        ({"SMS_SIGN_NAME": "n"}, "a provider is missing"),
        ({"SMS_GATEWAY_TOKEN": "t"}, "SMS_GATEWAY_URL, SMS_SIGN_NAME is missing"),
        ({**GATEWAY, "SMS_GATEWAY_TOKEN": ""}, "needs SMS_GATEWAY_TOKEN or SMS_GATEWAY_SECRET"),
        ({**GATEWAY, "SMS_GATEWAY_URL": "sms.example"}, "must be the address"),
        ({**GATEWAY, "SMS_GATEWAY_LENGTH": "1"}, "SMS_GATEWAY_LENGTH"),
        ({"SMS_TENCENT_ID": "i", "SMS_SIGN_NAME": "n"}, "SMS_TENCENT_KEY, SMS_TENCENT_APP is missing"),
    ],
)
def test_several_or_half_a_provider_stops_the_start_in_one_line(values: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words) as stopped:
        _make(values)
    assert "\n" not in str(stopped.value)
