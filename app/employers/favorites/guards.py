"""Guessing graduates is useless: misses are counted by unit and by address, and operators are told (R6.2)."""

from __future__ import annotations

import secrets

from app.access import audit, throttle
from app.access.actors import Actor
from app.base.database import lasting
from app.base.errors import Throttled
from app.employers.models import Employer
from app.workflow.models import OutboxMessage
from app.workflow.queues import redis

WINDOW = 10 * 60  # seconds; a person who looks up a list of names does not miss 30 times in them
MISSES = throttle.Limit("favorites", most=30, window=WINDOW, wait=0)
# Several units may share one address, e.g. at a fair; one person with several units is slowed down all the same.
MISSES_OF_ADDRESS = throttle.Limit("favorites_address", most=150, window=WINDOW, wait=0)
ALARM = "graduates_guessed"


def begin_search(unit: Employer, actor: Actor) -> list[throttle.Try]:
    """Count a search before it is made; take_back() says that it found somebody. Raises Throttled."""
    begun: list[throttle.Try] = []
    for limit, subject in ((MISSES, str(unit.id)), (MISSES_OF_ADDRESS, actor.ip or "unknown")):
        one, wait = throttle.begin(limit, subject)
        if one is None:
            take_back(begun)
            _alarm(unit, actor, limit)
            raise Throttled(wait)
        begun.append(one)
    return begun


def take_back(tries: list[throttle.Try]) -> None:
    """The search was no miss."""
    for one in tries:
        throttle.take_back(one)


def _alarm(unit: Employer, actor: Actor, limit: throttle.Limit) -> None:
    """A line in the audit trail and a notice to the operators, once for each unit and window."""
    if not redis().set(f"favorites:alarm:{unit.id}", 1, nx=True, ex=WINDOW):
        return
    detail = {"unit": unit.name, "misses": limit.most, "minutes": WINDOW // 60}
    with lasting() as session:
        session.add(audit.line_of(ALARM, actor=actor, subject=f"employer {unit.id}", detail=detail))
        payload = {**detail, "name": actor.name, "username": actor.username, "ip": actor.ip or ""}
        session.add(OutboxMessage(kind=ALARM, payload=payload, key=f"{ALARM}:{unit.id}:{secrets.token_hex(8)}"))
