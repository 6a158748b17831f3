"""Numbers of the documents that people are known by: one judgement for ID cards, permits and passports alike.

The kinds are those of the code table id_type. Most people never say which they have: the form of the number does,
where only one kind has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from flask_babel import lazy_gettext as _

from app.base.spelling import compacted
from app.base.values import Unreadable, id_numbers

ID_CARD, HOME_RETURN, TAIWAN, RESIDENCE, PASSPORT, PERMANENT = "1", "2", "3", "4", "5", "6"

# Permits carry the count of their issues behind the number that a person keeps.
_ISSUES: Final = re.compile(r"(?P<own>[HM][0-9]{8})[0-9]{2}|(?P<other>[0-9]{8})[0-9]{2}\(?[A-Z]\)?")
_HOME_RETURN: Final = re.compile(r"[HM][0-9]{8}")
_TAIWAN: Final = re.compile(r"[0-9]{8}")
_PASSPORT: Final = re.compile(r"(?=[A-Z]*[0-9])[A-Z0-9]{5,12}")
_PASSPORT_ALONE: Final = re.compile(r"(?![HM][0-9]{8})[A-Z]{1,2}[0-9]{6,8}")  # no other kind looks like it
_OLD_PERMANENT: Final = re.compile(r"[A-Z]{3}[0-9]{4}(?P<birth>[0-9]{6})[0-9]{2}")
_RESIDENCES: Final = ("81", "82", "83")
_LONGEST_OTHER: Final = 12  # what is longer was meant to be an ID number

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    ID_CARD: ("居民身份证", "身份证", "二代身份证", "中国居民身份证"),
    HOME_RETURN: (
        *("港澳居民来往内地通行证", "回乡证", "港澳通行证", "港澳居民通行证", "港澳来往内地通行证"),
        "港澳居民来往内地通行证(回乡证)",
    ),
    TAIWAN: ("台湾居民来往大陆通行证", "台胞证", "台湾通行证", "台湾居民通行证", "台湾居民来往大陆通行证(台胞证)"),
    RESIDENCE: ("港澳台居民居住证", "居住证", "港澳居民居住证", "台湾居民居住证"),
    PASSPORT: ("护照", "外国护照", "普通护照", "因私护照", "passport"),
    PERMANENT: ("外国人永久居留身份证", "永居证", "永久居留证", "外国人永久居留证", "外国人永久居留身份证(永居证)"),
}
_KIND_NAMED: Final = {name: kind for kind, names in _NAMES.items() for name in names}


def normalise(typed: str) -> str:
    """Half-width, upper case, without blanks and without a permit's count of issues; says nothing about validity."""
    number = id_numbers.normalise_id_number(typed)
    issued = _ISSUES.fullmatch(number)
    return (issued["own"] or issued["other"]) if issued else number


def kind_named(typed: str) -> str:
    """The code for what a document is called; what is no such name stays as it was typed."""
    name = compacted(typed)
    return _KIND_NAMED.get(name.casefold(), name)


def kind_of(number: str) -> str | None:
    """The kind whose form a number in normal form has; None where more than one has it, or none."""
    if len(number) == id_numbers.LENGTH:
        return RESIDENCE if number.startswith(_RESIDENCES) else PERMANENT if number[:1] == "9" else ID_CARD
    forms = (
        *((HOME_RETURN, _HOME_RETURN), (TAIWAN, _TAIWAN), (PERMANENT, _OLD_PERMANENT)),
        (PASSPORT, _PASSPORT_ALONE),
    )
    return next((kind for kind, form in forms if form.fullmatch(number)), None)


def is_guess(number: str) -> bool:
    """Whether the form of the number only makes its kind likely: a passport may look the same."""
    return len(number) <= _LONGEST_OTHER


def settled(number: str, kind: str | None) -> str:
    """The kind of document of a number in normal form, `kind` if it was said; raises Unreadable where they do not fit."""
    found = kind or kind_of(number)
    wrong = wrong_with(number, found) if found else _WHICH_KIND
    if found is None or wrong is not None:
        raise Unreadable(wrong)
    return found


def wrong_with(number: str, kind: str) -> object | None:
    """Why a number in normal form cannot be that of such a document, in words; None when it can."""
    if len(number) == id_numbers.LENGTH or kind == ID_CARD:
        return id_numbers.wrong_with(number) or (None if kind_of(number) == kind else _OTHER_KIND)
    check, refusal = _CHECKS.get(kind, (None, None))
    return None if check is None or check(number) else refusal


def read(typed: str) -> str:
    """The normal form of the number of any kind of document; raises Unreadable that names what is wrong."""
    number = normalise(typed)
    if any(check(number) for check, _refusal in _CHECKS.values()):
        return number
    if _OLD_PERMANENT.fullmatch(number):
        raise Unreadable(_CHECKS[PERMANENT][1])
    meant = len(number) > _LONGEST_OTHER or (number.isdigit() and len(number) > len("12345678"))
    wrong = id_numbers.wrong_with(number) if meant else _NO_DOCUMENT
    if wrong is not None:
        raise Unreadable(wrong)
    return number


def _is_old_permanent(number: str) -> bool:
    found = _OLD_PERMANENT.fullmatch(number)
    return found is not None and any(_is_day(f"{century}{found['birth']}") for century in ("19", "20"))


def _is_day(digits: str) -> bool:
    try:
        return bool(date(int(digits[:4]), int(digits[4:6]), int(digits[6:])))
    except ValueError:
        return False


_CHECKS: Final[dict[str, tuple[Callable[[str], object], object]]] = {
    HOME_RETURN: (
        _HOME_RETURN.fullmatch,
        _("The number of a mainland travel permit of Hong Kong or Macao is H or M and 8 digits. Please check it."),
    ),
    TAIWAN: (
        _TAIWAN.fullmatch,
        _("The number of a mainland travel permit of Taiwan has 8 digits. Please check it."),
    ),
    RESIDENCE: (
        lambda _number: False,
        _("The number of a residence permit has 18 characters and begins with 81, 82 or 83. Please check it."),
    ),
    PASSPORT: (
        _PASSPORT.fullmatch,
        _("The number of a passport has 5 to 12 letters and digits. Please check it."),
    ),
    PERMANENT: (
        _is_old_permanent,
        _(
            "The number of a permanent residence card is 9 and 17 characters more or, on old ones, 3 letters and 12 "
            "digits with the day of birth. Please check it."
        ),
    ),
}
_WHICH_KIND: Final = _(
    "This may be the number of documents of several kinds. Please give the kind of document as well."
)
_OTHER_KIND: Final = _("This number is that of another kind of document. Please check both.")
_NO_DOCUMENT: Final = _("This is not the number of an ID card, a permit or a passport. Please check it.")
