"""Delivery of notices by the workers: into inboxes, then by outside channels (R10.1, R10.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from flask_babel import force_locale
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import contains_eager

from app.base import clock
from app.base.database import session
from app.notices import (
    channels,
)
from app.notices import (
    messages as messages,  # registers its handler
)
from app.notices.catalogue import Wording, wordings_of
from app.notices.channels.base import Message, Refused
from app.notices.cutting import cut
from app.notices.facts import case_of, facts_of
from app.notices.links import open_address
from app.notices.models import FAILED, QUEUED, SENT, NoticeDelivery, Notification
from app.notices.placeholders import fill
from app.notices.recipients import language_of, recipients
from app.workflow import delivery, outbox
from app.workflow.delivery import GiveUp
from app.workflow.models import OutboxMessage

_LONGEST_TITLE = 64  # as the column
_MORNING, _EVENING = 8, 21  # hours; between evening and morning nothing gentle is sent outside the site


@delivery.handler("notice")
def put_into_inboxes(message: OutboxMessage) -> None:
    """One inbox entry for each reader, exactly once; then one message for each channel outside the site."""
    payload = message.payload
    case = case_of(payload["workflow"], payload["case_id"])
    if case is None:
        raise GiveUp("the record is gone", code="no_record")
    wordings = wordings_of(payload["template"])
    missing = set(payload["to"]) - set(wordings)
    if missing:
        raise GiveUp(f"no text of {payload['template']} for {', '.join(sorted(missing))}", code="no_text")
    by_language = defaultdict(list)
    for user, kind, language in recipients(payload["to"], case):
        if wordings[kind].active:
            by_language[language].append((user, wordings[kind].spoken(language)))
    for language, readers in by_language.items():
        with force_locale(language):
            _tell(message, facts_of(case, message), readers)


@delivery.handler("personal")
def put_into_own_inbox(message: OutboxMessage) -> None:
    """A notice to one account about itself, or about several records; then by the channels outside the site.

    With `instead` it takes the place of an earlier one of its kind that nobody has read yet.
    """
    payload = message.payload
    if payload.get("instead"):
        session.execute(
            delete(Notification).where(
                Notification.user_id == payload["user_id"],
                Notification.template == payload["template"],
                Notification.workflow == message.workflow,
                Notification.outbox_id < message.id,
                Notification.read_at.is_(None),
            )
        )
    wording = wordings_of(payload["template"])[payload["reader"]].spoken(language_of(payload["user_id"]))
    if wording.active:
        _tell(message, payload["facts"], [(payload["user_id"], wording)])


def _tell(message: OutboxMessage, facts: Mapping[str, str], readers: Sequence[tuple[int, Wording]]) -> None:
    """Each reader's entry; then, for each kind of reader, what goes outside the site."""
    new = _insert_notifications(message, facts, readers)
    for wording in {own.reader: own for _user, own in readers}.values():
        entries = {user: new[user] for user, own in readers if own.reader == wording.reader and user in new}
        _post_to_channels(message, wording, facts, entries)


def _insert_notifications(
    message: OutboxMessage, facts: Mapping[str, str], readers: Sequence[tuple[int, Wording]]
) -> dict[int, int]:
    """Notification ids by user of the entries that were not there yet; one statement."""
    if not readers:
        return {}
    rows = [
        {
            "user_id": user,
            "outbox_id": message.id,
            "template": wording.name,
            "reader": wording.reader,
            "event": message.payload.get("event", wording.name),
            "title": cut(fill(wording.title, facts), _LONGEST_TITLE),
            "text": fill(wording.body, facts),
            "workflow": message.workflow,
            "case_id": message.case_id,
            "created_at": message.created_at,
        }
        for user, wording in readers
    ]
    statement = insert(Notification).values(rows).on_conflict_do_nothing(index_elements=["outbox_id", "user_id"])
    found = session.execute(statement.returning(Notification.user_id, Notification.id))
    return {row.user_id: row.id for row in found}


def _post_to_channels(
    message: OutboxMessage, wording: Wording, facts: Mapping[str, str], entries: Mapping[int, int]
) -> None:
    """Write down what is to be sent outside, and leave a message of its own for each."""
    rows: list[NoticeDelivery] = []
    for name in wording.channels:
        channel = channels.channel(name)
        if channel is None or not entries:
            continue
        addresses = channel.addresses(list(entries))
        for user, notification_id in entries.items():
            if user in addresses:
                rows.append(_queued(name, notification_id, channel.mask(addresses[user]), facts))
            elif not channel.voluntary:
                rows.append(_unreachable(name, notification_id, facts))
    session.add_all(rows)
    session.flush()
    not_before = after_quiet_hours(clock.now()) if message.payload.get("gentle") else None
    outbox.post_all([_channel_message(row, message) for row in rows if row.status == QUEUED], not_before=not_before)


def after_quiet_hours(at: datetime) -> datetime:
    """The time itself, or the morning after when people sleep."""
    local = at.astimezone(clock.SHANGHAI)
    if _MORNING <= local.hour < _EVENING:
        return at
    day = local.date() + timedelta(days=local.hour >= _EVENING)
    return datetime.combine(day, time(_MORNING), clock.SHANGHAI)


def _queued(channel: str, notification_id: int, masked: str, facts: Mapping[str, str]) -> NoticeDelivery:
    return NoticeDelivery(
        channel=channel, notification_id=notification_id, address=masked, facts=dict(facts), status=QUEUED
    )


def _unreachable(channel: str, notification_id: int, facts: Mapping[str, str]) -> NoticeDelivery:
    return NoticeDelivery(
        channel=channel,
        notification_id=notification_id,
        facts=dict(facts),
        status=FAILED,
        error_code="no_address",
        error_detail="",
    )


def _channel_message(row: NoticeDelivery, cause: OutboxMessage) -> OutboxMessage:
    return OutboxMessage(
        kind="channel",
        payload={"delivery_id": row.id},
        key=f"channel:{row.id}",
        workflow=cause.workflow,
        case_id=cause.case_id,
    )


def record_failure(message: OutboxMessage, error: Exception) -> None:
    """Show on the delivery what went wrong, and whether it will be tried again."""
    row = session.get(NoticeDelivery, message.payload["delivery_id"])
    if row is not None:
        row.note_failure(error, final=message.status == "failed")


@delivery.handler("channel", on_failure=record_failure)
def send_outside(message: OutboxMessage) -> None:
    """Hand one notice to its channel; what is written down as sent is not sent again."""
    row = _delivery(message.payload["delivery_id"])
    if row is None or row.status == SENT:
        return
    channel = channels.channel(row.channel)
    if channel is None:
        raise Refused("not_configured", row.channel)
    notification = row.notification
    address = channel.addresses([notification.user_id]).get(notification.user_id)
    if address is None:
        raise Refused("no_address")
    row.note_sent(channel.send(_message(row, address)))
    row.address = channel.mask(address)


def _delivery(delivery_id: int) -> NoticeDelivery | None:
    query = (
        select(NoticeDelivery)
        .join(NoticeDelivery.notification)
        .where(NoticeDelivery.id == delivery_id)
        .options(contains_eager(NoticeDelivery.notification))
        .with_for_update(of=NoticeDelivery)
        .execution_options(populate_existing=True)
    )
    return session.scalar(query)


def _message(row: NoticeDelivery, address: str) -> Message:
    """The provider's template is read now, so that one filled in later works for what still waits."""
    notification: Any = row.notification
    wording = wordings_of(notification.template).get(notification.reader)
    fields = wording.provider_fields(row.channel) if wording else {}
    return Message(
        key=f"notice-{row.id}",
        to=address,
        title=notification.title,
        text=notification.text,
        url=open_address(notification.id, notification.reader),
        template=wording.provider_template(row.channel) if wording else "",
        fields={name: fill(text, row.facts) for name, text in fields.items()},
    )
