"""The time: stored in UTC, meant and shown in China's time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_moved: ContextVar[timedelta] = ContextVar("moved", default=timedelta())


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC) + _moved.get()


@contextmanager
def moved(by: timedelta) -> Iterator[None]:
    """Let this thread live in another time: for demonstrations, whose records have a past. Nothing else moves it."""
    token = _moved.set(by)
    try:
        yield
    finally:
        _moved.reset(token)


def today() -> date:
    """The present day in China."""
    return day_of(now())


def day_of(at: datetime) -> date:
    """The day in China to which a moment belongs."""
    return at.astimezone(SHANGHAI).date()


def end_of_day(day: date) -> datetime:
    """24:00 of that day in China: the first moment at which it is over."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI).astimezone(UTC)


def moment(at: datetime | None) -> str | None:
    """A time as ISO 8601 with China's offset, to the second."""
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds") if at else None
