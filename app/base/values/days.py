"""Days of the calendar: every spelling that can mean one day only."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Final

from babel.dates import get_month_names
from flask_babel import lazy_gettext as _

from app.base.spelling import compacted, visible
from app.base.values import Unreadable

_FIGURES: Final = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_TEN: Final = re.compile(r"([1-9]?)十([1-9]?)")
_MONTHS: Final = {
    name.casefold().rstrip("."): number
    for width in ("wide", "abbreviated")
    for number, name in get_month_names(width, locale="en").items()
} | {"sept": 9}
_NAME: Final = "(?P<name>[a-z]{3,9})[.]?"
_SEPARATED: Final = (
    r"(?P<year>[0-9]{4})\s*[-/.,年\s_—–]\s*(?P<month>[0-9]{1,2})\s*[-/.,月\s_—–]\s*(?P<day>[0-9]{1,2})\s*[日号]?"
)
_TIME: Final = r"(?:[T\s]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
_SPELLINGS: Final = tuple(
    re.compile(f"{form}{_TIME}", re.IGNORECASE)
    for form in (
        _SEPARATED,
        r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})",
        rf"(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?[\s-]*{_NAME},?[\s-]*(?P<year>[0-9]{{4}})",
        rf"{_NAME}\s*(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?,?\s*(?P<year>[0-9]{{4}})",
    )
)
_YEAR_LAST: Final = re.compile(r"([0-9]{1,2})\s*[-/.]\s*([0-9]{1,2})\s*[-/.]\s*([0-9]{4})")
_PLEASE: Final = _("Please give a date such as 2027-01-31.")


def read(typed: str) -> date:
    """The day; raises Unreadable that says what is missing, where only a part is there or where it can mean two."""
    text = _in_figures(typed)
    for spelling in _SPELLINGS:
        found = spelling.fullmatch(text)
        if found is not None:
            return _day(found.groupdict())
    last = _YEAR_LAST.fullmatch(text)
    if last is not None:
        return _of_year_last(*map(int, last.groups()))
    raise Unreadable(_why(text))


def _in_figures(typed: str) -> str:
    text = unicodedata.normalize("NFKC", visible(typed)).strip().translate(_FIGURES)
    return _TEN.sub(lambda ten: f"{ten[1] or 1}{ten[2] or 0}", text)


def _day(parts: dict[str, str | None]) -> date:
    month = _MONTHS.get((parts.get("name") or "").casefold(), 0) or int(parts.get("month") or 0)
    if not month:
        raise Unreadable(_PLEASE)
    return _of(int(parts["year"] or 0), month, int(parts["day"] or 0))


def _of_year_last(first: int, second: int, year: int) -> date:
    if first <= 12 and second <= 12 and first != second:
        raise Unreadable(_("This can mean two days. Please give the date as 2027-01-31: year, month, day."))
    day, month = (first, second) if second <= 12 else (second, first)
    return _of(year, month, day)


def _of(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Unreadable(_("There is no such day in the calendar. Please check the month and the day.")) from None


def _why(text: str) -> object:
    if re.fullmatch(r"[0-9]{4}\s*[-/.年]\s*[0-9]{1,2}\s*月?|[0-9]{6}", text):
        return _("The day is missing. Please give a date such as 2027-01-31.")
    if re.fullmatch(r"[0-9]{4}\s*年?", text):
        return _("Month and day are missing. Please give a date such as 2027-01-31.")
    if re.fullmatch(r"[0-9]{1,2}\s*[-/.月]\s*[0-9]{1,2}\s*[日号]?", text):
        return _("The year is missing. Please give a date such as 2027-01-31.")
    if re.fullmatch(r"[0-9]{2}\s*[-/.年]\s*[0-9]{1,2}\s*[-/.月]\s*[0-9]{1,2}\s*[日号]?", text):
        return _("Please write the year with four digits, such as 2027-01-31.")
    return _PLEASE


_COUNTED: Final = str.maketrans("一二两三四五六七八九", "1223456789")
_YEARS: Final = re.compile(r"([1-9])(?:\.0+|(\.5)0*)?(?:学?年制?)?").fullmatch


def years_of_study(typed: str) -> str:
    """Of a course of study: 4, 4.0, 4年, 四年制 as 4, and 2.50 as 2.5; what is none of these as it came."""
    found = _YEARS(compacted(typed).translate(_COUNTED))
    return found[1] + (found[2] or "") if found else typed


_MONTH: Final = re.compile(r"([0-9]{4})\s*[-/.年\s]?\s*([0-9]{1,2})\s*月?份?")


def month_of(typed: str) -> str:
    """2023.9, 202309, 2023年9月 and any spelling of a day within it as 2023-09; what is none of these as it came."""
    text = _in_figures(typed)
    found = _MONTH.fullmatch(text)
    if found is not None:
        return f"{found[1]}-{int(found[2]):02}"
    try:
        return read(text).isoformat()[:7]
    except Unreadable:
        return typed
