"""Unified social credit codes (GB 32100): good, odd but perhaps lawful, or impossible."""

from __future__ import annotations

import re
from typing import Any, Final

from flask_babel import lazy_gettext as _
from stdnum.cn import uscc

from app.base.spelling import compacted
from app.base.values import Unreadable, strange_place
from app.base.values.id_numbers import is_id_number

LENGTH: Final = 18
ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# Who registers, and what: first and second character, as the table uscc_registrar has them.
_REGISTRAR: Final = re.compile(r"1[1239]|2[19]|3[1-59]|4[19]|5[1239]|6[129]|7[129]|8[19]|9[1-3]|A[19]|N[1239]|Y1")
# Registrars of the whole country number their region 10; the provinces have not changed since 1997.
_PROVINCE: Final = re.compile(r"1[0-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12]")
_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)


def credit_check_character(body: str) -> str:
    """The 18th character of a code from its first 17 (GB 32100)."""
    return uscc.calc_check_digit(body)


def organisation_check_character(body: str) -> str:
    """The 9th character of an organisation code from its first 8 (GB 11714; letters count from A = 10)."""
    total = sum(int(value, 36) * weight for value, weight in zip(body, _WEIGHTS, strict=True))
    rest = 11 - total % 11
    return "X" if rest == 10 else "0" if rest == 11 else str(rest)


def normalise_credit_code(typed: str) -> str:
    """Half-width, upper case, without spaces; says nothing about validity."""
    return compacted(typed).upper()


def is_credit_code(value: str) -> bool:
    """Whether `value`, in its normal form, can be the code of a unit; odd ones can (see warning_of)."""
    return _impossible(value) is None


def read(typed: str) -> str:
    """The normal form; raises Unreadable that names the part which is wrong."""
    code = normalise_credit_code(typed)
    reason = _impossible(code)
    if reason is not None:
        raise Unreadable(reason)
    return code


def warning_of(code: str | None) -> Any | None:
    """What is odd about a code that can be one, for the writer and for the reviewer, who has the licence; or None.

    Codes issued before the standard was kept everywhere do not have its last character: they are lawful.
    """
    if not code or not is_credit_code(code):
        return None
    if credit_check_character(code[:17]) != code[17]:
        return _(
            "The last character of this credit code does not go with the others. Please compare it with the licence."
        )
    if not is_known_registrar(code[:2]):
        return _("The first two characters of this credit code are rare. Please compare it with the licence.")
    return None


def is_known_registrar(first_two: str) -> bool:
    """Whether the standard has this registrar and kind."""
    return _REGISTRAR.fullmatch(first_two) is not None


def _impossible(code: str) -> Any | None:
    """Why this is no code of a unit, in words; None where it can be one."""
    if is_id_number(code):
        return _("This is a person's ID number. Please give the unit's credit code, as it stands on the licence.")
    strange = strange_place(code, _may_stand)
    if strange is not None:
        return _(
            "A credit code cannot have “%(sign)s” in place %(place)s. Please compare it with the licence.",
            sign=code[strange - 1],
            place=strange,
        )
    if len(code) != LENGTH:
        return _(
            "A credit code has 18 characters; this has %(has)s. Please compare it with the licence.", has=len(code)
        )
    if code[0] == "0" or not _PROVINCE.fullmatch(code[2:4]) or len(set(code[8:16])) == 1:
        return _("No unit has this credit code. Please compare it with the licence.")
    if credit_check_character(code[:17]) != code[17] and organisation_check_character(code[8:16]) != code[16]:
        return _("This is not a valid credit code. Please compare it with the licence.")
    return None


def _may_stand(sign: str, place: int) -> bool:
    return sign in ("0123456789" if 3 <= place <= 8 else ALPHABET)
