"""What a unit says of a record that names it is looked at like any change of the record."""

from __future__ import annotations

from app.recognition.services import ANSWERED
from app.signals.records import Look, look_at
from app.signals.services import apply_rules
from app.workflow import delivery
from app.workflow.models import OutboxMessage


@delivery.handler(ANSWERED)
def look_at_the_record(message: OutboxMessage) -> None:
    """A signal opens or closes; twice it changes nothing."""
    apply_rules(look_at(Look(cases={(message.payload["workflow"], message.payload["case_id"])})))
