"""Numbers that a client sends in addresses and forms: read in one place, strictly."""

from __future__ import annotations

from typing import Any

from app.base.errors import NotFound

LARGEST_ID = 2**63 - 1


def row_id(text: Any) -> int:
    """The id that a URL or a form field carries; raises NotFound when it cannot be one."""
    try:
        number = int(str(text))
    except ValueError:
        raise NotFound() from None
    if not 0 < number <= LARGEST_ID or not str(text).strip().isascii():
        raise NotFound()
    return number
