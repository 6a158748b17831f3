"""Names of people, and of schools, departments and units: one spelling to show, one key to compare."""

from __future__ import annotations

import hmac
import re
import unicodedata
from typing import Final

from app.base.spelling import half_width, unshaped, visible

# Chinese characters, those of a computer centre's own (private use) among them: rare names are kept that way.
_HAN: Final = "\u3007\u3400-\u4dbf\u4e00-\u9fff\ue000-\uf8ff\uf900-\ufaff\U00020000-\U0003ffff"
_HAS_HAN: Final = re.compile(f"[{_HAN}]")
_DOTS: Final = re.compile(r"\s*[·•・‧∙⋅･᛫●◦⸱ꞏ⦁∘▪⚫]\s*")
# What parts one name from another, or a name from a remark, is no dot; it is left where it stands.
_NO_DOT: Final = "\u2600-\u27bf\U0001f000-\U0001faff、,，;；/\\\\&@#%?？!！\"“”'‘’()（）\\[\\]【】<>《》「」·"
_SIGN_BETWEEN: Final = re.compile(
    rf"(?<=[{_HAN}])\s*[^\w\s{_NO_DOT}]+\s*(?=[{_HAN}])|(?<=[{_HAN}])\s*_+\s*(?=[{_HAN}])"
)
_BLANKS_BETWEEN: Final = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])")
_BLANKS_AT_BRACKETS: Final = re.compile(r"\s*([()])\s*")
_SQUARE: Final = str.maketrans("【】〔〕［］[]", "()()()()")
_CHINESE_BRACKETS: Final = str.maketrans("()", "（）")
_SILENT: Final = frozenset({"P", "S", "Z"})  # Unicode's classes of punctuation, signs and blanks


def person_name(typed: str) -> str:
    """A person's name as it is kept: one dot between the parts, no blanks that pad, brackets as in print.

    Rare characters are left alone: a compatibility form is another character in a name.
    """
    name = _DOTS.sub("·", composed(half_width(visible(typed))))
    return _brackets_in_print(_without_padding(_SIGN_BETWEEN.sub(_dot, name)))


def place_name(typed: str) -> str:
    """The name of a school, department or unit as it is kept: no blanks that pad, one kind of brackets."""
    name = half_width(visible(typed)).translate(_SQUARE)
    if not _HAS_HAN.search(name):
        return " ".join(name.split())
    return _brackets_in_print(_without_padding(_BLANKS_AT_BRACKETS.sub(r"\1", name)))


def name_key(name: str) -> str:
    """What two spellings of one name have in common: its letters and figures, capital or small.

    For exact comparison of people, schools, departments and units; dots, blanks and brackets do not matter in it.
    """
    letters = (
        sign
        for sign in unshaped(person_name(name.translate(_SQUARE))).casefold()
        if unicodedata.category(sign)[0] not in _SILENT
    )
    return composed("".join(letters))


def composed(text: str) -> str:
    """Letters with their accents as one character; Chinese characters are not touched, some would become others."""
    return re.sub(f"[^{_HAN}]+", lambda run: unicodedata.normalize("NFC", run[0]), text)


def is_same(name: str, other: str) -> bool:
    """Whether two spellings are of one name; takes the same time wherever they differ."""
    return hmac.compare_digest(name_key(name).encode(), name_key(other).encode())


def _dot(found: re.Match[str]) -> str:
    """A dot for punctuation and signs; what is neither, such as an accent alone, stays to be refused or seen."""
    return "·" if all(sign.isspace() or unicodedata.category(sign)[0] in _SILENT for sign in found[0]) else found[0]


def _without_padding(name: str) -> str:
    return " ".join(_BLANKS_BETWEEN.sub("", name).split())


def _brackets_in_print(name: str) -> str:
    return name.translate(_CHINESE_BRACKETS) if _HAS_HAN.search(name) else name
