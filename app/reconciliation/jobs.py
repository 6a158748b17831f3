"""The job that compares, run by the clock."""

from __future__ import annotations

from app.reconciliation.services.comparing import compare_on

SECONDS = 120.0


def compare_job() -> int:
    """Every few minutes; it works at night and when an operator has asked. Returns how much was compared."""
    return compare_on(SECONDS)
