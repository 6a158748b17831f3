"""RQ jobs of what is due, run by the clock."""

from __future__ import annotations

from app.deadlines.services import pass_time, tell_reviewers

_SECONDS = 45.0  # of every minute: the queue has other work too


def pass_time_job() -> int:
    """Every minute; returns at how many cases something followed."""
    return pass_time(seconds=_SECONDS)


def tell_reviewers_job() -> int:
    """Looks every hour, tells once a day; returns how many people."""
    return tell_reviewers()
