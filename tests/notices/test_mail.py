"""E-mail to an SMTP server that really listens."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest

from app.notices.channels import mail as mail_channel
from app.notices.channels.base import Message, Refused, Unavailable
from app.notices.channels.mail import MailChannel, Server, _make
from config import SettingsError, settings_from
from tests.fixtures.patience import until

MESSAGE = Message("code-1", "zhang@mail.example", "验证码", "验证码 123456，10 分钟内有效。", "")


class Listener(socketserver.StreamRequestHandler):
    """As much of SMTP as a client needs; keeps the messages, refuses readers named `nobody`, and `later` for now."""

    def handle(self) -> None:
        server: Any = self.server
        server.sessions += 1
        self.say("220 ready")
        while line := self.rfile.readline().strip().decode():
            word = line.split()[0].upper()
            if word == "DATA":
                self.say("354 go on")
                body = b"".join(iter(self.rfile.readline, b".\r\n"))
                server.messages.append(message_from_bytes(body, policy=policy.default))
                self.say("250 taken")
            elif word == "QUIT":
                server.farewells += 1
                self.say("221 bye")
                return
            elif word == "RCPT":
                server.readers.append(line)
                self.say("550 no such reader" if "nobody" in line else "451 wait" if "later" in line else "250 ok")
            else:
                self.say("250 ok")

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def post_office() -> Iterator[Any]:
    """A running server with the messages it took."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Listener) as server:
        server.daemon_threads = True
        server.messages, server.readers = [], []  # type: ignore[attr-defined]
        server.sessions = server.farewells = 0  # type: ignore[attr-defined]
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


def test_a_reader_who_is_to_wait_is_tried_again(post_office: Any) -> None:
    with pytest.raises(Unavailable, match="provider_busy: 451"):
        channel(post_office.server_address[1]).send(Message("code-4", "later@mail.example", "t", "x", ""))


def test_many_share_few_sessions_and_each_reads_of_itself_alone(post_office: Any) -> None:
    mine = channel(post_office.server_address[1])
    readers = [*(f"reader{one}@mail.example" for one in range(120)), "nobody@mail.example", "later@mail.example"]
    told: list[Any] = []
    for start in range(0, len(readers), mine.portion):
        part = readers[start : start + mine.portion]
        told += mine.send_all([Message(one.partition("@")[0], one, "标题", f"给 {one}", "") for one in part], "m")
    assert [type(one).__name__ for one in told[120:]] == ["Refused", "Unavailable"]
    assert told[:120] == [f"<reader{one}@platform.example>" for one in range(120)]
    assert post_office.sessions <= 2 * mine.portion, "a session ends after fifty messages"
    assert len(post_office.readers) == len(readers)
    by_reader = {mail["To"]: mail for mail in post_office.messages}
    assert sorted(by_reader) == sorted(readers[:120])
    for reader, mail in by_reader.items():
        assert mail.get_content().strip() == f"给 {reader}"
        assert mail.as_string().count("@mail.example") == mail.as_string().count(reader)
    mine.rest()
    until(lambda: post_office.farewells == post_office.sessions)


def test_a_session_that_the_server_has_ended_is_opened_anew(post_office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_channel, "_QUIET", 0.0)  # asked before each message
    mine = channel(post_office.server_address[1])
    assert isinstance(mine.send_all([MESSAGE], "m")[0], str)
    mine._idle[0].smtp.sock.shutdown(socket.SHUT_RDWR)
    assert isinstance(mine.send_all([MESSAGE], "m")[0], str)
    assert post_office.sessions == 2
    mine.rest()


def test_a_server_that_is_down_is_left_in_peace_for_a_while() -> None:
    mine = channel(9)
    told = [mine.send_all([MESSAGE], "m")[0] for _turn in range(4)]
    assert [str(one) for one in told] == ["unreachable: ConnectionRefusedError"] * 3 + ["unreachable: resting"]


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
