"""One spelling for what people type in several: numbers and names in full width, with spaces inside."""

from __future__ import annotations

import unicodedata


def compacted(value: str) -> str:
    """Half-width, without spaces."""
    return "".join(unicodedata.normalize("NFKC", value).split())
