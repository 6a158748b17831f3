"""Numbers by which others check: of sheets and authorizations (核验编号), and of archives on their way (转递编号)."""

from __future__ import annotations

import re
import secrets
from typing import Final

from app.base.spelling import compacted

_SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_LENGTH: Final = 16
_CHECK = re.compile(f"[{_SIGNS}]{{{_LENGTH}}}")
_TRANSFER = re.compile(r"ZD20[0-9]{14}")
_MISREAD: Final = str.maketrans("OIL", "011")


def check_number() -> str:
    """A new 核验编号, which nobody can guess."""
    return "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))


def transfer_number(cohort: int, school_code: str) -> str:
    """A 转递编号 of the cohort and school; the caller sees to it that it is new."""
    return f"ZD{cohort}{school_code}{secrets.randbelow(10_000_000):07d}"


def typed_number(text: str) -> str:
    """The number as it is kept, from what people type: in groups, in any case, with O for 0 and I or L for 1."""
    compact = compacted(text).upper().replace("-", "").replace("·", "").replace(".", "")
    return compact if is_transfer_number(compact) else compact.translate(_MISREAD)


def is_check_number(number: str) -> bool:
    """Whether it has the form of a 核验编号."""
    return _CHECK.fullmatch(number) is not None


def is_transfer_number(number: str) -> bool:
    """Whether it has the form of a 转递编号."""
    return _TRANSFER.fullmatch(number) is not None


def shown_number(number: str) -> str:
    """In groups of four, as it is read out and typed."""
    return " ".join(number[place : place + 4] for place in range(0, len(number), 4))
