"""RQ jobs of the roster, run by the clock."""

from __future__ import annotations

from app.roster.services.pulling import pull_rosters


def pull_rosters_job() -> int:
    """Bring the employment system's changes here; every minute."""
    return pull_rosters()
