"""By which ways archives are sent, and what the number of each looks like. Nobody carries his own archive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from flask_babel import lazy_gettext as _

from app.base.errors import Invalid
from app.base.values import Unreadable, tracking_numbers

TABLE: Final = "archive_dispatch_way"
EMS, MESSENGER = "2", "3"
_READERS: Final[Mapping[str, Callable[[str], str]]] = {EMS: tracking_numbers.read_ems}


def tracking_number(way: str, typed: str) -> str | None:
    """The number as it is kept; None where a messenger brings the archive. Raises Invalid at `tracking_number`."""
    if not typed.strip():
        if way == MESSENGER:
            return None
        raise Invalid({"tracking_number": [_("Please give the number under which it was posted.")]})
    try:
        return _READERS.get(way, tracking_numbers.read)(typed)
    except Unreadable as refused:
        raise Invalid({"tracking_number": [refused.reason]}) from None
