"""What people do with notices: read them, and, as operators, send again and change the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, and_, case, select, update
from sqlalchemy.dialects.postgresql import insert

from app.access import audit, devices
from app.access.accounts import account_of_user
from app.access.actors import GRADUATE, Actor, require
from app.base import clock
from app.base.database import session, transaction
from app.base.dates import time_text
from app.base.errors import Invalid, NotFound
from app.base.sealed import at
from app.notices import channels, messages
from app.notices.addresses import index_of
from app.notices.catalogue import shipped
from app.notices.explanations import channel_label
from app.notices.models import QUEUED, SENT, ChannelAddress, NoticeDelivery, NoticeTemplate, Notification
from app.notices.placeholders import check_placeholders
from app.notices.queries import notifications_visible_to
from app.workflow import delivery
from app.workflow.models import OutboxMessage

# The views of the role matrix to which the operators' permissions belong.
DELIVERIES, UNDELIVERED, TEMPLATES = "notice_deliveries", "undelivered_notices", "notice_templates"
_LONGEST_TITLE, _LONGEST_BODY, _MOST_FIELDS, _MOST_HOURS = 64, 1000, 12, 720


def mark_read(notification_id: int, *, actor: Actor) -> Notification:
    """Mark one notice of the actor's inbox as read; again is no mistake. Raises NotFound (R7.14)."""
    with transaction():
        query = notifications_visible_to(actor).where(Notification.id == notification_id)
        notification = session.scalar(query)
        if notification is None:
            raise NotFound()
        if notification.read_at is None:
            notification.read_at = clock.now()
    return notification


def mark_all_read(*, actor: Actor) -> int:
    """Mark the actor's whole inbox as read; returns how many were not."""
    unread = (Notification.user_id == actor.user_id, Notification.read_at.is_(None))
    with transaction():
        return session.execute(update(Notification).where(*unread).values(read_at=clock.now())).rowcount


def retry_deliveries(delivery_ids: Sequence[int], *, actor: Actor) -> int:
    """Send failed or waiting deliveries again now (R10.2); for operators. Returns how many.

    What has been sent already is left alone. Raises Forbidden.
    """
    require(actor, "can_retry", DELIVERIES)
    with transaction():
        query = select(NoticeDelivery).where(NoticeDelivery.id.in_(delivery_ids), NoticeDelivery.status != SENT)
        rows = session.scalars(query.with_for_update()).all()
        for row in rows:
            if row.is_lost:  # its message is done: another one takes its place, as a new one for the provider
                row.round, row.receipt = row.round + 1, None
            row.status, row.at = QUEUED, clock.now()
        waiting = _messages_of(rows)
    return delivery.retry(waiting) if waiting else 0


def _messages_of(rows: Sequence[NoticeDelivery]) -> list[int]:
    """The outbox messages of these deliveries; one that never had any, for want of an address, gets one."""
    if not rows:
        return []
    keys = {row.outbox_key: row for row in rows}
    query = select(OutboxMessage.key, OutboxMessage.id).where(OutboxMessage.key.in_(keys))
    found = {row.key: row.id for row in session.execute(query)}
    new = [
        OutboxMessage(kind="channel", payload={"delivery_id": row.id}, key=key)
        for key, row in keys.items()
        if key not in found
    ]
    session.add_all(new)
    session.flush()
    return [*found.values(), *(message.id for message in new)]


def retry_notices(message_ids: Sequence[int], *, actor: Actor) -> int:
    """Deliver notices and messages again that never reached their reader; for operators. Returns how many. Raises Forbidden."""
    require(actor, "can_retry", UNDELIVERED)
    query = select(OutboxMessage.id).where(OutboxMessage.id.in_(message_ids), is_undelivered())
    return delivery.retry(session.scalars(query).all())


def is_undelivered() -> ColumnElement[bool]:
    """The condition that a row of the outbox is a notice or a message which has not reached its reader."""
    return and_(OutboxMessage.kind.in_(("notice", messages.KIND)), OutboxMessage.status != "done")


def template_title(name: str) -> str:
    """What a notice is called, by the shipped words for its first reader."""
    return next((wording.title for wording in shipped().values() if wording.name == name), name)


def edit_template(template_id: int, values: Mapping[str, Any], *, actor: Actor) -> NoticeTemplate:
    """Change the words of a notice, its channels, and what providers call it (R10.2); for operators.

    `values` as the columns of NoticeTemplate. Raises Forbidden, NotFound, Invalid (length, channel, placeholder).
    """
    require(actor, "can_edit", TEMPLATES)
    title, body = str(values["title"]).strip(), str(values["body"]).strip()
    chosen, outside = list(values.get("channels", ())), dict(values.get("outside", {}))
    words = _checked_words(values.get("words", {}))
    _check_lengths({"title": title, "body": body})
    _check_channels(chosen)
    hours = _read_hours(values.get("silence_hours", 0))
    _check_outside(outside)
    check_placeholders({"title": title, "body": body})
    with transaction():
        row = session.get(NoticeTemplate, template_id, with_for_update=True)
        if row is None:
            raise NotFound()
        row.title, row.body, row.channels, row.outside = title, body, chosen, outside
        row.words, row.active = words, bool(values.get("active", True))
        row.ladder, row.silence_hours = bool(values.get("ladder", False)), hours
        row.edited_at = clock.now()
    return row


def _checked_words(sent: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """The words in other languages: title and text, or neither."""
    kept = {}
    for language, words in sent.items():
        own = {part: str(words.get(part, "")).strip() for part in ("title", "body")}
        if any(own.values()):
            fields = {f"{part}_{language}": text for part, text in own.items()}
            _check_lengths(fields)
            check_placeholders(fields)
            kept[language] = own
    return kept


def _check_lengths(texts: Mapping[str, str]) -> None:
    errors: dict[str, list[Any]] = {}
    for field, text in texts.items():
        most = _LONGEST_TITLE if field.startswith("title") else _LONGEST_BODY
        if not text:
            errors[field] = [_("Please fill this in.")]
        elif len(text) > most:
            errors[field] = [_("At most %(most)s characters; this has %(has)s.", most=most, has=len(text))]
    if errors:
        raise Invalid(errors)


def _check_channels(chosen: Sequence[str]) -> None:
    unknown = [name for name in chosen if name not in channels.declared()]
    if unknown:
        raise Invalid({"channels": [_("There is no channel %(name)s.", name=unknown[0])]})


def _read_hours(sent: Any) -> int:
    text = str(sent or "0").strip()
    if not (text.isascii() and text.isdigit() and int(text) <= _MOST_HOURS):
        raise Invalid({"silence_hours": [_("Please give a number of hours from 0 to %(most)s.", most=_MOST_HOURS)]})
    return int(text)


def _check_outside(outside: Mapping[str, Any]) -> None:
    for channel, entry in outside.items():
        fields = entry.get("fields", {})
        if len(fields) > _MOST_FIELDS:
            raise Invalid({channel: [_("At most %(most)s keywords.", most=_MOST_FIELDS)]})
        try:
            check_placeholders({channel: " ".join(fields.values())})
        except Invalid as error:
            raise Invalid({channel: error.errors[channel]}) from error


def bind_address(channel: str, address: str, *, actor: Actor) -> None:
    """Keep the address that the provider has confirmed for this user; a new one replaces the old (R7.14).

    Since when it is bound is asked before a code goes there: the same one bound again does not begin anew.
    Where graduates can log in by it, they are told: it is a way into the account that stays.
    """
    row = {
        "user_id": actor.user_id,
        "channel": channel,
        "address": at(address, actor.user_id, channel),
        "address_index": index_of(channel, address),
        "bound_at": clock.now(),
    }
    statement = insert(ChannelAddress).values(row)
    same = ChannelAddress.address_index == statement.excluded.address_index
    new: dict[str, Any] = {name: statement.excluded[name] for name in ("address", "address_index")}
    new["bound_at"] = case((same, ChannelAddress.bound_at), else_=statement.excluded.bound_at)
    with transaction():
        session.execute(statement.on_conflict_do_update(index_elements=["user_id", "channel"], set_=new))
        audit.record("channel_bound", actor=actor, subject=actor.username, detail={"channel": channel})
        if actor.kind == GRADUATE and channel in channels.channels_of_log_in():
            facts = {"channel": str(channel_label(channel)), "date": time_text(clock.now())}
            devices.tell(account_of_user(actor.user_id or 0), "channel_bound", facts)


def unbind_address(channel: str, *, actor: Actor) -> None:
    """Send nothing more to this user by that channel, and let nobody in by it."""
    with transaction():
        row = session.get(ChannelAddress, (actor.user_id, channel))
        if row is not None:
            session.delete(row)
            audit.record("channel_unbound", actor=actor, subject=actor.username, detail={"channel": channel})
