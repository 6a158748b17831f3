"""RQ jobs of the signals, run by the clock."""

from __future__ import annotations

import time

from app.signals.services import EVENTS, SUBJECTS, follow, look_again

_SECONDS = 60.0


def follow_job() -> int:
    """Every few seconds; what was handed in is looked at after its commit. Returns how many events."""
    until, done, last = time.monotonic() + _SECONDS, 0, EVENTS
    while last == EVENTS and time.monotonic() < until:
        last = follow()
        done += last
    return done


def look_again_job() -> int:
    """Every few minutes; returns at how many open signals it has looked."""
    until, done, last = time.monotonic() + _SECONDS, 0, SUBJECTS
    while last == SUBJECTS and time.monotonic() < until:
        last = look_again()
        done += last
    return done
