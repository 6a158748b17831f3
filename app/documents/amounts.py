"""Money as Chinese papers write it: figures, and in full capitals that nobody can alter."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

_FIGURES = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


@dataclass(frozen=True)
class Money:
    """An amount in yuan with two decimals."""

    amount: Decimal

    @property
    def capital(self) -> str:
        """The amount in capitals, e.g. 伍仟元整."""
        return in_capitals(self.amount)


def money(text: str | None) -> Money | None:
    """The amount that the text gives in yuan; None for nothing and for zero."""
    amount = Decimal(text or 0).quantize(Decimal("0.01"))
    return Money(amount) if amount else None


def in_capitals(amount: Decimal) -> str:
    """An amount in yuan (not negative, below 10^16) in capitals: 10400.50 is 壹万零肆佰元伍角整."""
    cents = int(amount * 100)
    yuan, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    text = _whole(yuan) + "元" if yuan else ""
    if not jiao and not fen:
        return (text or "零元") + "整"
    if jiao:
        text += _FIGURES[jiao] + "角"
    elif yuan:
        text += "零"
    return text + (_FIGURES[fen] + "分" if fen else "整")


def _whole(number: int) -> str:
    text, gap = "", False
    for position in reversed(range(len(str(number)))):
        figure = number // 10**position % 10
        if figure:
            text += ("零" if gap and text else "") + _FIGURES[figure] + _PLACES[position % 4]
        gap = not figure
        if position % 4 == 0 and number // 10**position % 10**4:
            text += _GROUPS[position // 4]
    return text
