"""Agreement numbers: year, school, level, serial and a check character by ISO 7064 MOD 11-2."""

from __future__ import annotations

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_LEVEL_OF_EDUCATION = {"0": 1, "1": 2, "2": 5, "3": 3, "4": 4}


def level_digit(education: str) -> int:
    """1 doctor, 2 master, 3 bachelor, 4 junior college, 5 second degree, from the first digit of the 学历 code."""
    return _LEVEL_OF_EDUCATION[education[0]]


def agreement_number(year: int, school_code: str, level: int, serial: int) -> str:
    """The 18 characters of an agreement number; raises ValueError when a part does not fit."""
    body = f"{year:04d}{school_code}{level}{serial:07d}"
    if len(body) != 17 or not (body.isascii() and body.isdigit()):
        raise ValueError(f"not an agreement number: {body}")
    return body + check_character(body)


def check_character(body: str) -> str:
    """The check character of the first 17 digits."""
    return _CHECK[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]


def is_agreement_number(text: str) -> bool:
    """Whether the text is 18 characters with a right check character."""
    body = text[:17]
    return len(text) == 18 and body.isascii() and body.isdigit() and check_character(body) == text[17]
