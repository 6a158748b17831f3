"""Telephones: what can be called, and what takes a text message; these are two questions."""

from __future__ import annotations

import re
from typing import Final

import phonenumbers
from flask_babel import lazy_gettext as _

from app.base.spelling import compacted
from app.base.values import Unreadable

MOST: Final = 32  # characters of what is kept, two numbers with extensions included
_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
_SERVICE: Final = re.compile(r"([48]00)([0-9]{3})([0-9]{4})")
# Lines of banks, insurers and public services: 95588, 95105888, 96123, 12345, 10086.
_SHORT: Final = re.compile(r"95[0-9]{3,6}|96[0-9]{3,6}|12[0-9]{3}|1[01][0-9]{3}")
_LANDLINE: Final = re.compile(r"(0(?:10|2[0-9]|[3-9][0-9]{2}))([1-9][0-9]{6,7})")
_EXTENSION: Final = re.compile(r"(?P<number>.+?)(?:转|分机|ext\.?|x|#|,|，|\*)[:：]?-?(?P<extension>[0-9]{1,6})")
_TRAILING: Final = re.compile(r"(?P<number>[0-9+()-]*[0-9]{7,8}|[48]00-?[0-9]{3}-?[0-9]{4})-(?P<extension>[0-9]{1,6})")
_SEVERAL: Final = re.compile(r"[/、;；|]|或|[,，](?=[0-9+(（-]{7})")
_DASHES: Final = str.maketrans(dict.fromkeys("—–‐‑−－ーｰ﹣", "-"))
_HOME: Final = re.compile(r"(?:\+|00)86-?(?P<rest>[0-9(].*)|86-?(?P<mobile>1[3-9][0-9]{9})")
_ODD_SIGN: Final = re.compile(r"[^0-9+()#*,./-]")


def normalise_phone(typed: str) -> str:
    """The normal form of a number that can be called; what cannot be read comes back half-width, without spaces."""
    try:
        return read(typed)
    except Unreadable:
        return _plain(typed)


def is_mobile(value: str) -> bool:
    """Whether `value` is a mainland mobile number, which takes a text message. No list of ranges: new ones open every year."""
    return bool(_MOBILE.fullmatch(value))


def is_phone(value: str) -> bool:
    """Whether one can be called there."""
    try:
        return bool(read(value))
    except Unreadable:
        return False


def read(typed: str) -> str:
    """A number that can be called, or two of them, in the form 010-12345678-801; raises Unreadable.

    Mobile, landline with area code, 400 and 800 numbers, short lines of services, +country code abroad.
    """
    numbers = [_one(part) for part in _SEVERAL.split(_plain(typed)) if part] or [_one("")]
    told = " / ".join(dict.fromkeys(numbers))
    if len(told) > MOST:
        raise Unreadable(_("These are too many numbers for one field. Please give the one that is answered best."))
    return told


def read_mobile(typed: str) -> str:
    """A number that takes a text message; raises Unreadable."""
    number = normalise_phone(typed)
    if is_mobile(number):
        return number
    if is_phone(number):
        raise Unreadable(
            _("This number takes no text messages. Please give a mobile number of the mainland, 11 digits.")
        )
    raise Unreadable(_why(_plain(typed)))


def _plain(typed: str) -> str:
    return compacted(typed).translate(_DASHES).lower()


def _one(text: str) -> str:
    number, extension = _without_extension(_at_home(text))
    bare = re.sub(r"[().-]", "", number)
    service = _SERVICE.fullmatch(bare)
    if is_mobile(bare) and not extension:
        return bare
    if service:
        return "-".join(filter(None, (*service.groups(), extension)))
    landline = _landline(number)
    if landline is not None:
        return "-".join(filter(None, (landline, extension)))
    if _SHORT.fullmatch(bare):
        return "-".join(filter(None, (bare, extension)))
    abroad = _abroad(number)
    if abroad is None:
        raise Unreadable(_why(text))
    return "-".join(filter(None, (abroad, extension)))


def _at_home(text: str) -> str:
    """A mainland number without its country code; the area code gets its 0 back."""
    home = _HOME.fullmatch(re.sub(r"^\(((?:\+|00)86)\)", r"\1", text))
    if home is None:
        return text
    rest = home["mobile"] or re.sub(r"^\(0\)", "0", home["rest"])
    bare = re.sub(r"[()-]", "", rest)
    return rest if is_mobile(bare) or bare[:1] == "0" or bare[:3] in ("400", "800") else f"0{rest}"


def _without_extension(text: str) -> tuple[str, str]:
    found = _EXTENSION.fullmatch(text)
    if found is None:
        found = _TRAILING.fullmatch(text)
        # Only after a whole number: +852 2345-6789 has none.
        if found is None or not (_landline(found["number"]) or _SERVICE.fullmatch(found["number"].replace("-", ""))):
            return text, ""
    return found["number"], found["extension"]


def _landline(number: str) -> str | None:
    found = _LANDLINE.fullmatch(re.sub(r"[()-]", "", number))
    if found is None or not phonenumbers.is_possible_number(phonenumbers.parse(found[0], "CN")):
        return None
    return f"{found[1]}-{found[2]}"


def _abroad(number: str) -> str | None:
    typed = re.sub(r"^00", "+", re.sub(r"[().-]", "", number))
    if not typed.startswith("+"):
        return None
    try:
        parsed = phonenumbers.parse(typed)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _why(text: str) -> object:
    """Which part of a number is wrong, in words."""
    strange = _ODD_SIGN.search(text)
    digits = re.sub(r"[^0-9]", "", text)
    if strange is not None:
        return _("A phone number cannot have “%(sign)s” in it. Please check it.", sign=strange[0])
    if text[:1] == "+" or text[:2] == "00":
        return _("There is no number like this in that country. Please check the country code and the number.")
    if len(digits) in (7, 8) and text[:1] != "0":
        return _("The area code is missing. Please give the number as 010-12345678.")
    if digits[:1] == "1" and 9 <= len(digits) <= 13:
        return _("A mobile number has 11 digits; this has %(has)s. Please check it.", has=len(digits))
    return _("Please give a mobile number, or a fixed line with area code such as 010-12345678.")
