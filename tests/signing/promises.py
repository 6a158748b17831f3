"""What must hold after whatever was pressed, by whomever, in whatever order."""

from __future__ import annotations

from itertools import pairwise

from sqlalchemy import select

from app.base.database import session
from app.roster.models import Claim
from app.signing.online.models import OnlineSigning
from app.workflow import history

LIVE, BINDING = ("invited", "dept_review", "school_review", "signed"), ("dept_review", "school_review", "signed")


def check_promises() -> None:
    """The history is whole and tells how each case came to its state; the claims are those of the binding cases."""
    assert list(history.broken_links()) == []
    claims = {claim.graduate_id: claim for claim in session.scalars(select(Claim))}
    binding = session.scalars(select(OnlineSigning).where(OnlineSigning.state.in_(BINDING))).all()
    assert {case.graduate_id: case.id for case in binding} == {key: claim.case_id for key, claim in claims.items()}
    for case in binding:
        assert claims[case.graduate_id].kind == ("in_force" if case.state == "signed" else "review")
    for case in session.scalars(select(OnlineSigning)):
        steps = history.of_case("online_signing", case.id)
        assert steps[-1].to_state == case.state
        assert all(one.to_state == two.from_state for one, two in pairwise(steps))
        assert case.version == len(steps)
    pairs = [
        (case.employer_id, case.graduate_id) for case in session.scalars(select(OnlineSigning)) if case.state in LIVE
    ]
    assert len(pairs) == len(set(pairs)), "a unit has two live cases with one graduate"
    numbers = [case.number for case in session.scalars(select(OnlineSigning)) if case.number]
    assert len(numbers) == len(set(numbers))
