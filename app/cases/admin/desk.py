"""The reviewer's desk: which records lie beside the one that is open, in the list's own order, and who has it open.

The list's filter and order travel in the address of the record, through every verdict and back. A record that waits for
the reader stands among those that do; every other one in its list.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import request
from flask import session as cookie
from redis.exceptions import RedisError
from sqlalchemy import case

from app.access.actors import Actor
from app.base import clock
from app.cases.queries import waiting_states, waits_in
from app.fab.conditions import Lasting
from app.web.paging import COUNT_CAP
from app.workflow import queues, undo

log = logging.getLogger(__name__)

BEFORE, BEHIND = 6, 14  # rows of the list beside the record
HELD_FOR = 180  # seconds that who opens a record holds it, as others see
_LAST = "decided"  # in the cookie: what this reader has decided last, for taking it back
_KEPT = ("_flt_", "_oc_", "_od_", "psize_", "cols")


@dataclass(frozen=True)
class Place:
    """Where a record stands: its number among so many, its neighbours, the rows beside it."""

    position: int
    count: int
    capped: bool
    waits: bool  # counted are those that wait for the reader
    previous: int | None
    following: int | None
    rows: Sequence[Any]


def kept_query() -> dict[str, Any]:
    """Filter and order of the list as they stand in the address."""
    return {name: values for name, values in request.args.lists() if name.startswith(_KEPT)}


@lru_cache(maxsize=256)
def waiting_first(model: Any, states: tuple[str, ...]) -> tuple[Any, ...]:
    """The order of a reviewer's list: what waits, the oldest first; behind it the newest first."""
    if not states:
        return (model.id.desc(),)
    waits = waits_in(model, states)
    return waits.desc(), case((waits, model.state_since)).asc(), case((waits, model.id)).asc(), model.id.desc()


def days_waited(row: Any) -> int:
    """Since how many days the record is in its state."""
    return (clock.now() - row.state_since).days


def place_of(view: Any, row: Any, actor: Actor) -> Place:
    """The record's place in the list of this address; two statements, whatever the length of the list."""
    states = waiting_states(view.table, actor) if actor.writes(view.table.module) else ()
    waits = row.state in states and row.invalid_since is None
    ids = _ids(view, states if waits else ())
    at = ids.index(row.id) if row.id in ids else -1
    beside = ids[max(0, at - BEFORE) : at + BEHIND] if at >= 0 else ids[:BEHIND]
    return Place(
        position=at + 1,
        count=min(len(ids), COUNT_CAP - 1),
        capped=len(ids) >= COUNT_CAP,
        waits=waits,
        previous=ids[at - 1] if at > 0 else None,
        following=ids[at + 1] if at + 1 < len(ids) else None,
        rows=view.datamodel.rows(beside, on_screen=True),
    )


def next_waiting(view: Any, case_id: int, actor: Actor) -> int | None:
    """The record that this reviewer sees after `case_id`: the next of the list that waits, else the first of them.

    Asked before the verdict, which takes the record out of its place.
    """
    states = waiting_states(view.table, actor)
    ids = _ids(view, states) if states and actor.writes(view.table.module) else []
    if case_id not in ids:
        return None
    at = ids.index(case_id)
    others = ids[at + 1 :] or ids[:at]
    return others[0] if others else None


def _ids(view: Any, states: Sequence[str]) -> list[int]:
    filters = view.list_filters()
    if states:
        filters.add_filter("id", Lasting, _waiting(view.datamodel.obj, tuple(states)))
    column, direction = view.list_order()
    return list(view.datamodel.ids(filters, column, direction, limit=COUNT_CAP))


_waiting = lru_cache(maxsize=256)(waits_in)  # the same condition at every request


# Who has it open ----------------------------------------------------------------------------------------------------


def take_up(workflow: str, case_id: int, actor: Actor) -> str:
    """Hold the record for some minutes; the name of who has it open already, "" where nobody else does.

    It keeps nobody from deciding: versions do. Without Redis nobody is told.
    """
    key, mine = f"desk:{workflow}:{case_id}", json.dumps([actor.user_id, actor.name])
    try:
        if queues.redis().set(key, mine, nx=True, ex=HELD_FOR):
            return ""
        holder, name = json.loads(queues.redis().get(key) or mine)
        if holder == actor.user_id:
            queues.redis().expire(key, HELD_FOR)
            return ""
        return str(name)
    except RedisError:
        log.warning("nobody is told who has %s %s open", workflow, case_id)
        return ""


def put_down(workflow: str, case_id: int, actor: Actor) -> None:
    """Let go of a record that is decided."""
    try:
        key = f"desk:{workflow}:{case_id}"
        holder = queues.redis().get(key)
        if holder and json.loads(holder)[0] == actor.user_id:
            queues.redis().delete(key)
    except RedisError:
        log.warning("%s %s is held until its time is over", workflow, case_id)


# Taking it back -----------------------------------------------------------------------------------------------------


def remember(decided: Any, words: str, address: str) -> None:
    """Keep what was decided just now, so that the next page can offer to take it back."""
    until = undo.ends_at(decided.workflow_name, decided.id)
    cookie.pop(_LAST, None)
    if until is not None:
        cookie[_LAST] = {"words": words, "url": address, "until": until.timestamp()}


def last_decision() -> Mapping[str, Any] | None:
    """What can still be taken back, and how many seconds are left."""
    kept: dict[str, Any] = cookie.get(_LAST, {})
    left = kept.get("until", 0) - clock.now().timestamp()
    if left <= 0:
        cookie.pop(_LAST, None)
        return None
    return {**kept, "left": max(1, int(left))}


def forget_decision() -> None:
    """It is taken back, or cannot be."""
    cookie.pop(_LAST, None)
