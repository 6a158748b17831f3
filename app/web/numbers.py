"""Numbers that a client sends in addresses and forms: read in one place, strictly."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.base.errors import Invalid, NotFound

LARGEST_ID = 2**63 - 1


def is_whole(text: str, *, most: int = 10**9 - 1) -> bool:
    """Whether the text is a whole number from 0 to `most` in plain digits."""
    return text.isascii() and text.isdigit() and len(text) <= len(str(most)) and int(text) <= most


def row_id(text: Any) -> int:
    """The id that a URL or a form field carries; raises NotFound when it cannot be one."""
    try:
        number = int(str(text))
    except ValueError:
        raise NotFound() from None
    if not 0 < number <= LARGEST_ID or not str(text).strip().isascii():
        raise NotFound()
    return number


def seen_version(sent: Any) -> int | None:
    """The version of a record that somebody saw before they decided; None where none is sent.

    What is no whole number is refused, never taken for "none": else a broken page would decide on whatever is there now.
    """
    if sent is None or sent == "":
        return None
    text = str(sent)
    if isinstance(sent, bool) or not is_whole(text):
        raise Invalid({"version": [_("This is not the version of a record. Please reload the page and try again.")]})
    return int(text)
