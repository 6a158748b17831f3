"""Delivery of notices by the workers: into inboxes, then by outside channels (R10.1, R10.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from app.notices.catalogue import Wording, all_wordings, wordings_of
from app.notices.channels.base import Channel, Message, Refused
from app.notices.cutting import cut
from app.notices.facts import Place, cases_of, facts_of, steps_of
from app.notices.links import open_address
from app.notices.models import FAILED, QUEUED, SENT, NoticeDelivery, Notification
from app.notices.placeholders import fill
from app.notices.recipients import language_of, recipients_of
from app.workflow import delivery, outbox
from app.workflow.delivery import GiveUp
from app.workflow.models import OutboxMessage

_LONGEST_TITLE = 64  # as the column
_ROWS = 1000  # of one statement
_MORNING, _EVENING = 8, 21  # hours; between evening and morning nothing gentle is sent outside the site


@dataclass(frozen=True)
class Told:
    """What a message tells, in one language, and whom: each user with the words for that kind of reader."""

    message: OutboxMessage
    facts: Mapping[str, str]
    readers: Sequence[tuple[int, Wording]]


@delivery.together("notice")
def put_into_inboxes(messages: Sequence[OutboxMessage]) -> None:
    """One inbox entry for each reader, exactly once; then one message for each channel outside the site."""
    cases, steps = cases_of(messages), steps_of(messages)
    wordings = all_wordings({message.payload["template"] for message in messages})
    wanted = [_wanted(message, cases, wordings) for message in messages]
    told = []
    for message, (_kinds, case), readers in zip(messages, wanted, recipients_of(wanted), strict=True):
        own, by_language = wordings[message.payload["template"]], defaultdict(list)
        for user, kind, language in readers:
            if own[kind].active:
                by_language[language].append((user, own[kind].spoken(language)))
        for language, spoken in by_language.items():
            with force_locale(language):
                told.append(Told(message, facts_of(case, message, steps.get(message.id)), spoken))
    _tell(told)


def _wanted(
    message: OutboxMessage, cases: Mapping[Place, Any], wordings: Mapping[str, Mapping[str, Wording]]
) -> tuple[Sequence[str], Any]:
    payload = message.payload
    case = cases.get((payload["workflow"], payload["case_id"]))
    if case is None:
        raise GiveUp("the record is gone", code="no_record")
    missing = set(payload["to"]) - set(wordings[payload["template"]])
    if missing:
        raise GiveUp(f"no text of {payload['template']} for {', '.join(sorted(missing))}", code="no_text")
    return payload["to"], case


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
        _tell([Told(message, payload["facts"], [(payload["user_id"], wording)])])


def _tell(told: Sequence[Told]) -> None:
    """Each reader's entry; then what goes outside the site, by each channel."""
    new = _insert_notifications(told)
    users: defaultdict[str, set[int]] = defaultdict(set)
    for one in told:
        for user, wording in one.readers:
            if (one.message.id, user) in new:
                for name in wording.channels:
                    users[name].add(user)
    ways = {name: channel for name in users if (channel := channels.channel(name)) is not None}
    _post_to_channels(told, new, ways, {name: one.addresses(sorted(users[name])) for name, one in ways.items()})


def _insert_notifications(told: Sequence[Told]) -> dict[tuple[int, int], int]:
    """Notification ids, by message and user, of the entries that were not there yet."""
    rows = [
        {
            "user_id": user,
            "outbox_id": one.message.id,
            "template": wording.name,
            "reader": wording.reader,
            "event": one.message.payload.get("event", wording.name),
            "title": cut(fill(wording.title, one.facts), _LONGEST_TITLE),
            "text": fill(wording.body, one.facts),
            "workflow": one.message.workflow,
            "case_id": one.message.case_id,
            "created_at": one.message.created_at,
        }
        for one in told
        for user, wording in one.readers
    ]
    found: dict[tuple[int, int], int] = {}
    for start in range(0, len(rows), _ROWS):
        statement = insert(Notification).values(rows[start : start + _ROWS])
        statement = statement.on_conflict_do_nothing(index_elements=["outbox_id", "user_id"])
        returned = statement.returning(Notification.outbox_id, Notification.user_id, Notification.id)
        found.update(((row.outbox_id, row.user_id), row.id) for row in session.execute(returned))
    return found


def _post_to_channels(
    told: Sequence[Told],
    new: Mapping[tuple[int, int], int],
    ways: Mapping[str, Channel],
    addresses: Mapping[str, Mapping[int, str]],
) -> None:
    """Write down what is to be sent outside, and leave a message of its own for each."""
    rows: list[tuple[NoticeDelivery, OutboxMessage]] = []
    for one in told:
        for user, wording in one.readers:
            notification_id = new.get((one.message.id, user))
            for name in wording.channels if notification_id is not None else ():
                if name not in ways:
                    continue
                row = _delivery_of(ways[name], notification_id, addresses[name].get(user), one.facts)
                if row is not None:
                    rows.append((row, one.message))
    session.add_all([row for row, _message in rows])
    session.flush()
    morning = after_quiet_hours(clock.now())
    for gentle in (False, True):
        waiting = [pair for pair in rows if pair[0].status == QUEUED and bool(pair[1].payload.get("gentle")) == gentle]
        outbox.post_all([_channel_message(*pair) for pair in waiting], not_before=morning if gentle else None)


def after_quiet_hours(at: datetime) -> datetime:
    """The time itself, or the morning after when people sleep."""
    local = at.astimezone(clock.SHANGHAI)
    if _MORNING <= local.hour < _EVENING:
        return at
    day = local.date() + timedelta(days=local.hour >= _EVENING)
    return datetime.combine(day, time(_MORNING), clock.SHANGHAI)


def _delivery_of(
    channel: Channel, notification_id: int | None, address: str | None, facts: Mapping[str, str]
) -> NoticeDelivery | None:
    """What is sent to an address, or why it cannot be; None for who has not chosen the channel."""
    told = {"channel": channel.name, "notification_id": notification_id, "facts": dict(facts)}
    if address is not None:
        return NoticeDelivery(**told, address=channel.mask(address), status=QUEUED)
    if channel.voluntary:
        return None
    return NoticeDelivery(**told, status=FAILED, error_code="no_address", error_detail="")


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
