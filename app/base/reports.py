"""Mistakes of the program told to a Sentry of the operator's, where one is named: what the log says of them, nobody's data.

The library collects nothing by itself: each report is made here, of the words of the log (blackened as there) and of
places in the code. Web server and workers name the handler in their logging (`logs.configuration`).
"""

from __future__ import annotations

import logging
import sys
from typing import Any

from app.base import logs

_SECONDS = 2.0  # that a job waits for its reports when it ends


class ReportHandler(logging.Handler):
    """Sends what is written down as an error."""

    def __init__(self, dsn: str, environment: str) -> None:
        """Called by logging. Raises SettingsError where the address is none."""
        import sentry_sdk
        from sentry_sdk.utils import BadDsn

        from config import SettingsError

        super().__init__(logging.ERROR)
        try:
            sentry_sdk.init(
                dsn,
                environment=environment,
                server_name="",
                default_integrations=False,
                auto_enabling_integrations=False,
                send_default_pii=False,
                include_local_variables=False,
                include_source_context=False,
                max_request_body_size="never",
                max_breadcrumbs=0,
                send_client_reports=False,
                auto_session_tracking=False,
            )
        except BadDsn:
            raise SettingsError("SENTRY_DSN is no address of a Sentry project.") from None

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging; the library sends it from a thread of its own."""
        import sentry_sdk

        if not record.name.startswith("sentry_sdk"):
            sentry_sdk.capture_event(report_of(record))


def report_of(record: logging.LogRecord) -> Any:
    """The report of an error: its words, its places in the code, and the number of its request."""
    error = record.exc_info[1] if record.exc_info else None
    told = {
        "level": record.levelname.lower(),
        "logger": record.name,
        "logentry": {"formatted": logs.message_of(record)},
        "tags": {"request": logs.request_id()} if logs.request_id() else {},
    }
    return told if error is None else {**told, "exception": {"values": list(reversed([*_chain(error)]))}}


def _chain(error: BaseException | None) -> Any:
    while error is not None:
        kind, _, said = logs.brief(error).partition(": ")
        yield {"type": kind, "value": said, "stacktrace": {"frames": [*_frames(error)]}}
        error = logs.before(error)


def _frames(error: BaseException) -> Any:
    place = error.__traceback__
    while place is not None:
        code = place.tb_frame.f_code
        yield {"filename": code.co_filename, "function": code.co_name, "lineno": place.tb_lineno}
        place = place.tb_next


def send_what_waits() -> None:
    """A process that ends now sends its reports first, or gives them up after two seconds."""
    if any(isinstance(one, ReportHandler) for one in logging.getLogger().handlers):
        sys.modules["sentry_sdk"].flush(_SECONDS)
