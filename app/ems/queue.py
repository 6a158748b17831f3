"""The queue to the employment system as operators read it: what waits, what failed and why, try again (R4.9)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import bindparam, or_, select

from app.access.actors import Actor
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, NotFound
from app.base.kept import Kept
from app.codes import queries as codes
from app.workflow import delivery
from app.workflow.models import OutboxMessage

VIEW = "sync"
STATUS_LABELS = {
    "queued": _("Waiting to be sent"),
    "refused": _("Refused there, needs somebody to act"),
    "done": _("Delivered"),
    "failed": _("Failed, needs attention"),
}


# What no waiting cures: somebody has to act first, however often it is tried.
FINAL = ("unknown_student", "unknown_roster", "ems_refused", "later_report")
REFUSED, WAITING = "refused", "waiting"
OPEN_LABELS = {REFUSED: STATUS_LABELS[REFUSED], WAITING: _("On its way")}

# Records beside the destination: what they are called and the code table of their types.
RECORDS = {
    "archive": (_("Archive information"), "archive_transfer_type"),
    "hukou": (_("Hukou information"), "hukou_transfer_type"),
}


def is_sync() -> Any:
    """The condition that a row of the outbox goes to the employment system."""
    return OutboxMessage.kind == "ems"


def is_refused() -> Any:
    """The condition that an open message waits for somebody to act, not for its next try."""
    return or_(OutboxMessage.status == "failed", OutboxMessage.error_code.in_(FINAL) & (OutboxMessage.status != "done"))


def is_on_its_way() -> Any:
    """The condition that an open message is sent by itself: no refusal stands in its way."""
    final = OutboxMessage.error_code.in_(FINAL)
    return (OutboxMessage.status == "queued") & or_(OutboxMessage.error_code.is_(None), ~final)


def needs_somebody(message: OutboxMessage) -> bool:
    """Whether no waiting cures it."""
    return message.status == "failed" or message.error_code in FINAL


def standing_of(message: OutboxMessage) -> str:
    """Its status; REFUSED for one that is queued but that no waiting cures."""
    return REFUSED if message.status == "queued" and message.error_code in FINAL else message.status


def to_do(message: OutboxMessage) -> str:
    """What those of the school can do about it, in a sentence."""
    return str(_ADVICE.get(message.error_code or "", _OTHERWISE if message.status == "failed" else _NOTHING))


def retry_sync(message_id: int, *, actor: Actor) -> OutboxMessage:
    """Try one message again now; for operators.

    Raises Forbidden without the permission, NotFound, Conflict (`already_delivered`).
    """
    retried = retry_many([message_id], actor=actor)
    message = _one(message_id)
    if not retried:
        raise Conflict(_("This record has already been delivered. There is nothing to try again."), "already_delivered")
    return message


def retry_many(message_ids: Sequence[int], *, actor: Actor) -> int:
    """Try these messages again now; for operators. Returns how many of them were still open.

    What was delivered already is left alone; raises Forbidden, or NotFound when one is no message of this queue.
    """
    if not actor.may("can_retry", VIEW):
        raise Forbidden()
    with transaction():
        for message_id in message_ids:
            _one(message_id)
        return delivery.retry(message_ids)


def _one(message_id: int) -> OutboxMessage:
    query = select(OutboxMessage).where(OutboxMessage.id == message_id, is_sync())
    message = session.scalar(query.execution_options(populate_existing=True))
    if message is None:
        raise NotFound()
    return message


def explain(message: OutboxMessage) -> str:
    """What is wrong with the message, in plain words; empty when nothing is."""
    code, reason = message.error_code, (message.error_detail or "")[:300]
    if code is None or message.status == "done":
        return ""
    if code == "ems_unavailable" and message.status == "failed":
        return str(_("The employment management system did not answer many times. Please check it, then retry."))
    if code in _CAUSES:
        return str(_CAUSES[code])
    if code in _REFUSALS:
        return str(_("The employment management system refused the record: %(reason)s", reason=reason))
    return str(_("The record could not be sent: %(reason)s", reason=reason))


def open_of_case(workflow: str, case_id: int) -> list[str]:
    """What the employment system has not taken of a case, and why, in plain words; for whoever may see the case."""
    messages = _open_of_case().rows({"of": workflow, "case": case_id})
    return [explain(message) or str(_("It is on its way there.")) for message in messages]


@cache
def _open_of_case() -> Kept:
    """Put together once: every review page asks."""
    own = (OutboxMessage.workflow == bindparam("of"), OutboxMessage.case_id == bindparam("case"))
    query = select(OutboxMessage).where(*own, is_sync(), OutboxMessage.status != "done")
    return Kept(query.order_by(OutboxMessage.id))


_CAUSES = {
    "by_file": _("This province exchanges files: it goes with the next file and is done when its answer has come."),
    "ems_unavailable": _("The employment management system did not answer. It is tried again by itself."),
    "unknown_student": _(
        "The employment management system does not know this student. Please upload the roster there."
    ),
    "later_report": _("The employment management system holds a later report that this platform never sent."),
}
_ADVICE = {
    "by_file": _("Nothing to do for you: the province carries the file to the employment system."),
    "unknown_student": _(
        "Add the student to the roster of the employment system with the same exam number; then it is sent by itself."
    ),
    "unknown_roster": _("Upload the roster of this cohort to the employment system; then it is sent by itself."),
    "ems_refused": _(
        "Compare the record with the reason; correct it here, or the student there, and it is sent again."
    ),
    "later_report": _("Look at the report in the employment system; where this record is right, ask the operators."),
}
_OTHERWISE = _("Nothing to do for you: the operators see it and send it again.")
_NOTHING = _("Nothing to do: it is sent by itself.")
_REFUSALS = ("ems_refused", "unknown_roster")


def shown_content(message: OutboxMessage) -> str:
    """What the message tells, in a few words."""
    payload = message.payload
    if payload.get("action") == "upload":
        return str(_("Roster: %(count)s students", count=len(payload.get("graduate_ids", ()))))
    if payload.get("action") == "remove":
        return str(_("Roster: a student is removed"))
    if payload.get("action") == "restore":
        return str(_("Roster: a student comes back"))
    if payload.get("action") == "erase":
        return str(_("Roster: %(count)s students of an undone import", count=len(payload.get("students", ()))))
    if payload.get("action") == "switch":
        return " ".join((str(_("Online signing")), str(payload["school"]), str(payload["cohort"])))
    if payload.get("record") in RECORDS:
        label, table = RECORDS[payload["record"]]
        values = payload.get("values") or {}
        words = (str(label), codes.label(table, values.get("transfer_type")), values.get("receiver"))
        return " ".join(text for text in words if text)
    told = payload.get("destination") or {}
    return " ".join(text for text in (told.get("label") or told.get("code"), told.get("employer")) if text)


def sync_json(message: OutboxMessage) -> dict[str, Any]:
    """One row of the queue as the API gives it."""
    return {
        "id": message.id,
        "status": message.status,
        "label": str(STATUS_LABELS.get(standing_of(message), message.status)),
        "content": shown_content(message),
        "workflow": message.workflow,
        "case_id": message.case_id,
        "graduate_id": message.payload.get("graduate_id"),
        "destination": message.payload.get("destination"),
        "record": message.payload.get("record", "destination" if "destination" in message.payload else None),
        "attempts": message.attempts,
        "error": explain(message) or None,
        "detail": message.last_error,
        "created_at": message.created_at.isoformat(),
        "next_attempt_at": message.next_attempt_at.isoformat() if message.status == "queued" else None,
        "done_at": message.done_at.isoformat() if message.done_at else None,
    }
