"""What the bank says reaches the verification; operators hear of guessing."""

from __future__ import annotations

import re

from flask_babel import gettext
from sqlalchemy.dialects.postgresql import insert

from app.access.actors import OPERATOR, SYSTEM
from app.base.database import session
from app.base.dates import time_text
from app.base.errors import AppError
from app.employers.favorites.guards import ALARM
from app.employers.models import EmployerVerification
from app.notices.catalogue import wordings_of
from app.notices.models import Notification
from app.notices.placeholders import fill
from app.notices.recipients import recipients
from app.workflow import delivery, engine
from app.workflow.models import OutboxMessage
from app.workflow.stages import Stage

_REFERENCE = re.compile(r"verification-(\d+)-(\d+)")


@delivery.handler(ALARM)
def warn_operators(message: OutboxMessage) -> None:
    """Tell the operators that somebody guesses graduates; again it changes nothing."""
    wording = wordings_of(ALARM)[OPERATOR]
    told = message.payload
    facts = {
        "unit": told["unit"],
        "number": str(told["misses"]),
        "minutes": str(told["minutes"]),
        "reason": f"{told['name']} {told['username']} {told['ip']}".strip(),
        "date": time_text(message.created_at),
    }
    rows = [
        {
            "user_id": user_id,
            "outbox_id": message.id,
            "template": ALARM,
            "reader": OPERATOR,
            "event": ALARM,
            "title": wording.title,
            "text": fill(wording.body, facts),
            "created_at": message.created_at,
        }
        for user_id, *_kind in recipients([OPERATOR], None)
    ]
    if rows and wording.active:
        session.execute(insert(Notification).values(rows).on_conflict_do_nothing())


@delivery.handler("payment_settled")
def hear_of_payment(message: OutboxMessage) -> None:
    """The remittance was made, or the bank could not make it; one that has been overtaken changes nothing."""
    found = _REFERENCE.fullmatch(message.payload["reference"])
    if found is None:
        return
    case = session.get(EmployerVerification, int(found[1]))
    if case is None or case.remittances != int(found[2]) or case.stage != Stage.REVIEW:
        return
    problem = message.payload.get("problem")
    try:
        if not problem:
            engine.fire("verification", case.id, "remitted", actor=SYSTEM)
            return
        words = gettext("The bank could not remit: %(problem)s", problem=problem)
        engine.fire(
            "verification", case.id, "return", actor=SYSTEM, data={"reason": words, "fields": {"account": words[:200]}}
        )
    except AppError:
        return  # an operator was quicker
