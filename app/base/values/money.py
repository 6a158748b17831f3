"""Amounts of yuan, as people write them: 8000, 8,000.00, 8千, ¥1.2万元."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from flask_babel import lazy_gettext as _

from app.base.spelling import compacted
from app.base.values import Unreadable

_AMOUNT: Final = re.compile(
    r"(?:[¥￥]|rmb|cny)?"
    r"(?P<figures>[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:[.](?P<part>[0-9]{1,6}))?"
    r"(?P<unit>[十百千万kw]?)"
    r"(?:元整?|块钱?|rmb|cny|/月|每月)*"
)
_UNITS: Final = {"": 1, "十": 10, "百": 100, "千": 1000, "k": 1000, "万": 10_000, "w": 10_000}
_RANGE: Final = re.compile(r"[0-9][^0-9.,]*[-~—–至到][^0-9]*[0-9]")
_PLEASE: Final = _("Please give an amount in yuan, such as 8000.00.")


def read(typed: str) -> Decimal:
    """The amount in yuan, with at most two decimals; raises Unreadable."""
    text = compacted(typed).lower()
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise Unreadable(_why(text))
    amount = Decimal(f"{found['figures'].replace(',', '')}.{found['part'] or '0'}") * _UNITS[found["unit"]]
    if amount != round(amount, 2):
        raise Unreadable(_("An amount has at most two decimals, such as 8000.00."))
    return amount


def read_kept(typed: str) -> str:
    """The amount as it is kept: 8000.00; raises Unreadable."""
    return f"{read(typed):.2f}"


def _why(text: str) -> object:
    if _RANGE.search(text):
        return _("This is a range. Please give one amount in yuan, such as 8000.00.")
    strange = re.search(r"[^0-9.,¥元千万百十]", text)
    if strange is not None and re.search(r"[0-9]", text):
        return _("An amount cannot have “%(sign)s” in it. Please write it in yuan, such as 8000.00.", sign=strange[0])
    return _PLEASE


def read_account(typed: str) -> str:
    """An account number as banks print it, without the spaces between its groups; raises Unreadable."""
    number = compacted(typed)
    if not (8 <= len(number) <= 32 and number.isascii() and number.isalnum()):
        raise Unreadable(_("An account number has 8 to 32 digits or letters."))
    return number


def read_bank_code(typed: str) -> str:
    """The twelve digits of a bank; raises Unreadable."""
    code = compacted(typed)
    if not (len(code) == 12 and code.isascii() and code.isdigit()):
        raise Unreadable(_("A bank code has 12 digits. It may be left empty."))
    return code
