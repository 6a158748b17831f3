"""GET /ready and /metrics: whether this process can serve, and how the platform works, for those who watch it."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress

from flask import Blueprint, Flask, Response, abort, jsonify, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from redis.exceptions import RedisError

from app.base import standbys
from app.base.database import db
from app.base.sealkeys import seal_key
from app.base.settings import once, settings
from app.operations.checks import Finding, hindrances, standbys_away
from app.operations.queries import jobs_waiting, messages_at_work
from app.web import figures
from app.web.gate import open_to_all
from app.web.health import parts_now
from config import Settings

blueprint = Blueprint("metrics", __name__)
_NAME = "agreements"
_FRESH = 3.0  # seconds: the address is open


def register(app: Flask) -> None:
    """Who watches has no account: one address says nothing of anybody, the other has a token of its own."""
    del app
    open_to_all("metrics.ready", "metrics.show")


@blueprint.get("/ready")
def ready() -> tuple[Response, int]:
    """Answer 200 where this process may be sent people (R18.2), else 503 and why: no database, other tables, a key missing.

    What happens behind it (workers, clock, other systems) decides nothing here: `/health` tells of that. A standby that
    is not read from is noted. A look is good for some seconds.
    """
    reasons = [{"part": one.part, "reason": one.text} for one in _seen("reasons", hindrances)]
    notes = [{"part": one.part, "reason": one.text} for one in _seen("standbys", standbys_away)]
    told = {"notes": notes} if notes else {}
    return jsonify(ready=not reasons, reasons=reasons, **told), 503 if reasons else 200


def _seen(name: str, look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    looked = _looked()
    if time.monotonic() > looked.get(name, (0.0, []))[0]:
        looked[name] = time.monotonic() + _FRESH, list(look())
    return looked[name][1]


@once
def _looked(_settings: Settings) -> dict[str, tuple[float, list[Finding]]]:
    """The last looks of this process, and how long each is good."""
    return {}


@blueprint.get("/metrics")
def show() -> Response:
    """Parts, messages, jobs and answers of this host as Prometheus reads them; numbers alone, nobody is named.

    404 where the setting METRICS_TOKEN is not made, 401 without it (`Authorization: Bearer …`).
    """
    wanted, given = settings().metrics_token, request.authorization
    if not wanted:
        abort(404)
    token = given.token if given is not None and given.type == "bearer" else None
    if not hmac.compare_digest((token or "").encode(), wanted.encode()):
        abort(401)
    registry = CollectorRegistry()
    registry.register(_Figures())
    return Response(generate_latest(registry) + figures.told(), content_type=CONTENT_TYPE_LATEST)


class _Figures:
    """What is measured, at the moment in which somebody asks."""

    def collect(self) -> Iterator[Metric]:
        """Called by the registry."""
        yield _gauge("part_up", "1 while this part answers", ("part",), parts_now())
        with suppress(RedisError):  # of which part_up tells
            yield _gauge("jobs_waiting", "Jobs on a queue of the workers", ("queue",), jobs_waiting())
        messages = list(messages_at_work())
        yield _gauge(
            "messages_due", "Messages that should have left", ("kind",), {one.kind: one.due for one in messages}
        )
        late = {one.kind: one.late for one in messages}
        yield _gauge("messages_late_seconds", "Since when the first of them should have left", ("kind",), late)
        failed = {one.kind: one.failed for one in messages}
        yield _gauge("messages_failed", "Messages that were given up and wait for somebody", ("kind",), failed)
        if settings().read_urls:
            every = {one.name: one for one in standbys.standings(db.engine)}
            well = {name: not one.problem for name, one in every.items()}
            yield _gauge("standby_read", "1 while lists are read from this standby", ("standby",), well)
            behind = {name: one.seconds for name, one in every.items() if one.as_of}
            yield _gauge("standby_behind_seconds", "How far it is behind at most", ("standby",), behind)
        seal = seal_key()
        if seal is not None:
            yield GaugeMetricFamily(f"{_NAME}_seal_days", "Days until the seal's certificate ends", seal.days_left)


def _gauge(name: str, meaning: str, labels: tuple[str], values: Mapping[str, float]) -> Metric:
    found = GaugeMetricFamily(f"{_NAME}_{name}", meaning, labels=labels)
    for label, value in values.items():
        found.add_metric([label], float(value))
    return found
