"""Checks of the numbers that people and units carry: pure functions.

Every is_…() takes the canonical form that its normalise_…() makes (half-width, upper case, no spaces) and
answers True or False; what is only odd, but may be right (an unusual length), is a warning, never a refusal.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

import phonenumbers
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, ValidatedEmail, validate_email
from flask_babel import lazy_gettext as _
from stdnum.cn import ric, uscc

from app.base import clock
from app.base.spelling import compacted

_CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)

_ID_FORM = re.compile(r"[0-9]{17}[0-9X]")
_CREDIT_FORM = re.compile(rf"[{_CREDIT_ALPHABET}]{{2}}[0-9]{{6}}[{_CREDIT_ALPHABET}]{{10}}")
_MOBILE_FORM = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE_FORM = re.compile(r"(0[1-9][0-9]{1,2})-?([1-9][0-9]{6,7})(?:[-转][0-9]{1,6})?")
_SERVICE_FORM = re.compile(r"[48]00-?[0-9]{3}-?[0-9]{4}")
_POSTCODE_FORM = re.compile(r"[0-9]{6}")
_EXAM_FORM = re.compile(r"[0-9A-Z]{10,20}")
_NAME_DOTS = re.compile(r"\s*[·•・‧∙⋅･᛫]\s*")


def id_check_digit(body: str) -> str:
    """The 18th character of an identity number from its first 17 digits (GB 11643, ISO 7064 MOD 11-2)."""
    return ric.calc_check_digit(f"{body}0")


def normalise_id_number(value: str) -> str:
    """Half-width, upper case, without spaces; says nothing about validity."""
    return compacted(value).upper()


def birth_date(id_number: str) -> date | None:
    """The date of birth in an 18-character number, None where there is no such day."""
    digits = id_number[6:14]
    if len(id_number) != 18 or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def sex_of(id_number: str) -> str | None:
    """The code of sex in an 18-character number, "1" or "2"; None where it cannot be read."""
    digit = id_number[16:17]
    if len(id_number) != 18 or digit not in "0123456789":
        return None
    return "1" if digit in "13579" else "2"


def is_id_number(value: str, on: date | None = None) -> bool:
    """Whether `value` is a resident identity number: form, a day of birth from 1900 to `on`, check character.

    The region is not looked at: a card keeps the code of its first issue, so abolished codes are normal.
    `on` is today when not given.
    """
    if not _ID_FORM.fullmatch(value):
        return False
    born = birth_date(value)
    if born is None or not date(1900, 1, 1) <= born <= (on or clock.today()):
        return False
    return id_check_digit(value[:17]) == value[17]


def credit_check_character(body: str) -> str:
    """The 18th character of a unified social credit code from its first 17 (GB 32100)."""
    return uscc.calc_check_digit(body)


def organisation_check_character(body: str) -> str:
    """The 9th character of an organisation code from its first 8 (GB 11714; letters count from A = 10)."""
    total = sum(int(value, 36) * weight for value, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    rest = 11 - total % 11
    return "X" if rest == 10 else "0" if rest == 11 else str(rest)


def normalise_credit_code(value: str) -> str:
    """Half-width, upper case, without spaces; says nothing about validity."""
    return compacted(value).upper()


def is_credit_code(value: str) -> bool:
    """Whether `value` is a unified social credit code: alphabet, form and main check.

    Letters are right in the first two places (A armed forces, N rural collectives, Y others).
    The check character of the organisation code inside is not asked for: some codes in use do not have it.
    """
    return bool(_CREDIT_FORM.fullmatch(value)) and credit_check_character(value[:17]) == value[17]


def normalise_phone(value: str) -> str:
    """Half-width, no spaces and brackets, and a mainland number without its +86."""
    compact = compacted(value).translate(str.maketrans("—–", "--", "()"))
    abroad = re.fullmatch(r"(?:\+|00)86-?([0-9].*)", compact)
    if abroad is None:
        return compact
    home = abroad[1]
    return home if is_mobile(home) or home[0] == "0" or _SERVICE_FORM.fullmatch(home) else f"0{home}"


def is_mobile(value: str) -> bool:
    """Whether `value` is a mainland mobile number: 11 digits. No list of ranges: new ones open every year."""
    return bool(_MOBILE_FORM.fullmatch(value))


def is_landline(value: str) -> bool:
    """Whether `value` is a mainland landline with area code, with or without hyphen and extension."""
    found = _LANDLINE_FORM.fullmatch(value)
    if found is None:
        return False
    number = phonenumbers.parse(found[1] + found[2], "CN")
    return phonenumbers.is_possible_number(number)


def is_phone(value: str) -> bool:
    """Whether one can be called there: mobile, landline, a 400 or 800 number, or +country code abroad."""
    if is_mobile(value) or is_landline(value) or _SERVICE_FORM.fullmatch(value):
        return True
    if not value.startswith("+"):
        return False
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(value))
    except phonenumbers.NumberParseException:
        return False


def is_email(value: str) -> bool:
    """Whether `value` is an e-mail address with a domain; whether it is read only a message to it can show."""
    top = value.rpartition(".")[2].lower()
    # Names that nobody can have, such as .invalid, are no mistake of form: lists of others hold them.
    found = _email(f"{value}.example" if top in SPECIAL_USE_DOMAIN_NAMES else value)
    return found is not None and "." in value.rpartition("@")[2]


def plain_email(value: str) -> str | None:
    """The address in the one form in which it is compared, None where no message could be sent to it."""
    found = _email(value)
    return found.normalized.lower() if found is not None and found.ascii_email else None


def _email(value: str) -> ValidatedEmail | None:
    try:
        return validate_email(value, check_deliverability=False, strict=True)
    except EmailNotValidError:
        return None


def is_postcode(value: str) -> bool:
    """Whether `value` is a postcode: six digits, not all zero."""
    return bool(_POSTCODE_FORM.fullmatch(value)) and value != "000000"


def normalise_exam_number(value: str) -> str:
    """Half-width, upper case, without spaces."""
    return compacted(value).upper()


def is_exam_number(value: str) -> bool:
    """Whether `value` can be a 考生号: 10 to 20 letters and digits; places differ too much to ask more."""
    return bool(_EXAM_FORM.fullmatch(value))


def exam_number_warning(value: str) -> Any | None:
    """What is odd about an accepted exam number, as a lazy message; None when nothing is."""
    if len(value) in (14, 15) and value.isdigit():
        return None
    return _("An exam number normally has 14 digits, or 15 for postgraduates. Please check it.")


def normalise_person_name(value: str) -> str:
    """One spelling of a name for exact comparison: the dot of minority names as ·, no idle spaces.

    Rare characters are left alone: a compatibility form is another character in a name.
    """
    return " ".join(_NAME_DOTS.sub("·", value).split())
