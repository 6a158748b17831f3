"""What the program writes down about itself: a line for each record, with the request it belongs to and nobody's data.

Our own words are kept as they are. What is put into them, and what an exception says, may hold something of a person,
so that it is blackened: names (all that is written in Chinese; the program speaks English), numbers of people, mail
addresses, tokens, values in quotation marks.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from datetime import UTC, datetime
from typing import Any

from config import SettingsError

FACTS = "facts"  # under this name of `extra` stand figures and codes that have a place of their own in a line
_request: ContextVar[str] = ContextVar("request", default="")
_BLACK = "…"
_GIVEN = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{7,63}")
_VALUES = re.compile(r"\[(?:SQL|parameters): .*|^(?:DETAIL|CONTEXT|HINT|LINE \d+):.*", re.DOTALL | re.MULTILINE)
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_NAME_OF_CODE = re.compile(r"[a-z_][a-z0-9_.]{0,62}|(?:[A-Z][a-z]+){2,}")
_PERSONAL = re.compile(
    r"[^\s@'\"<>()]+@[^\s@'\"<>()]+"  # mail
    r"|[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff][\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff·\u3000-\u303f\uff00-\uffef]*"
    r"|(?<![0-9A-Za-z])\+?\d[\d-]{5,}\d[Xx]?(?![0-9A-Za-z])"
    r"|(?=[\w-]*\d)(?=[\w-]*[A-Za-z])(?<![\w-])[\w-]{20,}"
)
_LONGEST = 300  # characters of what an exception says


def request_id() -> str:
    """The id of the request, or of the job, in which this happens; "" outside."""
    return _request.get()


def begin(sent: str = "") -> Token[str]:
    """From here on all happens for this request. What a proxy has sent is its id where it looks like one."""
    good = _GIVEN.fullmatch(sent) is not None and not sent.isdigit()
    return _request.set(sent if good else request_id() or secrets.token_hex(8))


def end(token: Token[str]) -> None:
    """The request is over."""
    _request.reset(token)


@contextmanager
def belonging_to(name: str) -> Iterator[None]:
    """A piece of work for the request of this id."""
    token = begin(name)
    try:
        yield
    finally:
        end(token)


def blackened(text: str) -> str:
    """This text without what may be somebody's."""
    return _PERSONAL.sub(_BLACK, _VALUES.sub(_BLACK, text))


def brief(error: BaseException) -> str:
    """What went wrong, in a line."""
    said = str(error).strip().partition("\n")[0][:_LONGEST]
    words = _QUOTED.sub(lambda found: found[0] if _NAME_OF_CODE.fullmatch(found[1] or found[2] or "") else _BLACK, said)
    return f"{type(error).__name__}: {blackened(words)}" if said else type(error).__name__


def before(error: BaseException) -> BaseException | None:
    """The error that led to this one, as Python tells it."""
    return error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def trace_of(error: BaseException) -> list[str]:
    """Where it went wrong, and what led to it: places in the code, no values."""
    earlier = before(error)
    lines = [*trace_of(earlier), ""] if earlier is not None else []
    return [*lines, *"".join(traceback.format_tb(error.__traceback__)).splitlines(), brief(error)]


def message_of(record: logging.LogRecord) -> str:
    """What the record says, without what may be somebody's."""
    args: Any = record.args
    if not args:
        return blackened(str(record.msg))
    clean = {key: _shown(one) for key, one in args.items()} if isinstance(args, Mapping) else tuple(map(_shown, args))
    try:
        return str(record.msg) % clean
    except (TypeError, ValueError):
        return blackened(str(record.msg))


def _shown(value: Any) -> Any:
    if isinstance(value, BaseException):
        return brief(value)
    return value if value is None or isinstance(value, (int, float)) else blackened(str(value))


class Lines(logging.Formatter):
    """For people: a record a line, and below it where something went wrong."""

    def format(self, record: logging.LogRecord) -> str:
        """Called by the handler."""
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.created))
        words = [
            when,
            record.levelname,
            record.name,
            *([f"[{request_id()}]"] if request_id() else []),
            message_of(record),
        ]
        words += [f"{name}={value}" for name, value in getattr(record, FACTS, {}).items()]
        return "\n".join([" ".join(words), *_trace(record)])


class JsonLines(logging.Formatter):
    """For programs: an object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Called by the handler."""
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message_of(record),
            "process": record.process,
            **({"request": request_id()} if request_id() else {}),
            **getattr(record, FACTS, {}),
        }
        trace = _trace(record)
        return json.dumps({**told, "trace": trace} if trace else told, ensure_ascii=False)


def _trace(record: logging.LogRecord) -> list[str]:
    error = record.exc_info[1] if record.exc_info else None
    return trace_of(error) if error is not None else []


def configuration(environ: Mapping[str, str]) -> dict[str, Any]:
    """What logging.config.dictConfig is told: LOG_FORMAT (json or text), LOG_LEVEL, ACCESS_LOG (0: no line a request).

    With SENTRY_DSN errors go there as well.
    """
    production = environ.get("APP_ENV") == "production"
    form = environ.get("LOG_FORMAT", "").strip() or ("json" if production else "text")
    level = environ.get("LOG_LEVEL", "").strip().upper() or "WARNING"
    if form not in ("json", "text"):
        raise SettingsError(f"LOG_FORMAT must be json or text, not {form!r}.")
    if level not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
        raise SettingsError(f"LOG_LEVEL must be DEBUG, INFO, WARNING, ERROR or CRITICAL, not {level!r}.")
    every = environ.get("ACCESS_LOG", "").strip() != "0"
    handlers: dict[str, Any] = {"stderr": {"class": "logging.StreamHandler", "formatter": "house"}}
    dsn = environ.get("SENTRY_DSN", "").strip()
    if dsn:
        named = environ.get("APP_ENV", "production")
        handlers["sentry"] = {"()": "app.base.reports.ReportHandler", "dsn": dsn, "environment": named}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"house": {"()": JsonLines if form == "json" else Lines}},
        "handlers": handlers,
        "root": {"level": level, "handlers": [*handlers]},
        "loggers": {
            "access": {"level": "INFO" if every else "WARNING"},
            "gunicorn.error": {"level": level, "handlers": [], "propagate": True},
        },
    }
