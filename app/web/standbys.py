"""Requests that only read may be shown lists from a standby; those that change something say so at their end."""

from __future__ import annotations

from flask import Flask, Response, g, request

from app.base import replicas
from app.base.settings import settings
from app.web.current import actor_or_none
from app.workflow import written

_READING = ("GET", "HEAD")


def register(app: Flask) -> None:
    """Where there are no standbys nothing is asked of anybody."""
    if settings().read_urls:
        replicas.listen()
        app.before_request(_begin)
        app.after_request(_note)
        app.teardown_request(_end)


def _begin() -> None:
    if request.method in _READING:
        replicas.begin_reading(_needed)


def _needed() -> tuple[int, int] | None:
    """What the reader has written, and who that is; strangers are shown what the database says."""
    actor = actor_or_none()
    if actor is None or actor.user_id is None:
        return None
    place = written.written_by(actor.user_id)
    return None if place is None else (place, actor.user_id)


def _note(answer: Response) -> Response:
    """Before the answer leaves: its reader may ask for a list at once."""
    actor = g.get("actor")
    if actor is not None and actor.user_id is not None and replicas.has_changed():
        written.note(actor.user_id)
    return answer


def _end(_error: BaseException | None) -> None:
    replicas.end_reading()
