"""Whoever reads or downloads what is about a person leaves a line in the audit trail: one place for all doors."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, Response, request

from app.access import audit, looks
from app.access.actors import GRADUATE, Actor
from app.base.database import let_go
from app.web.current import actor_or_none

_READING = ("GET", "HEAD")
_QUERY = 500  # signs


def register(app: Flask) -> None:
    """Listen at the beginning of each request, write at its end: one statement, no row is locked."""
    app.before_request(looks.listen)
    app.after_request(_write)


def _write(answer: Response) -> Response:
    seen = looks.heard()
    if not seen or answer.status_code != 200 or request.method not in _READING:
        return answer
    actor = actor_or_none()
    lines = _lines(seen, actor) if actor is not None else []
    if lines:
        let_go()  # the page is made; nothing of what it has read is written
        audit.write(lines)
    return answer


def write_heard(actor: Actor) -> None:
    """Write what was looked at so far, in the running transaction."""
    lines = _lines(looks.heard(), actor)
    if lines:
        audit.write(lines)


def _lines(seen: Sequence[looks.Look], actor: Actor) -> list[audit.AuditLine]:
    return [_line(look, actor) for look in seen if look.action == looks.DOWNLOAD or not _own(look, actor)]


def _own(look: looks.Look, actor: Actor) -> bool:
    """Graduates read nothing but their own; everybody reads their own account."""
    return actor.kind == GRADUATE or (look.about is not None and getattr(look.about, "user_id", 0) == actor.user_id)


def _line(look: looks.Look, actor: Actor) -> audit.AuditLine:
    detail = {"door": request.endpoint or ""}
    if look.what:
        detail["file"] = look.what
    if look.about is None and request.query_string:
        detail["query"] = request.query_string.decode("ascii", "replace")[:_QUERY]
    return audit.line_of(look.action, actor=actor, subject=look.subject, detail=detail, about=look.about)
