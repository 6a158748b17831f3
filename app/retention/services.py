"""The one place where old data go: each rule of the table is obeyed in bounded pieces, each a transaction of its own."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, func, select

from app.access import audit
from app.access.actors import SYSTEM
from app.base.database import session, transaction
from app.retention.rules import ANONYMISE, RULES, Rule

PIECE: Final = 1000  # rows of one transaction
MOST_PIECES: Final = 50  # of one rule in one run; the next run goes on
OBEYED = "retention"


def obey_rules() -> int:
    """Let go of what is due; run by the clock. Returns how many rows; the trail says how many of which kind."""
    gone = {rule.name: count for rule in RULES if (count := _obey(rule))}
    if gone:
        audit.record(OBEYED, actor=SYSTEM, detail=gone)
    return sum(gone.values())


def due_of(rule: Rule) -> int:
    """How many rows wait for the next run."""
    return session.scalar(select(func.count()).select_from(rule.model).where(rule.due())) or 0


def _obey(rule: Rule) -> int:
    if rule.own is not None:
        return rule.own()
    count = 0
    for _piece in range(MOST_PIECES):
        done = _piece_of(rule)
        count += done
        if done < PIECE:
            break
    return count


def _piece_of(rule: Rule) -> int:
    model = rule.model
    with transaction():
        ids = session.scalars(
            select(model.id).where(rule.due()).order_by(model.id).limit(PIECE).with_for_update(skip_locked=True)
        ).all()
        if rule.then == ANONYMISE:  # each is sealed for its own row
            for row in session.scalars(select(model).where(model.id.in_(ids))):
                row.payload = {}
        elif ids:
            gone = delete(model).where(model.id.in_(ids))
            session.execute(gone.execution_options(synchronize_session=False))
    return len(ids)
