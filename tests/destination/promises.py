"""What must hold after whatever was pressed, by whomever, in whatever order."""

from __future__ import annotations

from itertools import pairwise

from sqlalchemy import select

from app.base.database import session
from app.destination.models import Destination
from app.roster.models import Claim
from app.signing.online.models import OnlineSigning
from app.workflow import history

HOLDS = {"dept_review": "review", "school_review": "review", "approved": "in_force", "signed": "in_force"}


def check_promises() -> None:
    """The history is whole and tells how each case came to its state; a graduate is bound to one case at most."""
    assert list(history.broken_links()) == []
    bound = {}
    for model in (Destination, OnlineSigning):
        for case in session.scalars(select(model)):
            steps = history.of_case(case.workflow_name, case.id)
            assert steps[-1].to_state == case.state
            assert all(one.to_state == two.from_state for one, two in pairwise(steps))
            if case.state in HOLDS:
                assert case.graduate_id not in bound, "bound twice"
                bound[case.graduate_id] = (case.workflow_name, case.id, HOLDS[case.state])
            if isinstance(case, Destination):
                assert case.data["type"] == case.type
    claims = {row.graduate_id: (row.workflow, row.case_id, row.kind) for row in session.scalars(select(Claim))}
    assert claims == bound
