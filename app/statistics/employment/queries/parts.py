"""Figures school by school, kept until something changes there: what a province or the country is told is their sum.

The database notes in `figure_changes` that something has changed (triggers, so that no way of writing is forgotten).
What was counted is kept in Valkey under the sum of a school's marks, which is read first: whatever changes while it is
counted makes another sum. Without Valkey everything is counted anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, Select, func, select

from app.access.actors import OPERATOR, PROVINCE, SCHOOL, Actor
from app.base.replicas import shown
from app.schools.models import School
from app.statistics.employment.models import LARGEST, FigureChange
from app.statistics.employment.queries.asked import Asked
from app.statistics.queries import school_scope
from app.workflow import queues

# Another shape of what is kept: what older programs have kept is not read.
_SHAPE = 1
_KEPT_FOR = 26 * 3600  # over a night: to count a country anew takes many seconds

# What is counted of a school, as JSON can hold it.
Part = list[Any]


def in_parts(asked: Asked, actor: Actor) -> bool:
    """Whether the answer is a sum over whole schools; readers of one level or department are told less.

    Crossed groupings are asked for once in a while and have many lines: they are counted each time.
    """
    whole = actor.kind in (OPERATOR, PROVINCE) or (actor.kind == SCHOOL and actor.level in (None, "all"))
    return whole and asked.keys is None and asked.place.department is None and len(asked.by) == 1


def parts_of(asked: Asked, actor: Actor, count: Callable[[Sequence[int] | None], Mapping[int, Part]]) -> Iterator[Part]:
    """What is counted of each school in scope; `count` is asked for those that have changed, with None for all."""
    marks = {str(school): str(mark) for school, mark in shown.execute(_marks(asked, actor))}
    key = _key(asked)
    kept = _kept(key, list(marks))
    found = {school: part for school, (mark, part) in kept.items() if mark == marks[school]}
    missing = [int(school) for school in marks if school not in found]
    if missing:
        counted = count(missing if len(missing) < len(marks) else None)
        fresh = {str(school): counted.get(school, []) for school in missing}
        _keep(key, {school: (marks[school], part) for school, part in fresh.items()})
        found |= fresh
    yield from found.values()


def _marks(asked: Asked, actor: Actor) -> Select[Any]:
    """The schools in scope, each with the sum of its marks, and of those of units where these are asked for."""
    mark = _sum_of(FigureChange.school_id == School.id)
    if any(group.of_case for group in asked.groupings):
        mark = mark + _sum_of(FigureChange.school_id.is_(None))
    query = select(School.id, func.mod(mark, LARGEST)).where(*school_scope(actor))
    return query.where(School.id == asked.place.school.id) if asked.place.school is not None else query


def _sum_of(condition: ColumnElement[bool]) -> Any:
    return func.coalesce(select(func.sum(FigureChange.mark)).where(condition).scalar_subquery(), 0)


def _key(asked: Asked) -> str:
    told = json.dumps([_SHAPE, asked.cohort, asked.by, asked.completion])
    return f"figures:{sha256(told.encode()).hexdigest()[:24]}"


def _kept(key: str, schools: Sequence[str]) -> dict[str, tuple[str, Part]]:
    with suppress(RedisError):
        values: Any = queues.redis().hmget(key, schools) if schools else []
        return {school: tuple(json.loads(value)) for school, value in zip(schools, values, strict=True) if value}
    return {}


def _keep(key: str, parts: Mapping[str, tuple[str, Part]]) -> None:
    with suppress(RedisError):
        link = queues.redis()
        link.hset(key, mapping={school: json.dumps(part) for school, part in parts.items()})
        link.expire(key, _KEPT_FOR)
