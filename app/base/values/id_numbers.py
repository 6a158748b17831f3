"""Resident identity numbers of 18 places (GB 11643), those of residence permits (81, 82, 83, 9…) among them."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from flask_babel import lazy_gettext as _
from stdnum.cn import ric

from app.base import clock
from app.base.spelling import compacted
from app.base.values import Unreadable, strange_place

LENGTH: Final = 18
_FORM: Final = re.compile(r"[0-9]{17}[0-9X]")
_OLD_FORM: Final = re.compile(r"[0-9]{15}")
# What stands for the last character's X: other alphabets have a letter that looks the same.
_LIKE_X: Final = str.maketrans("×✕хХΧχ", "XXXXXX")


def id_check_digit(body: str) -> str:
    """The 18th character of an identity number from its first 17 digits (GB 11643, ISO 7064 MOD 11-2)."""
    return ric.calc_check_digit(f"{body}0")


def normalise_id_number(typed: str) -> str:
    """Half-width, upper case, without spaces; says nothing about validity."""
    return compacted(typed).translate(_LIKE_X).upper()


def birth_date(id_number: str) -> date | None:
    """The date of birth in an 18-character number, None where there is no such day."""
    digits = id_number[6:14]
    if len(id_number) != LENGTH or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def sex_of(id_number: str) -> str | None:
    """The code of sex in an 18-character number, "1" or "2"; None where it cannot be read."""
    digit = id_number[16:17]
    if len(id_number) != LENGTH or digit not in "0123456789":
        return None
    return "1" if digit in "13579" else "2"


def is_id_number(value: str, on: date | None = None) -> bool:
    """Whether `value`, in its normal form, is one: form, a day of birth from 1900 to `on` (today), check character.

    The region is not looked at: a card keeps the code of its first issue, so abolished codes are normal.
    """
    if not _FORM.fullmatch(value):
        return False
    born = birth_date(value)
    if born is None or not date(1900, 1, 1) <= born <= (on or clock.today()):
        return False
    return id_check_digit(value[:17]) == value[17]


def read(typed: str) -> str:
    """The normal form; raises Unreadable that names the part which is wrong."""
    number = normalise_id_number(typed)
    wrong = wrong_with(number)
    if wrong is not None:
        raise Unreadable(wrong)
    return number


def wrong_with(number: str) -> object | None:
    """Which part of a number in normal form is wrong, in words; None of a right one."""
    return None if is_id_number(number) else _what_is_wrong(number)


def _what_is_wrong(number: str) -> object:
    if _OLD_FORM.fullmatch(number):
        return _("This is an old ID number of 15 digits. Please give the one of 18 that replaced it.")
    strange = strange_place(number, _may_stand)
    if strange is not None:
        return _(
            "An ID number cannot have “%(sign)s” in place %(place)s. Please check it.",
            sign=number[strange - 1],
            place=strange,
        )
    if len(number) != LENGTH:
        return _("An ID number has 18 characters; this has %(has)s. Please check it.", has=len(number))
    born = birth_date(number)
    if born is None or not date(1900, 1, 1) <= born <= clock.today():
        return _(
            "The day of birth in this ID number, %(day)s, cannot be. Please check places 7 to 14.", day=number[6:14]
        )
    return _("The last character does not go with the others: one of the 18 is wrong. Please compare with the card.")


def _may_stand(sign: str, place: int) -> bool:
    return (sign.isascii() and sign.isdigit()) or (sign == "X" and place == LENGTH)
