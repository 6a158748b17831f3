"""Jobs of the entrances: old codes are removed."""

from __future__ import annotations

from app.passcodes.services import forget_old_codes


def forget_old_codes_job() -> int:
    """Run by the clock; returns how many rows went."""
    return forget_old_codes()
