"""E-mail: messages handed to an SMTP server (R1.2, R10.3)."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage

from flask_babel import lazy_gettext as _

from app.base.masks import mask_email
from app.notices import channels
from app.notices.addresses import emails_of
from app.notices.channels.base import Declaration, Message, Refused, Unavailable
from config import SettingsError

NAME = "email"
_SECONDS = 10
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


class MailChannel:
    """A connection for each message: they are few, and servers close idle ones."""

    name = NAME
    voluntary = True

    def __init__(self, server: Server) -> None:
        self._server = server

    def addresses(self, user_ids: Sequence[int]) -> Mapping[int, str]:
        """The e-mail addresses that the platform has."""
        return emails_of(user_ids)

    def mask(self, address: str) -> str:
        """z***@example.com."""
        return mask_email(address)

    def send(self, message: Message) -> str:
        """Hand the message to the server; returns its message id. Raises Refused or Unavailable."""
        mail = self._mail(message)
        try:
            with self._connection() as connection:
                connection.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            raise Refused("bad_address") from error
        except smtplib.SMTPAuthenticationError as error:
            raise Unavailable("bad_credentials", str(error.smtp_code)) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unavailable("unreachable", type(error).__name__) from error
        return str(mail["Message-ID"])

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
        server, trusted = self._server, ssl.create_default_context()
        if server.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=_SECONDS, context=trusted)
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=_SECONDS)
        if server.security == "starttls":
            connection.starttls(context=trusted)
        if server.user:
            connection.login(server.user, server.password)
        return connection


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
