"""What must hold of the terminations after whatever was pressed, by whomever, in whatever order."""

from __future__ import annotations

from itertools import pairwise

from sqlalchemy import select

from app.base.database import session
from app.signing.online.models import OnlineSigning
from app.termination.online.models import OnlineTermination
from app.workflow import history
from tests.signing import promises as of_signings
from tests.termination.stage import OPEN

ENDS = ("approved", "forced")


def check_promises() -> None:
    """Those of the signings, and: one application at a time, its history whole, the agreement as its newest one says."""
    of_signings.check_promises()
    newest: dict[int, OnlineTermination] = {}
    ended: set[int] = set()
    for case in session.scalars(select(OnlineTermination).order_by(OnlineTermination.id)):
        steps = history.of_case("online_termination", case.id)
        assert steps[-1].to_state == case.state
        assert all(one.to_state == two.from_state for one, two in pairwise(steps))
        assert case.version == len(steps)
        before = newest.get(case.signing_id)
        assert before is None or before.state not in (*OPEN, *ENDS), "started beside one in progress, or after the end"
        newest[case.signing_id] = case
        if case.state in ENDS:
            ended.add(case.signing_id)
    for signing in session.scalars(select(OnlineSigning)):
        case_or_none = newest.get(signing.id)
        assert (signing.state == "terminated") == (signing.id in ended)
        assert signing.termination == _shown(case_or_none)
        assert case_or_none is None or case_or_none.state not in OPEN or signing.state == "signed"


def _shown(case: OnlineTermination | None) -> str | None:
    if case is None or case.state in (*ENDS, "withdrawn"):
        return None
    return "open" if case.state in OPEN else "failed"
