"""What people type: for each kind of value the one way in which it is read, at every door.

`read(text)` answers the normal form, which is stored and shown, or raises Unreadable in words that name the part that is
wrong. What is only odd, but may be right, is a warning and never a refusal: lawful data fail many checks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Unreadable(ValueError):
    """A text that is no value of its kind; `reason` says to the writer what is wrong, in words."""

    def __init__(self, reason: Any) -> None:
        super().__init__()
        self.reason = reason


def strange_place(text: str, may_stand: Callable[[str, int], bool]) -> int | None:
    """The first place, counted from 1, whose sign cannot stand there; None where all can."""
    return next((place for place, sign in enumerate(text, 1) if not may_stand(sign, place)), None)
