"""Cutting a text to a number of characters where it can still be read."""

from __future__ import annotations

import unicodedata

ELLIPSIS = "…"


def cut(text: str, most: int) -> str:
    """At most `most` characters, counted as WeChat does; what was left out is marked with an ellipsis."""
    if _length(text) <= most:
        return text
    kept = ""
    for character in text:
        if _length(kept + character) > most - 1:
            break
        kept += character
    return _without_half_characters(kept, text[len(kept) :]) + ELLIPSIS


def _length(text: str) -> int:
    """In UTF-16 units: rare characters beyond the basic plane count twice."""
    return len(text.encode("utf-16-le")) // 2


def _without_half_characters(kept: str, rest: str) -> str:
    """A character is not torn from the marks that belong to it, nor followed by a lonely opening bracket."""
    while kept and rest and _belongs_to_previous(rest[0]):
        kept, rest = kept[:-1], kept[-1] + rest
    return kept.rstrip(" ，、；：（(“《-")


def _belongs_to_previous(character: str) -> bool:
    return unicodedata.combining(character) > 0 or character in "\u200d\ufe0e\ufe0f"
