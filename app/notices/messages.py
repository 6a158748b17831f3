"""Messages to people without an account: a unit that is to stamp an agreement, or whose agreement was voided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from flask_babel import lazy_gettext as _

from app.access.actors import EMPLOYER
from app.base import clock
from app.base.errors import Conflict
from app.base.values.phones import is_mobile
from app.base.wording import present
from app.notices import channels, sending
from app.notices.catalogue import Wording, wordings_of
from app.notices.channels.base import Channel, Message, Refused
from app.notices.channels.development import DevelopmentChannel
from app.notices.placeholders import fill
from app.workflow import outbox, outside
from app.workflow.models import OutboxMessage

SMS, EMAIL = "sms", "email"
KIND = "letter"  # the name that rows of the outbox have borne from the first version on


def channel_of(address: str) -> str:
    """By which channel an address is reached."""
    return SMS if is_mobile(address) else EMAIL


def can_be_sent(address: str) -> bool:
    """Whether this installation has the channel that the address needs."""
    return channels.channel(channel_of(address)) is not None


def is_really_sent(address: str) -> bool:
    """False where a development channel stands in for the provider, and nobody would ever get the message."""
    return not isinstance(channels.channel(channel_of(address)), DevelopmentChannel)


def post_message(
    template: str,
    address: str,
    facts: Mapping[str, str],
    *,
    key: str,
    secrets: Mapping[str, str] | None = None,
    until: datetime | None = None,
    not_before: datetime | None = None,
    workflow: str | None = None,
    case_id: int | None = None,
    reader: str = EMPLOYER,
) -> None:
    """Leave a message for the workers, in the running transaction; its words are those for `reader`.

    Address and `secrets` (facts that nobody else may read) are kept encrypted, and only until the message has been
    sent; before `not_before` and after `until` it is not sent. Raises Conflict `channel_missing`.
    """
    if not can_be_sent(address):
        raise Conflict(_missing(channel_of(address)), "channel_missing")
    payload = {
        "template": template,
        "channel": channel_of(address),
        "reader": reader,
        "facts": dict(facts),
        "address": address,
        "secrets": dict(secrets or {}),
        "language": present(),
    }
    if until is not None:
        payload["until"] = until.isoformat()
    outbox.post(KIND, payload, key=key, workflow=workflow, case_id=case_id, not_before=not_before)


def _by_channel(rows: Sequence[OutboxMessage]) -> list[list[int]]:
    return sending.parts_by_channel((row.id, row.payload["channel"]) for row in rows)


@outside.handler(KIND, parts=_by_channel, rest=sending.rest)
def send_messages(rows: Sequence[OutboxMessage], mark: str) -> Mapping[int, Exception]:
    """Hand messages to their channels; then forget where they went and what was secret in them."""
    failed: dict[int, Exception] = {}
    for name in {row.payload["channel"] for row in rows}:
        channel = channels.channel(name)
        going: list[tuple[OutboxMessage, Message]] = []
        for row in rows:
            if row.payload["channel"] != name or "address" not in row.payload:
                continue
            if refused := _refused(row, channel):
                failed[row.id] = refused
            else:
                going.append((row, replace(_message(row), earlier=sending.earlier_try(row, mark))))
        outcomes = sending.hand_over(channel, [one for _row, one in going], mark) if channel else []
        for (row, _one), told in zip(going, outcomes, strict=True):
            if isinstance(told, Exception):
                failed[row.id] = told
            else:
                row.payload = {key: value for key, value in row.payload.items() if key not in ("address", "secrets")}
    return failed


def _refused(row: OutboxMessage, channel: Channel | None) -> Refused | None:
    if row.payload.get("until") and clock.now() >= datetime.fromisoformat(row.payload["until"]):
        return Refused("too_late")
    return None if channel else Refused("not_configured", row.payload["channel"])


def _message(row: OutboxMessage) -> Message:
    payload = row.payload
    wording = wordings_of(payload["template"])[payload.get("reader", EMPLOYER)].spoken(payload.get("language", ""))
    facts = {**payload["facts"], **payload["secrets"]}
    return worded(wording, payload["channel"], facts, key=f"letter-{row.id}", to=payload["address"])


def worded(wording: Wording, channel: str, facts: Mapping[str, str], *, key: str, to: str) -> Message:
    """The message that a channel carries to an address, in these words."""
    return Message(
        key=key,
        to=to,
        title=fill(wording.title, facts),
        text=fill(wording.body, facts),
        url="",
        template=wording.provider_template(channel),
        fields={name: fill(text, facts) for name, text in wording.provider_fields(channel).items()},
    )


def _missing(channel: str) -> object:
    if channel == SMS:
        return _("This installation cannot send text messages. Please give an e-mail address.")
    return _("This installation cannot send e-mail. Please give a mobile number.")
