"""Real cases of every workflow in every state, each brought about step by step by the tables in tests/**/table.py."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.base.database import session, transaction
from app.base.errors import AppError
from app.roster.models import Graduate
from app.workflow import registry
from tests.house.tables import Expected, all_expected


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
                ids.extend(_brought(expected, state, passes_on=True))
        for expected in all_expected():
            found[expected.workflow].extend(_brought(expected, expected.states[0], passes_on=False))
        session.remove()
    return found


def _brought(expected: Expected, state: str, *, passes_on: bool) -> Iterator[int]:
    """The case; none where there is no room for it."""
    session.rollback()
    try:
        with transaction():
            session.execute(text("DELETE FROM claims"))
            case = expected.bring(state)
            case_id, graduate_id = int(case.id), getattr(case, "graduate_id", None)
            if passes_on and graduate_id:
                hand_on(graduate_id, sibling_of(graduate_id))
    except (AppError, AssertionError, IntegrityError):
        return
    yield case_id


def sibling_of(graduate_id: int) -> int:
    """Another student beside this one, who differs only in what tells people apart; sealed for a row of its own."""
    pattern = session.get_one(Graduate, graduate_id)
    names = [column.key for column in Graduate.__mapper__.column_attrs if column.key != "id"]
    own = {"exam_number": f"X{secrets.token_hex(8)}", "id_number_index": secrets.token_bytes(16)}
    sibling = Graduate(**{name: getattr(pattern, name) for name in names} | own)
    session.add(sibling)
    session.flush()
    return sibling.id


def hand_on(graduate_id: int, sibling: int) -> None:
    """Let everything of one graduate be the other's."""
    session.flush()
    for workflow in registry.all_workflows():
        if hasattr(workflow.model, "graduate_id"):
            name = workflow.model.__tablename__
            change = text(f"UPDATE {name} SET graduate_id = :sibling WHERE graduate_id = :graduate")
            session.execute(change, {"sibling": sibling, "graduate": graduate_id})
