"""E-mail: messages handed to an SMTP server (R1.2, R10.3)."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from functools import cache

from flask_babel import lazy_gettext as _

from app.base.breaker import Breaker
from app.base.masks import mask_email
from app.notices import channels
from app.notices.addresses import emails_of
from app.notices.channels.base import Declaration, Message, Outcome, Refused, Unavailable, in_lanes
from config import SettingsError

NAME = "email"
_SECONDS = 10
_LANES = 4  # sessions of one worker at the same time; servers allow few
_MOST = 50  # messages of a session
_QUIET = 5.0  # seconds after which a session is asked whether it is still there
_SECURITY = ("starttls", "tls", "none")


@dataclass(frozen=True)
class Server:
    """Where messages are handed over, and as whom."""

    host: str
    port: int
    security: str
    user: str
    password: str
    sender: str
    sender_name: str


@dataclass
class _Session:
    """A connection on which one message follows the other, each to one reader."""

    smtp: smtplib.SMTP
    sent: int = 0
    used: float = field(default_factory=time.monotonic)


class MailChannel:
    """Sessions stay open as long as there is something to send.

    A mail server knows no repetition, so that no more messages are in hand at the same time than there are sessions.
    """

    name = NAME
    voluntary = True
    portion = _LANES

    def __init__(self, server: Server) -> None:
        self._server = server
        self._breaker = Breaker()
        self._idle: list[_Session] = []
        self._changing = threading.Lock()

    def addresses(self, user_ids: Sequence[int]) -> Mapping[int, str]:
        """The e-mail addresses that the platform has."""
        return emails_of(user_ids)

    def mask(self, address: str) -> str:
        """z***@example.com."""
        return mask_email(address)

    def send(self, message: Message) -> str:
        """Hand the message to the server; returns its message id. Raises Refused or Unavailable."""
        try:
            return self._sent(message)
        finally:
            self.rest()

    def send_all(self, messages: Sequence[Message], mark: str) -> list[Outcome]:
        """A few at the same time; the sessions stay open for what follows."""
        return in_lanes(self._sent, messages, _LANES)

    def rest(self) -> None:
        """Take leave of the server."""
        with self._changing:
            idle, self._idle = self._idle, []
        for one in idle:
            _end(one)

    def _sent(self, message: Message) -> str:
        mail = self._mail(message)
        own = self._session()
        try:
            own.smtp.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            self._keep(own)
            code = next(iter(error.recipients.values()), (550, b""))[0]
            raise Refused("bad_address") if code >= 500 else Unavailable("provider_busy", str(code)) from error
        except (smtplib.SMTPException, OSError) as error:
            own.smtp.close()
            raise Unavailable("unreachable", type(error).__name__) from error
        self._keep(own)
        return str(mail["Message-ID"])

    def _session(self) -> _Session:
        """One that nobody uses, or a new one; after some failures in a row nobody waits for the server for a while."""
        while one := self._taken():
            if time.monotonic() - one.used < _QUIET or _is_there(one):
                return one
            one.smtp.close()
        if not self._breaker.lets_pass():
            raise Unavailable("unreachable", "resting")
        try:
            opened = _Session(self._connection())
        except smtplib.SMTPAuthenticationError as error:
            raise Unavailable("bad_credentials", str(error.smtp_code)) from error
        except (smtplib.SMTPException, OSError) as error:
            self._breaker.failed()
            raise Unavailable("unreachable", type(error).__name__) from error
        self._breaker.succeeded()
        return opened

    def _taken(self) -> _Session | None:
        with self._changing:
            return self._idle.pop() if self._idle else None

    def _keep(self, one: _Session) -> None:
        one.sent, one.used = one.sent + 1, time.monotonic()
        if one.sent >= _MOST:
            _end(one)
            return
        with self._changing:
            self._idle.append(one)

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        try:
            mail["To"] = message.to
            mail["Subject"] = " ".join(message.title.split())
        except ValueError as error:
            raise Refused("bad_address") from error
        server = self._server
        mail["From"] = Address(server.sender_name, addr_spec=server.sender)
        # The same for each try, so that the reader's mail program can see a repetition.
        mail["Message-ID"] = f"<{message.key}@{server.sender.rpartition('@')[2]}>"
        mail.set_content(f"{message.text}\n\n{message.url}\n" if message.url else f"{message.text}\n")
        return mail

    def _connection(self) -> smtplib.SMTP:
        server, trusted = self._server, _trusted()
        if server.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=_SECONDS, context=trusted)
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=_SECONDS)
        if server.security == "starttls":
            connection.starttls(context=trusted)
        if server.user:
            connection.login(server.user, server.password)
        return connection


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


def _is_there(session: _Session) -> bool:
    try:
        return session.smtp.noop()[0] == 250
    except (smtplib.SMTPException, OSError):
        return False


def _end(session: _Session) -> None:
    with contextlib.suppress(smtplib.SMTPException, OSError):
        session.smtp.quit()
    session.smtp.close()


def _make(values: Mapping[str, str]) -> MailChannel | None:
    host, sender = values.get("SMTP_HOST", ""), values.get("SMTP_FROM", "")
    if not host and not sender:
        return None
    if not host or "@" not in sender:
        raise SettingsError("E-mail needs both SMTP_HOST and an address in SMTP_FROM, or neither.")
    security = values.get("SMTP_SECURITY", "starttls")
    if security not in _SECURITY:
        raise SettingsError(f"SMTP_SECURITY must be one of {', '.join(_SECURITY)}, not {security!r}.")
    port = values.get("SMTP_PORT") or {"starttls": "587", "tls": "465", "none": "25"}[security]
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise SettingsError(f"SMTP_PORT must be a port number, not {port!r}.")
    return MailChannel(
        Server(
            host,
            int(port),
            security,
            values.get("SMTP_USER", ""),
            values.get("SMTP_PASSWORD", ""),
            sender,
            values.get("SMTP_FROM_NAME", ""),
        )
    )


channels.declare(
    Declaration(
        NAME,
        label=_("E-mail"),
        settings="SMTP_",
        make=_make,
        causes={"bad_address": _("The e-mail address is wrong. Please have it corrected, then send again.")},
    )
)
