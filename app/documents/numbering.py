"""Agreement numbers: year, school, level, serial and a check character by ISO 7064 MOD 11-2."""

from __future__ import annotations

import re

from stdnum.iso7064 import mod_11_2

from app.base.spelling import compacted

NUMBER = re.compile(r"20[0-9]{2}[0-9]{5}[1-5][0-9]{7}[0-9X]")
_LEVEL_OF_EDUCATION = {"0": 1, "1": 2, "2": 5, "3": 3, "4": 4}


def level_digit(education: str) -> int:
    """1 doctor, 2 master, 3 bachelor, 4 junior college, 5 second degree, from the first digit of the 学历 code."""
    return _LEVEL_OF_EDUCATION[education[0]]


def agreement_number(year: int, school_code: str, level: int, serial: int) -> str:
    """The 18 characters of an agreement number.

    Args:
        year: of graduation, four digits.
        school_code: 院校代码, five digits.
        level: see level_digit().
        serial: counted from 1 within school, year and level; seven digits.

    Raises ValueError when a part does not fit its place.
    """
    body = f"{year:04d}{school_code}{level}{serial:07d}"
    if serial < 1 or not NUMBER.fullmatch(f"{body}0"):
        raise ValueError(f"not an agreement number: {body}")
    return body + check_character(body)


def check_character(body: str) -> str:
    """The check character of the first 17 digits, as on an ID card: 0 to 9 or X."""
    return mod_11_2.calc_check_digit(body)


def typed_agreement_number(text: str) -> str:
    """The number as it is kept, from what people type: in groups, in full width, with small x; says nothing of validity."""
    return compacted(text).upper().replace("-", "")


def is_agreement_number(text: str) -> bool:
    """Whether the text has the shape of an agreement number and its check character is right."""
    return NUMBER.fullmatch(text) is not None and mod_11_2.is_valid(text)
