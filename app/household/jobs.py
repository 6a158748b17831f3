"""RQ jobs of archive and hukou, run by the clock."""

from __future__ import annotations

from app.household.services.pulling import pull_changes


def pull_changes_job() -> int:
    """Bring the employment system's changes of records here; every minute."""
    return pull_changes()
