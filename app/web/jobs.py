"""Jobs of the access room: rows that no longer let anybody in are removed."""

from __future__ import annotations

from app.access import sessions
from app.web import idempotency


def forget_old_logins_job() -> int:
    """Remove ended sessions and used-up idempotency keys; run by the clock. Returns how many rows went."""
    return sessions.forget_old_sessions() + idempotency.forget_old_keys()
