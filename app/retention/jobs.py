"""The job that lets go of old data, run by the clock."""

from __future__ import annotations

from app.retention.services import obey_rules


def obey_rules_job() -> int:
    """Once an hour; returns how many rows went."""
    return obey_rules()
