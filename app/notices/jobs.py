"""RQ jobs of the notices, run by the clock."""

from __future__ import annotations

from app.notices.ladder import pass_silence
from app.notices.receipts import ask_for_reports


def pass_silence_job() -> int:
    """Every minute; returns how many notices went on by their next channel."""
    return pass_silence()


def ask_for_reports_job() -> int:
    """Every minute; returns of how many messages the end is known now."""
    return ask_for_reports()
