"""E-mail to an SMTP server that really listens."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest

from app.notices.channels.base import Message, Refused, Unavailable
from app.notices.channels.mail import MailChannel, Server, _make
from config import SettingsError, settings_from

MESSAGE = Message("code-1", "zhang@mail.example", "验证码", "验证码 123456，10 分钟内有效。", "")


class Listener(socketserver.StreamRequestHandler):
    """As much of SMTP as a client needs; keeps the messages, refuses readers named `nobody`."""

    def handle(self) -> None:
        server: Any = self.server
        self.say("220 ready")
        while line := self.rfile.readline().strip().decode():
            word = line.split()[0].upper()
            if word == "DATA":
                self.say("354 go on")
                body = b"".join(iter(self.rfile.readline, b".\r\n"))
                server.messages.append(message_from_bytes(body, policy=policy.default))
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("550 no such reader" if word == "RCPT" and "nobody" in line else "250 ok")

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def post_office() -> Iterator[Any]:
    """A running server with the messages it took."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Listener) as server:
        server.messages = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def channel(port: int) -> MailChannel:
    return MailChannel(Server("127.0.0.1", port, "none", "", "", "sign@platform.example", "网签平台"))


def test_message_arrives(post_office: Any) -> None:
    receipt = channel(post_office.server_address[1]).send(MESSAGE)
    (mail,) = post_office.messages
    assert receipt == mail["Message-ID"] == "<code-1@platform.example>"
    assert (mail["To"], mail["Subject"]) == ("zhang@mail.example", "验证码")
    assert "网签平台" in mail["From"]
    assert "验证码 123456" in mail.get_content()


def test_unknown_reader_is_refused_for_good(post_office: Any) -> None:
    with pytest.raises(Refused, match="bad_address"):
        channel(post_office.server_address[1]).send(Message("code-2", "nobody@mail.example", "t", "x", ""))


@pytest.mark.parametrize("to", ["a@b.example\nBcc: c@d.example", "a@b.example\r\n.\r\n"])
def test_no_second_header_through_the_address(post_office: Any, to: str) -> None:
    with pytest.raises(Refused):
        channel(post_office.server_address[1]).send(Message("code-3", to, "t", "x", ""))
    assert post_office.messages == []


def test_server_that_is_down_is_tried_again() -> None:
    with pytest.raises(Unavailable, match="unreachable"):
        channel(9).send(MESSAGE)


def test_settings_are_complete_or_absent() -> None:
    base = {"APP_ENV": "trial", "DATABASE_URL": "postgresql://x/y"}
    assert _make(settings_from(base).beginning_with("SMTP_")) is None
    for wrong in (
        {"SMTP_HOST": "mail.example"},
        {"SMTP_HOST": "mail.example", "SMTP_FROM": "no address"},
        {"SMTP_HOST": "m", "SMTP_FROM": "a@b.example", "SMTP_PORT": "x"},
        {"SMTP_HOST": "m", "SMTP_FROM": "a@b.example", "SMTP_SECURITY": "perhaps"},
    ):
        with pytest.raises(SettingsError):
            _make(settings_from({**base, **wrong}).beginning_with("SMTP_"))
    right = settings_from({**base, "SMTP_HOST": "m", "SMTP_FROM": "a@b.example"})
    assert _make(right.beginning_with("SMTP_")) is not None
