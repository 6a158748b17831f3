"""GET /health: whether all parts answer, for supervisors and load balancers."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping

from flask import Blueprint, Flask, Response, current_app, jsonify
from rq import Worker
from rq.utils import now
from sqlalchemy import text

from app.base.breaker import Breaker
from app.base.database import session
from app.base.outward import Outward
from app.base.sealkeys import seal_key
from app.base.settings import once
from app.schedule import CLOCK_KEY
from app.web.gate import open_to_all
from app.workflow import queues
from config import Settings

log = logging.getLogger(__name__)
blueprint = Blueprint("health", __name__)
# A worker reports at least every ten seconds, busy or not.
_SILENCE_SECONDS = 35
_FRESH = 3.0  # seconds for which a look is good: the address is open, and strangers are not to ask others through it
_SOON = 0.2  # the same for a part of this house that was down: it may be there already, and asking it costs little
_OUTSIDE = "ems"
_SECONDS = 0.9  # what who asks waits at most, whatever does not answer
_GLANCE = 0.03  # and for what lies outside, once there is an earlier look to tell of


def register(app: Flask) -> None:
    """Open the address to everyone: it names parts, and tells nothing else."""
    app.register_blueprint(blueprint)
    open_to_all("health.show")


@blueprint.get("/health")
def show() -> tuple[Response, int]:
    """Answer 200 when all parts of this house work, else 503; the body names each part as "ok" or "down".

    The employment system is told of and decides nothing: while it is down everything goes on here, and what is to be
    reported waits (R4.9). So is the end of the seal's certificate, in days: below zero nothing is sealed, all else goes on.
    """
    checks = _states(_parts())
    well = all(state == "ok" for name, state in checks.items() if name != _OUTSIDE)
    seal = seal_key()
    left = {"seal_days_left": seal.days_left} if seal else {}
    return jsonify(status="ok" if well else "down", checks=checks, **left), 200 if well else 503


def parts_now() -> dict[str, bool]:
    """Each part, and whether it answers now."""
    return {name: state == "ok" for name, state in _states(_parts()).items()}


def parts_down() -> list[str]:
    """The names of the parts that do not answer now."""
    return [name for name, answers in parts_now().items() if not answers]


def _parts() -> dict[str, Callable[[], None]]:
    """Every part and what proves that it works."""
    workers = {f"worker_{name}": (lambda name=name: _worker(name)) for name in queues.QUEUES}
    return {"database": _database, "redis": _redis, **workers, "clock": _clock, _OUTSIDE: _ems}


class _Look(threading.Thread):
    """One look at one part. A part that does not answer holds this thread up, and nobody else."""

    def __init__(self, name: str, check: Callable[[], None], before: _Look | None) -> None:
        super().__init__(name=f"health-{name}", daemon=True)
        self.part, self.check, self.app = name, check, current_app._get_current_object()  # type: ignore[attr-defined]
        self.earlier = before.state if before is not None else None
        self.state: str = "down"
        self.began = time.monotonic()

    def told_by(self, until: float) -> str:
        """What is known of it by then; until somebody outside has answered, the look before this one counts."""
        if self.part == _OUTSIDE and self.earlier is not None:
            self.join(_GLANCE)
            return self.earlier if self.is_alive() else self.state
        self.join(max(0.0, until - time.monotonic()))
        return "down" if self.is_alive() else self.state

    @property
    def holds(self) -> bool:
        """Whether there is no need for another one yet."""
        fresh = _FRESH if self.state == "ok" or self.part == _OUTSIDE else _SOON
        return self.is_alive() or time.monotonic() - self.began < fresh

    def run(self) -> None:
        """Called by the thread."""
        try:
            with self.app.app_context():
                self.check()
            self.state = "ok"
        except Exception as error:
            log.warning("health: %s is down: %s", self.part, error)


@once
def _looks(_settings: Settings) -> dict[str, _Look]:
    """The last look at each part in this process."""
    return {}


def _states(parts: Mapping[str, Callable[[], None]]) -> dict[str, str]:
    """All parts at once. Whoever is still being looked at is not asked again, so that threads do not pile up."""
    until, looks = time.monotonic() + _SECONDS, _looks()
    for name, check in parts.items():
        if name not in looks or not looks[name].holds:
            looks[name] = _Look(name, check, looks.get(name))
            looks[name].start()
    return {name: looks[name].told_by(until) for name in parts}


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


@once
def _ems_address(settings: Settings) -> Outward:
    return Outward(settings.ems_url, seconds=_SECONDS, longest=0, breaker=Breaker(rest=2.0), partner="EMS")


def _ems() -> None:
    """Any answer counts: the system may ask for a log-in at this address."""
    status = _ems_address().status_of("")
    if status >= 500:
        raise RuntimeError(f"answered {status}")
