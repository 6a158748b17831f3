"""By which channels a notice goes outside the site: by all of its template at once, or by one after another (B10).

One after another, the next channel of the template takes over when one has failed for good, when its message was lost on
the way to the phone, or when the notice stands unread in the site for as long as the template waits. A channel comes once
for a notice; only its last one goes on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from app.base import clock
from app.base.database import session, transaction
from app.notices import channels
from app.notices.catalogue import Wording, wordings_of
from app.notices.channels.base import Channel
from app.notices.models import FAILED, QUEUED, SENT, NoticeDelivery, Notification
from app.workflow import outbox, registry
from app.workflow.models import OutboxMessage

AFTER_FAILURE, AFTER_LOSS, AFTER_SILENCE = "failed", "undelivered", "silence"
_MORNING, _EVENING = 8, 21  # hours; between evening and morning nothing gentle is sent outside the site
_SAME_STEP: Final = timedelta(seconds=60)  # a record that has moved later than this has left what the notice tells
_A_TIME: Final = 200  # deliveries of one transaction


@dataclass(frozen=True)
class New:
    """A notice that has just come into an inbox."""

    notification_id: int
    user_id: int
    wording: Wording
    facts: Mapping[str, str]
    message: OutboxMessage


def begin(notices: Sequence[New]) -> None:
    """Write down what is to be sent outside, and leave a message of its own for each."""
    users: defaultdict[str, set[int]] = defaultdict(set)
    for one in notices:
        for name in one.wording.channels:
            users[name].add(one.user_id)
    ways = {name: channel for name in users if (channel := channels.channel(name)) is not None}
    addresses = {name: channel.addresses(sorted(users[name])) for name, channel in ways.items()}
    rows: list[tuple[NoticeDelivery, OutboxMessage]] = []
    for one in notices:
        for name in one.wording.channels:
            row = _delivery_of(ways[name], one, addresses[name].get(one.user_id)) if name in ways else None
            if row is not None:
                rows.append((row, one.message))
                if one.wording.ladder and row.status == QUEUED:
                    break
    session.add_all([row for row, _message in rows])
    session.flush()
    morning = after_quiet_hours(clock.now())
    for gentle in (False, True):
        waiting = [pair for pair in rows if pair[0].status == QUEUED and pair[0].gentle == gentle]
        outbox.post_all(
            [_channel_message(row, cause) for row, cause in waiting], not_before=morning if gentle else None
        )


def after_quiet_hours(at: datetime) -> datetime:
    """The time itself, or the morning after when people sleep."""
    local = at.astimezone(clock.SHANGHAI)
    if _MORNING <= local.hour < _EVENING:
        return at
    day = local.date() + timedelta(days=local.hour >= _EVENING)
    return datetime.combine(day, time(_MORNING), clock.SHANGHAI)


def _delivery_of(channel: Channel, notice: New, address: str | None) -> NoticeDelivery | None:
    gentle = bool(notice.message.payload.get("gentle"))
    return delivery_by(channel, notice.notification_id, address, notice.facts, gentle=gentle)


def delivery_by(
    channel: Channel, notification_id: int, address: str | None, facts: Mapping[str, str], **more: Any
) -> NoticeDelivery | None:
    """What is sent to an address, or why it cannot be; None for who has not chosen the channel."""
    told = {"channel": channel.name, "notification_id": notification_id, "facts": dict(facts), **more}
    if address is not None:
        return NoticeDelivery(**told, address=channel.mask(address), status=QUEUED)
    if channel.voluntary:
        return None
    return NoticeDelivery(**told, status=FAILED, error_code="no_address", error_detail="")


def _channel_message(row: NoticeDelivery, about: Any) -> OutboxMessage:
    """`about`: what tells of the same record."""
    return OutboxMessage(
        kind="channel",
        payload={"delivery_id": row.id},
        key=row.outbox_key,
        workflow=about.workflow,
        case_id=about.case_id,
    )


def await_reader(row: NoticeDelivery, wording: Wording | None) -> None:
    """The provider has taken it: note until when its reader may leave the notice unread, where that matters."""
    if wording and wording.ladder and wording.silence_hours and wording.channels_after(row.channel):
        row.go_on_at = clock.now() + timedelta(hours=wording.silence_hours)


def go_on(row: NoticeDelivery, cause: str) -> NoticeDelivery | None:
    """Let the next channel take over, in the running transaction; None where there is none, or it has already.

    Where it is known at once that one cannot reach the reader, the one behind it takes its place.
    """
    notice = session.get_one(Notification, row.notification_id, with_for_update=True, populate_existing=True)
    wording = wordings_of(notice.template).get(notice.reader)
    if wording is None or not wording.ladder or not wording.active:
        return None
    following = wording.channels_after(row.channel)
    query = select(NoticeDelivery.id).where(NoticeDelivery.notification_id == notice.id)
    if session.scalars(query.where(NoticeDelivery.channel.in_(following))).first():
        return None  # the ladder goes on from there
    for name in following:
        new = _next(name, notice, row, cause)
        if new is not None and new.status == QUEUED:
            waits = row.gentle or cause == AFTER_SILENCE
            morning = after_quiet_hours(clock.now()) if waits else None
            outbox.post_all([_channel_message(new, notice)], not_before=morning)
            return new
    return None


def _next(name: str, notice: Notification, before: NoticeDelivery, cause: str) -> NoticeDelivery | None:
    channel = channels.channel(name)
    if channel is None:
        return None
    address = channel.addresses([notice.user_id]).get(notice.user_id)
    new = delivery_by(channel, notice.id, address, before.facts, gentle=before.gentle, cause=cause)
    if new is not None:
        session.add(new)
        session.flush()
    return new


def pass_silence() -> int:
    """Let the next channel take over from those whose reader has been silent long enough; returns how many."""
    count, found = 0, _A_TIME
    while found == _A_TIME:
        with transaction():
            rows = _silent()
            found = len(rows)
            moved = _moved_on([row.notification for row in rows])
            for row in rows:
                row.go_on_at, notice = None, row.notification
                if row.status == SENT and notice.read_at is None and notice.id not in moved:
                    count += go_on(row, AFTER_SILENCE) is not None
    return count


def _silent() -> Sequence[NoticeDelivery]:
    query = (
        select(NoticeDelivery)
        .join(NoticeDelivery.notification)
        .where(NoticeDelivery.go_on_at <= clock.now())
        .options(contains_eager(NoticeDelivery.notification))
        .order_by(NoticeDelivery.go_on_at)
        .limit(_A_TIME)
        .with_for_update(of=NoticeDelivery, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).all()


def _moved_on(notices: Sequence[Notification]) -> set[int]:
    """Those of the notices whose record is no longer where they tell of: who has acted on it needs no second word."""
    by_workflow: defaultdict[str, dict[int, list[Notification]]] = defaultdict(lambda: defaultdict(list))
    for one in notices:
        if one.workflow and one.case_id:
            by_workflow[one.workflow][one.case_id].append(one)
    moved: set[int] = set()
    for workflow, own in by_workflow.items():
        model = registry.get(workflow).model
        for case_id, since in session.execute(select(model.id, model.state_since).where(model.id.in_(own))):
            moved.update(one.id for one in own[case_id] if since > one.created_at + _SAME_STEP)
    return moved
