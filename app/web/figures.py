"""How long answers took, for Prometheus: counted by each process where it answers, added up where somebody asks.

Under gunicorn each process counts in files of its own in `PROMETHEUS_MULTIPROC_DIR` (deploy/gunicorn_conf.py), which the
library adds up; a program alone counts in its memory.
"""

from __future__ import annotations

import os
from typing import Final

from flask import Response, request
from prometheus_client import CollectorRegistry, Histogram, generate_latest, multiprocess

_DOORS: Final = frozenset({"api", "employer", "graduate", "login", "staff", "static", "verify"})
_SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_answered: Final = Histogram(
    "agreements_web_seconds",
    "Answers by who is asked and how it ended",
    ("door", "status"),
    buckets=_SECONDS,
    registry=None,  # what else a library counts is nobody's business here
)


def count(response: Response, seconds: float) -> None:
    """Note an answer: of which part of the site and of which hundred; no address, nobody."""
    rule = request.url_rule
    first = rule.rule.split("/", 2)[1] if rule is not None else ""
    door = first if first in _DOORS else "other"
    _answered.labels(door, f"{response.status_code // 100}xx").observe(seconds)


def told() -> bytes:
    """The figures of all web processes of this host in Prometheus' words."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        own = CollectorRegistry()
        own.register(_answered)
        return bytes(generate_latest(own))
    every = CollectorRegistry()
    multiprocess.MultiProcessCollector(every)
    return bytes(generate_latest(every))
