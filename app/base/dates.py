"""How a day, a time and a deadline are written: in China's time, in the language of the reader."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from babel.dates import format_date
from flask_babel import get_locale

from app.base.clock import SHANGHAI, day_of

_LANGUAGE_OF_THE_TEXTS = "en"  # what untranslated texts are written in


def moment_of(value: datetime | str) -> datetime:
    """An aware time from a datetime or an ISO text; a naive one is meant in UTC, as stored."""
    read = datetime.fromisoformat(value) if isinstance(value, str) else value
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def day_text(value: date | datetime | str | None) -> str:
    """2027年1月31日, January 31, 2027; nothing for nothing."""
    if not value:
        return ""
    if isinstance(value, str):
        value = date.fromisoformat(value) if len(value) == 10 else moment_of(value)
    if isinstance(value, datetime):
        value = day_of(moment_of(value))
    return format_date(value, "long", get_locale() or _LANGUAGE_OF_THE_TEXTS)


def time_text(value: datetime | str | None) -> str:
    """The day with hour and minute: 2027年1月31日 14:05."""
    if not value:
        return ""
    local = moment_of(value).astimezone(SHANGHAI)
    return f"{day_text(local)} {local:%H:%M}"


def deadline_text(value: datetime | date | str | None) -> str:
    """2027年1月31日 24:00: midnight is written as the end of the day that it closes, or readers take it for its start."""
    if not value:
        return ""
    if isinstance(value, str) and len(value) == 10:
        value = date.fromisoformat(value)
    if not isinstance(value, (datetime, str)):
        return f"{day_text(value)} 24:00"
    local = moment_of(value).astimezone(SHANGHAI)
    if local.hour == local.minute == local.second == 0:
        return f"{day_text((local - timedelta(days=1)).date())} 24:00"
    return time_text(local)
