"""Delivery of notices by the workers: into inboxes, then by outside channels (R10.1, R10.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import force_locale
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import contains_eager

from app.base.database import session
from app.notices import (
    channels,
    ladder,
    receipts,
    sending,
)
from app.notices import (
    messages as messages,  # registers its handler
)
from app.notices.catalogue import Wording, all_wordings, wordings_of
from app.notices.channels.base import Channel, Message, Refused
from app.notices.cutting import cut
from app.notices.facts import Place, cases_of, facts_of, steps_of
from app.notices.links import open_address
from app.notices.models import FAILED, SENT, NoticeDelivery, Notification
from app.notices.placeholders import fill
from app.notices.recipients import language_of, recipients_of
from app.workflow import delivery, outside
from app.workflow.delivery import GiveUp
from app.workflow.models import OutboxMessage

_LONGEST_TITLE = 64  # as the column
_ROWS = 1000  # of one statement


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
    ladder.begin(
        [
            ladder.New(new[one.message.id, user], user, wording, one.facts, one.message)
            for one in told
            for user, wording in one.readers
            if (one.message.id, user) in new
        ]
    )


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


def record_failure(message: OutboxMessage, error: Exception) -> None:
    """Show on the delivery what went wrong, and whether it will be tried again or by the next channel."""
    row = session.get(NoticeDelivery, message.payload["delivery_id"])
    if row is not None:
        row.note_failure(error, final=message.status == "failed")
        if row.status == FAILED:
            ladder.go_on(row, ladder.AFTER_FAILURE)


def _by_channel(messages: Sequence[OutboxMessage]) -> list[list[int]]:
    own = {message.payload["delivery_id"]: message.id for message in messages}
    query = select(NoticeDelivery.id, NoticeDelivery.channel).where(NoticeDelivery.id.in_(own))
    known = {own[row.id]: row.channel for row in session.execute(query)}
    return sending.parts_by_channel((message.id, known.get(message.id, "")) for message in messages)


@outside.handler("channel", parts=_by_channel, rest=sending.rest, on_failure=record_failure)
def send_outside(messages: Sequence[OutboxMessage], mark: str) -> Mapping[int, Exception]:
    """Hand notices to their channel, each for its own reader; what is written down as sent is not sent again."""
    rows = _deliveries([message.payload["delivery_id"] for message in messages])
    going = [(message, rows[one]) for message in messages if (one := message.payload["delivery_id"]) in rows]
    failed: dict[int, Exception] = {}
    for name in {row.channel for _message, row in going}:
        own = [(message, row) for message, row in going if row.channel == name]
        failed |= _send_by(channels.channel(name), name, own, mark)
    return failed


def _deliveries(delivery_ids: Sequence[int]) -> dict[int, NoticeDelivery]:
    """Those that have not been sent, by id, held."""
    query = (
        select(NoticeDelivery)
        .join(NoticeDelivery.notification)
        .where(NoticeDelivery.id.in_(delivery_ids), NoticeDelivery.status != SENT)
        .options(contains_eager(NoticeDelivery.notification))
        .order_by(NoticeDelivery.id)
        .with_for_update(of=NoticeDelivery)
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in session.scalars(query)}


def _send_by(
    channel: Channel | None, name: str, own: Sequence[tuple[OutboxMessage, NoticeDelivery]], mark: str
) -> dict[int, Exception]:
    """The errors of those that failed, by message."""
    if channel is None:
        return {message.id: Refused("not_configured", name) for message, _row in own}
    addresses = channel.addresses([row.notification.user_id for _message, row in own])
    wordings = all_wordings({row.notification.template for _message, row in own})
    found = [(message, row, addresses.get(row.notification.user_id)) for message, row in own]
    failed: dict[int, Exception] = {message.id: Refused("no_address") for message, _row, to in found if to is None}
    going = [(message, row, to) for message, row, to in found if to is not None]
    words = [
        replace(_message(row, to, wordings[row.notification.template]), earlier=sending.earlier_try(message, mark))
        for message, row, to in going
    ]
    for (message, row, to), told in zip(going, sending.hand_over(channel, words, mark), strict=True):
        if isinstance(told, Exception):
            failed[message.id] = told
            continue
        row.note_sent(told)
        row.address = channel.mask(to)
        receipts.await_report(row, channel)
        ladder.await_reader(row, wordings[row.notification.template].get(row.notification.reader))
    return failed


def _message(row: NoticeDelivery, address: str, wordings: Mapping[str, Wording]) -> Message:
    """The provider's template is read now, so that one filled in later works for what still waits."""
    notification: Any = row.notification
    wording = wordings.get(notification.reader)
    fields = wording.provider_fields(row.channel) if wording else {}
    return Message(
        key=row.key,
        to=address,
        title=notification.title,
        text=notification.text,
        url=open_address(notification.id, notification.reader),
        template=wording.provider_template(row.channel) if wording else "",
        fields={name: fill(text, row.facts) for name, text in fields.items()},
    )
