"""A reach is all that a scope depends on: statements kept by it serve nobody what is another's (R1.7)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import BindParameter, bindparam
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.visitors import replacement_traverse

from app.access.actors import SYSTEM, Actor
from app.access.scope import in_scope, reach_of, reach_with
from app.base.database import Model

ACCOUNTS = (
    *("operator", "province11", "province32", "school10001", "school10002", "dept10001a", "dept10001b"),
    *("employer1", "employer2", "graduate1", "graduate2"),
)


def _text(model: Any, actor: Actor) -> str:
    compiled = in_scope(model, actor).compile(dialect=postgresql.dialect(), compile_kwargs={"render_postcompile": True})
    return f"{compiled} {compiled.params}"


@pytest.fixture
def actors(app: Flask, actor_of: Callable[[str], Actor]) -> list[Actor]:
    people = [actor_of(name) for name in ACCOUNTS]
    levels = [
        replace(one, level=level) for one in people for level in ("undergraduate", "postgraduate") if one.school_id
    ]
    links = [Actor(kind="link", only_case=("online_signing", number)) for number in (1, 2)]
    return [*people, *levels, *links, SYSTEM]


def test_who_has_the_same_reach_has_the_same_scope_on_every_model(app_context: Flask, actors: list[Actor]) -> None:
    seen = 0
    for mapper in Model.registry.mappers:
        scopes: dict[Any, str] = {}
        for actor in actors:
            told = _text(mapper.class_, actor)
            assert told == _text(mapper.class_, reach_of(actor).reader), (mapper.class_, actor.kind)
            assert scopes.setdefault(reach_of(actor), told) == told
            seen += 1
    assert seen > 1000


def test_another_place_is_another_reach(actors: list[Actor]) -> None:
    assert len({reach_of(one) for one in actors}) == len(actors)


def _filled(condition: Any, values: dict[str, Any]) -> str:
    """The text of a condition with its values in their places."""

    def put(element: Any, **_given: Any) -> Any:
        if isinstance(element, BindParameter) and element.key in values:
            return bindparam(element.key, values[element.key], type_=element.type, expanding=element.expanding)
        return None

    told = replacement_traverse(condition, {}, put)
    compiled = told.compile(dialect=postgresql.dialect(), compile_kwargs={"render_postcompile": True})
    bare = re.sub(r"::[A-Z]+", "", str(compiled))
    return re.sub(r"%\((\w+)\)s", lambda found: repr(compiled.params[found[1]]), bare)


def test_a_statement_put_together_for_a_kind_serves_each_with_their_own_rows_alone(
    app_context: Flask, actors: list[Actor]
) -> None:
    """Of everybody: the scope with parameters, sent with their values, is their scope."""
    seen = 0
    for mapper in Model.registry.mappers:
        for actor in actors:
            bound, own = reach_with(actor)
            told = in_scope(mapper.class_, bound.reader)
            assert _filled(told, own) == _filled(in_scope(mapper.class_, actor), {}), (mapper.class_, actor.kind)
            seen += 1
    assert seen > 1000
    schools = {reach_with(one)[0] for one in actors if one.kind == "school" and one.level == "all"}
    assert len(schools) == 1, "all schools share their statements"
