"""What the last round has seen."""

from __future__ import annotations

from sqlalchemy import select

from app.base.database import session
from app.reconciliation.models import Comparison


def newest_round() -> Comparison | None:
    """The round that runs, or the last one."""
    return session.scalar(select(Comparison).order_by(Comparison.id.desc()).limit(1))
