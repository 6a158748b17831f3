"""A process that does not outlive the one that started it."""

from __future__ import annotations

import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1
# Loaded once, here: looking a library up between fork and exec is not safe.
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(how: int = signal.SIGTERM) -> None:
    """Ask the kernel to send `how` to this process when its parent dies, however that happens."""
    if LIBC is not None:
        LIBC.prctl(_PR_SET_PDEATHSIG, int(how), 0, 0, 0)
