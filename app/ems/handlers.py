"""Delivery to the employment system: what the outbox holds arrives there once and in order (R4.9)."""

from __future__ import annotations

from sqlalchemy import select

from app.database import session
from app.ems.client import ems
from app.ems.messages import Destination, EmsRefused, EmsUnavailable
from app.ems.roster_push import push_ids
from app.ems.students import key_of_id
from app.workflow import delivery
from app.workflow.models import OutboxMessage

# A student whose roster row is still on its way: trying again helps.
_MAY_PASS = ("unknown_student", "unknown_roster")
# The pause between tries doubles with each; beyond this the doubling would leave what a time span can hold.
_MOST_ATTEMPTS = 40


def keep_trying(message: OutboxMessage, error: Exception) -> None:
    """A system that is down for a weekend is no reason to give up: only a refusal makes a dead letter."""
    if message.status == "failed" and isinstance(error, EmsUnavailable):
        message.status = "queued"
        message.attempts = min(message.attempts, _MOST_ATTEMPTS)


@delivery.handler("ems", on_failure=keep_trying)
def deliver_to_ems(message: OutboxMessage) -> None:
    """Deliver one message of kind "ems": a report, or what the payload's `action` says (upload, switch).

    Run by the delivery, at least once; the message's key and id make a repetition harmless. Raises EmsUnavailable
    to be tried again, GiveUp when the other system refuses for good.
    """
    try:
        _ACTIONS[message.payload.get("action", "report")](message)
    except EmsRefused as refused:
        if refused.code in _MAY_PASS:
            raise
        raise delivery.GiveUp(f"EmsRefused: {refused}") from refused


def upload(message: OutboxMessage) -> None:
    """Write a part of the roster: the payload's `graduate_ids`."""
    push_ids(message.payload["graduate_ids"])


def switch(message: OutboxMessage) -> None:
    """Tell whether a school has opened signing for a cohort."""
    told = message.payload
    ems().tell_switch(told["school"], told["cohort"], told["open"], sequence=message.id)


def report(message: OutboxMessage) -> None:
    """Report the payload's `destination` of `graduate_id`; the row's id is the sequence, its key the idempotency key."""
    payload = message.payload
    key = key_of_id(payload["graduate_id"])
    if key is None:
        raise delivery.GiveUp("the graduate of this message does not exist")
    told = Destination(**payload["destination"], reported_at=message.created_at)
    outcome = ems().report_destination(key, told, sequence=message.id, idempotency_key=message.key)
    if not outcome.applied and not _is_overtaken(message):
        raise delivery.GiveUp("a later report is held there that this platform never sent")


def _is_overtaken(message: OutboxMessage) -> bool:
    """Whether a later report of the same graduate has been delivered, so that this one rightly came to nothing."""
    later = select(OutboxMessage.id).where(
        OutboxMessage.kind == "ems",
        OutboxMessage.status == "done",
        OutboxMessage.order_key == message.order_key,
        OutboxMessage.id > message.id,
    )
    return session.scalar(select(later.exists())) or False


_ACTIONS = {"report": report, "upload": upload, "switch": switch}
