"""Sending of verification codes by the workers, through the same channels as notices (R10.1, R10.2)."""

from __future__ import annotations

from flask_babel import force_locale

from app.base import clock
from app.base.database import session
from app.base.wording import offered, present
from app.notices import channels
from app.notices.catalogue import wordings_of
from app.notices.channels.base import Message, Refused
from app.notices.messages import worded
from app.notices.models import SENT
from app.passcodes.models import VerificationCode
from app.passcodes.services import MINUTES, shown_code
from app.passcodes.words import PURPOSES
from app.workflow import delivery
from app.workflow.models import OutboxMessage

TEMPLATE = "verification_code"


def record_failure(message: OutboxMessage, error: Exception) -> None:
    """Show on the code what went wrong, and whether it will be tried again."""
    row = session.get(VerificationCode, message.payload["code_id"])
    if row is not None:
        row.note_failure(error, final=message.status == "failed")


@delivery.handler("code", on_failure=record_failure)
def send_code(message: OutboxMessage) -> None:
    """Hand one code to its channel; one that has ended meanwhile is not sent any more."""
    row = session.get(VerificationCode, message.payload["code_id"], with_for_update=True, populate_existing=True)
    if row is None or row.status == SENT or not row.address or not row.sealed:
        return
    if row.expires_at <= clock.now():
        raise Refused("too_late")
    channel = channels.channel(row.channel)
    if channel is None:
        raise Refused("not_configured", row.channel)
    with force_locale(offered(message.payload.get("language"))):
        row.note_sent(channel.send(_message(row)))
    if shown_code(row) is None:
        row.sealed = None


def _message(row: VerificationCode) -> Message:
    wording = wordings_of(TEMPLATE)[row.reader].spoken(present())
    facts = {"code": row.sealed or "", "minutes": str(MINUTES), "purpose": row.about or str(PURPOSES[row.purpose])}
    return worded(wording, row.channel, facts, key=f"code-{row.id}", to=row.address or "")
