"""Numbers by which parcels are followed: of EMS, and of the confidential post, which has a form of its own at each office."""

from __future__ import annotations

import re
from typing import Final

from flask_babel import lazy_gettext as _

from app.base.spelling import compacted
from app.base.values import Unreadable

MOST: Final = 32
_INLAND: Final = re.compile(r"[0-9]{13}")
_ABROAD: Final = re.compile(r"[A-Z]{2}([0-9]{8})([0-9])[A-Z]{2}")
_WEIGHTS: Final = (8, 6, 4, 2, 3, 5, 9, 7)  # of the eight digits before the check digit (UPU S10)
_ANY: Final = re.compile(r"[0-9A-Z]{4,32}")


def read(typed: str) -> str:
    """The number of whatever carrier in capitals, without spaces and dashes; raises Unreadable."""
    number = _plain(typed)
    if not _ANY.fullmatch(number):
        raise Unreadable(_("A tracking number has 4 to 32 letters and digits. Please check it."))
    return number


def read_ems(typed: str) -> str:
    """The number of an EMS parcel: 13 digits, or 2 letters, 9 digits whose last one checks the others, 2 letters.

    Raises Unreadable.
    """
    number = _plain(typed)
    if _INLAND.fullmatch(number):
        return number
    found = _ABROAD.fullmatch(number)
    if found is None:
        raise Unreadable(_("An EMS number has 13 digits, or 2 letters, 9 digits and 2 letters. Please check it."))
    if found[2] != _check_digit(found[1]):
        raise Unreadable(_("This EMS number cannot be right: its check digit does not fit. Please compare it."))
    return number


def _plain(typed: str) -> str:
    return compacted(typed).upper().replace("-", "")


def _check_digit(digits: str) -> str:
    rest = 11 - sum(int(one) * weight for one, weight in zip(digits, _WEIGHTS, strict=True)) % 11
    return str({10: 0, 11: 5}.get(rest, rest))
