"""RQ jobs of what is due, run by the clock."""

from __future__ import annotations

from app.deadlines.services import pass_time, tell_reviewers


def pass_time_job() -> int:
    """Every minute; returns at how many cases something followed."""
    return pass_time()


def tell_reviewers_job() -> int:
    """Looks every hour, tells once a day; returns how many people."""
    return tell_reviewers()
