"""How personal data are shown to people who need not read them whole: one mask for each kind of value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_NUMBERS = re.compile(
    r"(?<=id_number=)[^&]+|(?<![0-9A-Za-z])(?:\d{6}(?:19|20)\d\d[01]\d[0-3]\d{4}[\dXx]|1[3-9]\d{9})(?![0-9A-Za-z])"
)
_SHORTEST, _LONG = 7, 15  # of an ID number: what is shorter than the one is hidden whole, than the other nearly


def mask_id_number(value: str | None) -> str:
    """110101********1234; of short ones, such as a passport's, H******78."""
    if value and _SHORTEST <= len(value) < _LONG:
        return f"{value[:1]}******{value[-2:]}"
    return _middle_hidden(value, 6, 4, "********", least=_LONG)


def mask_phone(value: str | None) -> str:
    """138****5678."""
    return _middle_hidden(value, 3, 4, "****", least=8)


def mask_account(value: str | None) -> str:
    """1100*****4454; for bank accounts and what providers call their users."""
    return _middle_hidden(value, 4, 4, "*****", least=9)


def _middle_hidden(value: str | None, first: int, last: int, stars: str, *, least: int) -> str:
    """Begin and end; of what is shorter than `least` nothing, since too little would be hidden."""
    if not value:
        return ""
    return f"{value[:first]}{stars}{value[-last:]}" if len(value) >= least else "****"


def mask_email(value: str | None) -> str:
    """z***@example.com."""
    name, at, domain = (value or "").rpartition("@")
    return f"{name[:1]}***@{domain}" if at else "***" if value else ""


def mask_address(value: str | None) -> str:
    """A mobile number or an e-mail address, whichever it is."""
    return mask_email(value) if value and "@" in value else mask_phone(value)


def mask_place(value: str | None) -> str:
    """文三路****: enough to see which of two addresses it is."""
    return f"{value[:3]}****" if value else ""


def mask_named(name: str, value: str | None) -> str | None:
    """What stands under this name in a document, hidden as its kind is."""
    kinds = {"email": mask_email, "address": mask_place}
    return kinds.get(name, mask_phone)(value) if value else value


def mask_within(value: Any) -> Any:
    """The same text, list or document, with ID and mobile numbers in it hidden; what it is about stays to be read."""
    if isinstance(value, str):
        return _NUMBERS.sub(_hidden, value)
    if isinstance(value, Mapping):
        return {name: mask_within(inner) for name, inner in value.items()}
    return [mask_within(inner) for inner in value] if isinstance(value, list | tuple) else value


def _hidden(found: re.Match[str]) -> str:
    number = found.group()
    return mask_phone(number) if len(number) == 11 and number.isdigit() else mask_id_number(number)


def mask_person(name: str) -> str:
    """王**: for strangers, who know the whole name if they have a right to."""
    return name[:1] + "*" * (len(name) - 1)


def mask_unit(name: str) -> str:
    """北京**********限公司: for strangers."""
    return name[:2] + "*" * max(1, len(name) - 6) + name[-4:]


def mask_amount(yuan: str | None) -> str | None:
    """8*** for 8000.00: how large an amount is, and little of what it is."""
    whole = (yuan or "").partition(".")[0]
    return whole[:1] + "*" * (len(whole) - 1) if whole else None


def mask_day(day: str | None) -> str | None:
    """2027-07-** for 2027-07-15."""
    return f"{day[:8]}**" if day else None


def mask_differing(own: str, other: str) -> tuple[str, str]:
    """Two ID numbers side by side, the middle hidden except where they differ: else two equal masks would be shown."""
    if len(own) != len(other):
        return mask_id_number(own), mask_id_number(other)
    first, last = (6, 4) if len(own) >= _LONG else (1, 2)
    hidden = range(first, len(own) - last)
    same = [place for place in hidden if own[place] == other[place]]
    return _starred(own, same), _starred(other, same)


def _starred(value: str, places: list[int]) -> str:
    return "".join("*" if place in places else letter for place, letter in enumerate(value))
