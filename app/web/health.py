"""GET /health: whether all parts answer, for supervisors and load balancers."""

from __future__ import annotations

import logging
from collections.abc import Callable

import httpx
from flask import Blueprint, Flask, Response, jsonify
from rq import Worker
from rq.utils import now
from sqlalchemy import text

from app.base.database import session
from app.base.settings import settings
from app.schedule import CLOCK_KEY
from app.web.gate import open_to_all
from app.workflow import queues

log = logging.getLogger(__name__)
blueprint = Blueprint("health", __name__)
# A worker reports at least every ten seconds, busy or not.
_SILENCE_SECONDS = 35


def register(app: Flask) -> None:
    """Open the address to everyone: it names parts, and tells nothing else."""
    app.register_blueprint(blueprint)
    open_to_all("health.show")


@blueprint.get("/health")
def show() -> tuple[Response, int]:
    """Answer 200 when all parts work, else 503; the body names each part as "ok" or "down"."""
    checks = {name: _state(name, check) for name, check in _parts().items()}
    well = all(state == "ok" for state in checks.values())
    return jsonify(status="ok" if well else "down", checks=checks), 200 if well else 503


def _parts() -> dict[str, Callable[[], None]]:
    """Every part and what proves that it works."""
    workers = {f"worker_{name}": (lambda name=name: _worker(name)) for name in queues.QUEUES}
    return {"database": _database, "redis": _redis, **workers, "clock": _clock, "ems": _ems}


def _state(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as error:
        log.warning("health: %s is down: %s", name, error)
        return "down"
    return "ok"


def _database() -> None:
    try:
        session.execute(text("SELECT 1"))
    finally:
        session.rollback()


def _redis() -> None:
    queues.redis().ping()


def _worker(name: str) -> None:
    queue = queues.queue(name)
    for worker in Worker.all(queue=queue, serializer=queue.serializer):
        if worker.last_heartbeat and (now() - worker.last_heartbeat).total_seconds() < _SILENCE_SECONDS:
            return
    raise RuntimeError("no worker has reported lately")


def _clock() -> None:
    if not queues.redis().exists(CLOCK_KEY):
        raise RuntimeError("no clock holds its key")


def _ems() -> None:
    """Any answer counts: the system may ask for a log-in at this address."""
    answer = httpx.get(settings().ems_url, timeout=2, follow_redirects=False)
    if answer.status_code >= 500:
        raise RuntimeError(f"answered {answer.status_code}")
