"""A clock that can be moved while the platform runs: an extension that every process of the storm's copy loads.

The file named by STORM_CLOCK holds by how many seconds it is ahead; the machine's own clock stays as it is.
"""

from __future__ import annotations

import os
from contextvars import Token
from datetime import timedelta
from pathlib import Path
from typing import Any

NAME = "STORM_CLOCK"


class _Moved:
    """In the place of the program's own offset: that of the storm comes on top."""

    def __init__(self, own: Any, file: Path) -> None:
        self.own, self.file = own, file

    def get(self) -> timedelta:
        return self.own.get() + timedelta(seconds=float(self.file.read_text(encoding="ascii") or 0))

    def set(self, by: timedelta) -> Token[timedelta]:
        return self.own.set(by)

    def reset(self, token: Token[timedelta]) -> None:
        self.own.reset(token)


def register(_app: Any) -> None:
    """Called by the program at its start."""
    from app.base import clock

    clock._moved = _Moved(clock._moved, Path(os.environ[NAME]))  # type: ignore[assignment]


def move(file: Path, seconds: float) -> None:
    """Set the clock of the running copy."""
    draft = file.with_suffix(".new")
    draft.write_text(str(seconds), encoding="ascii")
    draft.replace(file)
