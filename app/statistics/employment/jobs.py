"""What the clock does for the figures."""

from __future__ import annotations

from app.statistics.employment.services import fold_changes


def fold_changes_job() -> int:
    """Once a minute; returns how many rows went."""
    return fold_changes()
