"""Kept statements: what comes back is what SQLAlchemy would have made of them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import bindparam, func, inspect, literal, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import defer, joinedload, undefer

from app.base.database import session
from app.base.kept import Kept
from app.base.loaded import NotJoinedError, joins_all
from app.roster.models import Graduate
from app.schools.models import Department, Province, School
from app.signals.models import Signal
from app.workflow import engine, registry


def _seen(row: Any) -> Any:
    """All that an object holds, and what it would read later."""
    if row is None:
        return None
    state = inspect(row)
    held = {one.key: state.dict.get(one.key, "unread") for one in state.mapper.column_attrs}
    beside = {
        one.key: _seen(state.dict[one.key]) if one.key in state.dict else "unread" for one in state.mapper.relationships
    }
    later = sorted(state.callables or ()), sorted(state.expired_attributes)
    return type(row).__name__, state.key, state.persistent, state.modified, held, beside, later


def _both(statement: Any) -> tuple[list[Any], list[Any]]:
    session.expunge_all()
    usual = [_seen(row) for row in session.scalars(statement).unique()]
    session.expunge_all()
    return usual, [_seen(row) for row in Kept(statement).rows()]


def test_cases_are_loaded_as_sqlalchemy_loads_them(app: Flask, invite: Any) -> None:
    invite("graduate7", "graduate8")
    with app.app_context():
        for workflow in registry.all_workflows():
            model: Any = workflow.model
            statement = select(model).order_by(model.id).options(*engine.eager_options(model))
            left = defer(model.updated_at) if hasattr(model, "updated_at") else defer(model.created_at)
            for options in ((), (left,)):
                usual, kept = _both(statement.options(*options).limit(20))
                assert kept == usual, workflow.name
        usual, kept = _both(select(Graduate).order_by(Graduate.id).options(*Graduate.eager_options()).limit(20))
        assert len(kept) == 20
        assert kept == usual


def test_what_is_left_out_is_read_later(app: Flask) -> None:
    with app.app_context():
        kept = Kept(select(School).order_by(School.id).limit(1).options(defer(School.name)))
        (school,) = kept.rows()
        assert "name" in inspect(school).unloaded
        assert school.name == session.scalar(select(School.name).where(School.id == school.id))


def test_an_object_of_the_session_stays_and_gets_what_it_lacks(app: Flask) -> None:
    with app.app_context():
        asked = select(Department).order_by(Department.id).limit(1)
        held = session.scalars(asked.options(defer(Department.code))).one()
        held.name = "changed here"
        with session.no_autoflush:
            (found,) = Kept(asked.options(joinedload(Department.school), undefer(Department.code))).rows()
        assert found is held
        assert held.name == "changed here"
        assert inspect(held).modified
        assert "code" in inspect(held).dict
        assert held.school.id == held.school_id
        session.rollback()


def test_changes_that_wait_are_sent_before_it_asks(app: Flask) -> None:
    with app.app_context():
        school = session.scalars(select(School).order_by(School.id).limit(1)).one()
        school.name = "not yet written"
        named = Kept(select(School.name).where(School.id == bindparam("school")))
        assert named.scalar({"school": school.id}) == "not yet written"
        session.rollback()


def test_values_and_lists_go_by_their_names(app: Flask) -> None:
    with app.app_context():
        ids = list(session.scalars(select(Province.id).order_by(Province.id).limit(3)))
        beside = literal(7).label("seven")
        kept = Kept(select(Province, beside).where(Province.id.in_(bindparam("ids", expanding=True))))
        for some in (ids, ids[:1], [], ids[1:]):
            rows = kept.rows({"ids": some, "nobody_asks": 1})
            assert sorted(province.id for province, _seven in rows) == some
            assert all(seven == 7 for _province, seven in rows)
        plain = Kept(select(Province.id, Province.name.label("called")).order_by(Province.id))
        assert [row.id for row in plain.rows()][:3] == ids
        assert plain.first().called
        assert Kept(select(Province.id).where(Province.id == bindparam("one"))).scalar({"one": 0}) is None


def test_what_fails_is_told_in_sqlalchemys_words(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(DBAPIError) as refused:
            Kept(select(func.sqrt(bindparam("number", type_=None) + literal(0.0)))).rows({"number": -1})
        assert getattr(refused.value.orig, "sqlstate", None) == "2201F"
        session.rollback()
        assert Kept(select(literal(1))).scalar() == 1


def test_what_needs_more_statements_is_refused_before_it_is_sent(app: Flask) -> None:
    with app.app_context():
        assert not joins_all(Signal, Signal.eager_options())
        assert joins_all(Graduate, Graduate.eager_options())
        with pytest.raises(NotJoinedError):
            Kept(select(Signal).options(*Signal.eager_options())).rows()


def test_a_change_by_somebody_else_is_seen(app: Flask) -> None:
    with app.app_context():
        kept = Kept(select(School.name).where(School.id == bindparam("school")))
        school = session.scalar(select(School.id).order_by(School.id).limit(1))
        before = kept.scalar({"school": school})
        session.execute(update(School).where(School.id == school).values(name="another name"))
        assert kept.scalar({"school": school}) == "another name" != before
        session.rollback()
