"""The state of a unit in the company register, kept for a while; reviews never wait for it (R8.10)."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from flask_babel import lazy_gettext as _
from redis.exceptions import RedisError

from app.base.values.names import place_name
from app.company_register.client import RegisterUnavailable, own_client
from app.workflow import queues

log = logging.getLogger(__name__)

IN_BUSINESS: Final = "存续"
FOUND, UNKNOWN, UNAVAILABLE = "found", "unknown", "unavailable"
MANUAL_URL: Final = "http://www.gsxt.gov.cn"
ANSWER_SECONDS, FAILURE_SECONDS = 24 * 3600, 30


@dataclass(frozen=True)
class UnitState:
    """What became of the question; `state` and `since` only when the unit was found."""

    outcome: str  # FOUND, UNKNOWN or UNAVAILABLE
    state: str = ""
    since: date | None = None
    name: str = ""
    founded: date | None = None

    def is_called(self, typed: str) -> bool:
        """Whether the typed name is the registered one, or the register tells none."""
        return not (self.name and typed) or place_name(typed) == place_name(self.name)

    @property
    def stands_out(self) -> bool:
        """Whether the unit is known to be in another state than in business."""
        return self.outcome == FOUND and self.state != IN_BUSINESS

    @property
    def told(self) -> str:
        """The state, or why there is none, as it is kept with a decision."""
        return self.state if self.outcome == FOUND else self.outcome


def state_of(uscc: str) -> UnitState:
    """The state of a unit, from what is kept or by asking; for review pages, beside the page itself.

    Waits two seconds at most and never raises: without an answer the outcome is UNAVAILABLE.
    """
    kept = _kept(uscc)
    if kept is not None:
        return kept
    client = own_client()
    if client is None:
        return UnitState(UNAVAILABLE)
    try:
        entry = client.ask(uscc)
    except RegisterUnavailable as error:
        log.warning("the company register does not answer: %s", error)
        found = UnitState(UNAVAILABLE)
    else:
        found = (
            UnitState(UNKNOWN)
            if entry is None
            else UnitState(FOUND, entry.state, entry.since, entry.name, entry.founded)
        )
    _keep(uscc, found)
    return found


def known_state(uscc: str) -> UnitState | None:
    """What is kept of a unit; the register is not asked, so that it costs no time."""
    return _kept(uscc)


def seen_with_decision(data: Mapping[str, Any], uscc: str | None) -> dict[str, str]:
    """What a decision keeps of the state that its page showed: {} when the page told of none.

    The page only says that it showed a state; which one comes from what is kept here, never from the browser.
    """
    if not data.get("register_state") or not uscc:
        return {}
    kept = _kept(uscc) or UnitState(UNAVAILABLE)
    return {"register_state": kept.told}


def in_words(told: str) -> Any:
    """A state kept with a decision, for people."""
    words = {UNKNOWN: _("not in the register"), UNAVAILABLE: _("could not be had")}
    return words.get(told, told)


def _kept(uscc: str) -> UnitState | None:
    try:
        text: Any = queues.redis().get(_key(uscc))
    except RedisError:
        return None
    if text is None:
        return None
    value = json.loads(text)
    since, founded = (date.fromisoformat(value[key]) if value.get(key) else None for key in ("since", "founded"))
    return UnitState(value["outcome"], value["state"], since, value.get("name", ""), founded)


def _keep(uscc: str, found: UnitState) -> None:
    value = {
        "outcome": found.outcome,
        "state": found.state,
        "since": found.since.isoformat() if found.since else None,
        "name": found.name,
        "founded": found.founded.isoformat() if found.founded else None,
    }
    seconds = FAILURE_SECONDS if found.outcome == UNAVAILABLE else ANSWER_SECONDS
    try:
        queues.redis().set(_key(uscc), json.dumps(value), ex=seconds)
    except RedisError:
        log.warning("the state of a unit could not be kept")


def _key(uscc: str) -> str:
    return f"register:{uscc}"
