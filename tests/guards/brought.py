"""Real cases of every workflow in every state, each brought about step by step by the tables in tests/**/table.py."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.base.database import session, transaction
from app.base.errors import AppError
from app.workflow import registry
from tests.house.tables import Expected, all_expected

# Another student beside this one, who differs only in what tells people apart.
_SIBLING = text(
    "INSERT INTO graduates SELECT (jsonb_populate_record(g, jsonb_build_object("
    " 'id', n, 'exam_number', 'X' || n, 'id_number_index', '\\x' || md5(n::text)))).*"
    " FROM graduates g, nextval('graduates_id_seq') AS n WHERE g.id = :graduate RETURNING id"
)


def bring_all(app: Flask) -> dict[str, list[int]]:
    """The ids of the cases by workflow.

    The tables act for the same few people, who may have one case at a time: each case is handed on to a sibling of its
    graduate, so that there is room for the next. At last everybody has one of their own.
    """
    found: dict[str, list[int]] = {}
    with app.app_context():
        # What ends an agreement comes first: it brings the agreement about by itself.
        for expected in sorted(all_expected(), key=lambda one: "termination" not in one.workflow):
            ids = found.setdefault(expected.workflow, [])
            for state in expected.states:
                ids.extend(_brought(expected, state, hand_on=True))
        for expected in all_expected():
            found[expected.workflow].extend(_brought(expected, expected.states[0], hand_on=False))
        session.remove()
    return found


def _brought(expected: Expected, state: str, *, hand_on: bool) -> Iterator[int]:
    """The case; none where there is no room for it."""
    session.rollback()
    try:
        with transaction():
            session.execute(text("DELETE FROM claims"))
            case = expected.bring(state)
            case_id, graduate_id = int(case.id), getattr(case, "graduate_id", None)
            if hand_on and graduate_id:
                sibling = session.execute(_SIBLING, {"graduate": graduate_id}).scalar_one()
                _hand_on(graduate_id, sibling)
    except (AppError, AssertionError, IntegrityError):
        return
    yield case_id


def _hand_on(graduate_id: int, sibling: int) -> None:
    session.flush()
    for workflow in registry.all_workflows():
        if hasattr(workflow.model, "graduate_id"):
            name = workflow.model.__tablename__
            change = text(f"UPDATE {name} SET graduate_id = :sibling WHERE graduate_id = :graduate")
            session.execute(change, {"sibling": sibling, "graduate": graduate_id})
