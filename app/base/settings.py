"""The settings of this process: set once at start, read by rules and pages alike, and what is made from them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from config import Settings

_Made = TypeVar("_Made")
_current: Settings | None = None


def use_settings(chosen: Settings) -> None:
    """Set them, for create_app() and what stands in for it; what was made from others is made anew."""
    global _current
    _current = chosen


def settings() -> Settings:
    """The settings in use."""
    if _current is None:
        raise RuntimeError("no settings yet: create_app() sets them")
    return _current


def once(make: Callable[[Settings], _Made]) -> Callable[[], _Made]:
    """A function that gives what `make` makes of the settings, made when it is first asked for.

    Each process makes its own: a fork must not share connections with its parent.
    """
    making = threading.Lock()
    kept: tuple[Settings, int, _Made] | None = None

    @wraps(make)
    def made() -> _Made:
        nonlocal kept
        chosen, process = settings(), os.getpid()
        if kept is None or kept[0] is not chosen or kept[1] != process:
            with making:
                if kept is None or kept[0] is not chosen or kept[1] != process:
                    kept = (chosen, process, make(chosen))
        return kept[2]

    return made
