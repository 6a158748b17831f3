"""The RQ job of the renewals, run by the clock."""

from __future__ import annotations

from app.employers.renewal.services import open_renewals


def open_renewals_job() -> int:
    """Once an hour; returns how many units were asked."""
    return open_renewals()
