"""Jobs of the trail: its lines are linked, and the ends of all chains are sealed once a day."""

from __future__ import annotations

from app.trail import blocks, heads


def close_blocks_job() -> int:
    """Link what was written; run by the clock. Returns how many lines."""
    return blocks.close_blocks()


def seal_heads_job() -> bool:
    """Seal the day's heads, once a day; run by the clock more often, so that a missed hour does no harm."""
    return heads.seal_day() is not None
