"""Delivery to the employment system: what the outbox holds arrives there once and in order (R4.9)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.base import clock
from app.base.database import session
from app.base.failures import Failure
from app.ems import by_file
from app.ems.client import ems
from app.ems.messages import UNKNOWN, Destination, EmsRefused, EmsUnavailable, StudentKey
from app.ems.roster_push import push_ids, remove_there, restore_there
from app.ems.students import key_of_id, students_of_ids
from app.workflow import delivery
from app.workflow.models import OutboxMessage

FILE_PAUSE = timedelta(days=1)


class NotThereYet(Failure):
    """The student's row is still on its way to the other system: the report waits for it, however long that takes."""


def _rest(message: OutboxMessage, error: Exception) -> None:
    """What goes by file need not be looked at again soon: its answer ends it."""
    if isinstance(error, by_file.WaitsForFile):
        message.next_attempt_at = clock.now() + FILE_PAUSE
        by_file.keep_waiting(message, error.province)


@delivery.handler("ems", on_failure=_rest, outages=(EmsUnavailable, NotThereYet, by_file.WaitsForFile))
def deliver_to_ems(message: OutboxMessage) -> None:
    """Deliver one message of kind "ems": a report, or what the payload's `action` says (upload,
    switch, contact).

    What goes by file is left to the room that writes files. Run by the delivery, at least once; the message's key and
    id make a repetition harmless. Raises EmsUnavailable to be tried again, GiveUp when the other system refuses for good.
    """
    if by_file.left_to_files(message):
        return
    if message.order_key and by_file.overtakes(message):
        raise NotThereYet("one before it still waits for a file", code="by_file_before")
    try:
        _ACTIONS[message.payload.get("action", "report")](message)
    except EmsRefused as refused:
        if refused.code in UNKNOWN:
            raise NotThereYet(str(refused), code=refused.code, detail=refused.detail) from refused
        raise delivery.GiveUp(f"EmsRefused: {refused}", code="ems_refused", detail=refused.detail) from refused
    if message.attempts or message.error_code:
        by_file.forget([message.id])


def upload(message: OutboxMessage) -> None:
    """Write a part of the roster: the payload's `graduate_ids`."""
    push_ids(message.payload["graduate_ids"])


def contact(message: OutboxMessage) -> None:
    """Tell mobile and e-mail of `graduate_id` as they are now: the graduate has changed them (R1.10)."""
    found = students_of_ids([message.payload["graduate_id"]])
    if not found:
        raise delivery.GiveUp("the graduate of this message does not exist", code="no_graduate")
    student = found[0][1]
    ems().change_contact(student.key, student.mobile, student.email)


def remove(message: OutboxMessage) -> None:
    """Take a student off the roster there: the payload's `graduate_id`."""
    key = key_of_id(message.payload["graduate_id"])
    remove_there([] if key is None else [key])


def restore(message: OutboxMessage) -> None:
    """Upload the kept row again: the payload's `graduate_id`."""
    restore_there(message.payload["graduate_id"])


def erase(message: OutboxMessage) -> None:
    """Take students off the roster there whom the platform no longer has."""
    told = message.payload
    remove_there(StudentKey(told["school"], cohort, exam_number) for cohort, exam_number in told["students"])


def switch(message: OutboxMessage) -> None:
    """Tell whether a school has opened signing for a cohort."""
    told = message.payload
    ems().tell_switch(told["school"], told["cohort"], told["open"], sequence=message.id)


def report(message: OutboxMessage) -> None:
    """Report the payload's `destination` of `graduate_id`, or the `values` of another `record` (archive, hukou).

    The row's id is the sequence, its key the idempotency key.
    """
    payload = message.payload
    key = key_of_id(payload["graduate_id"])
    if key is None:
        raise delivery.GiveUp("the graduate of this message does not exist", code="no_graduate")
    kind = payload.get("record", "destination")
    if kind == "destination":
        told = Destination(**payload["destination"], reported_at=message.created_at).told()
    else:
        told = {**payload["values"], "reported_at": message.created_at.isoformat()}
    outcome = ems().report(key, kind, told, sequence=message.id, idempotency_key=message.key)
    if not outcome.applied and not _is_overtaken(message):
        raise delivery.GiveUp("a later report is held there that this platform never sent", code="later_report")


def _is_overtaken(message: OutboxMessage) -> bool:
    """Whether a later report of the same graduate has been delivered, so that this one rightly came to nothing."""
    later = select(OutboxMessage.id).where(
        OutboxMessage.kind == "ems",
        OutboxMessage.status == "done",
        OutboxMessage.order_key == message.order_key,
        OutboxMessage.id > message.id,
    )
    return session.scalar(select(later.exists())) or False


_ACTIONS = {
    "report": report,
    "upload": upload,
    "remove": remove,
    "restore": restore,
    "erase": erase,
    "switch": switch,
    "contact": contact,
}
