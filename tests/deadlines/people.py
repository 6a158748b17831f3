"""A moved clock for the tests of waiting, and what was told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import time_machine
from sqlalchemy import select

from app.base.database import session
from app.deadlines.models import Pulse
from app.deadlines.services import pass_time
from app.workflow.models import OutboxMessage

DAY = timedelta(days=1)


def told(template: str, case: Any = None) -> list[OutboxMessage]:
    """The messages of this notice, of one case or of all."""
    found = session.scalars(select(OutboxMessage).where(OutboxMessage.kind.in_(("notice", "personal")))).all()
    own = [one for one in found if one.payload.get("template") == template]
    return [one for one in own if case is None or (one.workflow, one.case_id) == (case.workflow_name, case.id)]


def look_at(*moments: datetime) -> None:
    """Let the clock look at these times, its pulse not silent before."""
    for at in moments:
        session.merge(Pulse(system="platform", at=at))
        session.flush()
        with time_machine.travel(at, tick=False):
            pass_time()
