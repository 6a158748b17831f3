"""RQ jobs of the engine; payloads are ids."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence

from app.base.database import transaction
from app.workflow import background, delivery, outside, queues, undo

_TOGETHER_SECONDS = 1.0


def deliver_job(tickets: Sequence[tuple[int, int]]) -> None:
    """Deliver outbox messages, given as (id, tries so far), by the portion where their kind allows it.

    What goes outside follows in parts, the rest one by one; a failure is recorded on its row.
    """
    with queues.together():
        left = delivery.deliver_together([(one, tries) for one, tries in tickets])
    waiting = deque(outside.deliver(left))
    while waiting:
        with queues.together():
            # Slow deliveries must not hold up what the quick ones before them left to others.
            until = time.monotonic() + _TOGETHER_SECONDS
            while waiting and time.monotonic() < until:
                message_id, attempts = waiting.popleft()
                delivery.deliver(message_id, attempts=attempts)


def sweep_outbox_job() -> int:
    """Take up what a killed worker, a lost queue or a failed try left behind; run by the clock."""
    with transaction():
        undo.forget()
    return delivery.sweep()


def run_job(job_id: int) -> None:
    """Get on with a job of many items."""
    background.run(job_id)


def resume_jobs_job() -> int:
    """Take up jobs whose worker was killed; run by the clock."""
    return background.sweep()
