"""One press for what differs: each kind of difference has its cure, which the workers carry out."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import select

from app.access import audit
from app.access.actors import OPERATOR, Actor, require
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import NotFound
from app.ems.roster_push import post_presence, post_roster
from app.reconciliation.models import LATER, ONLY_HERE, REMOVED_HERE, STUDENT, Difference
from app.reconciliation.services.comparing import begin_round
from app.roster.services.following import repeat_reports
from app.workflow import outbox

VIEW = "reconciliation"
MENDED = "mended"


def ask_for_round(*, actor: Actor) -> None:
    """Begin a round now instead of tonight; for operators. Nothing happens where one runs."""
    require(actor, "can_begin", VIEW, kinds=(OPERATOR,))
    with transaction():
        begin_round()
        audit.record("compared", actor=actor)


def mend(ids: Sequence[int], *, actor: Actor) -> int:
    """Send what mends these differences; for operators. Returns how many: those of a later report need people.

    A student that only one side knows is told to the other; of who was removed there, the employment system's word
    counts (R4.1); a report that is lost or changed is sent again. Raises Forbidden, NotFound.
    """
    require(actor, "can_mend", VIEW, kinds=(OPERATOR,))
    with transaction():
        query = select(Difference).where(Difference.id.in_(ids)).order_by(Difference.id).with_for_update()
        rows = session.scalars(query.execution_options(populate_existing=True)).all()
        if len(rows) != len(set(ids)):
            raise NotFound()
        sent = [row for row in rows if _sent(row)]
        for row in sent:
            row.mended_at = clock.now()
        if sent:
            audit.record(MENDED, actor=actor, detail={"rows": len(sent)})
    return len(sent)


def _sent(row: Difference) -> bool:
    key = f"mend:{row.id}:{secrets.token_hex(4)}"
    if row.problem == LATER:
        return False
    if row.kind != STUDENT:
        return row.graduate_id is not None and repeat_reports(row.graduate_id) > 0
    if row.problem == ONLY_HERE and row.graduate_id is not None:
        post_roster([row.graduate_id], key=key, order_key=f"graduate:{row.graduate_id}")
    elif row.problem == REMOVED_HERE and row.graduate_id is not None:
        post_presence(row.graduate_id, present=False, key=key)
    else:
        outbox.post("roster_take_over", {"difference_id": row.id}, key=key)
    return True
