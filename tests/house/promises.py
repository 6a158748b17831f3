"""What the database must hold after whatever was pressed, by whomever, in whatever order."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from app.base.database import session
from app.destination.models import Destination
from app.roster.models import Claim
from app.signing.paper.models import UploadLink
from app.termination.offline.models import OfflineTermination
from app.termination.online.models import OnlineTermination
from app.workflow import history, registry

# Cases that bind the graduate, and how, by state.
BINDING = ("online_signing", "offline_signing", "supplementary", "destination")
HOLDS = {
    **dict.fromkeys(("agreement_dept_review", "agreement_school_review", "dept_review", "school_review"), "review"),
    **dict.fromkeys(("signed", "approved"), "in_force"),
}
# Nothing but events changes these, so that each version is a step.
WITHOUT_DRAFT = ("online_signing", "online_termination")
LIVE = ("invited", "dept_review", "school_review", "signed")
OPEN = ("waiting_employer", "waiting_graduate", "escalated", "dept_review", "school_review", "returned")
ENDS = ("approved", "forced")


def check_promises(*, ends_by_application: bool = False) -> None:
    """Each history is whole and tells how its case came to its state; one graduate, one case; ends end what they end.

    With `ends_by_application` nobody but a granted application has ended an agreement signed online.
    """
    assert list(history.broken_links()) == []
    cases = {workflow.name: _all(workflow.model) for workflow in registry.all_workflows()}
    _check_histories(cases)
    _check_claims(cases)
    _check_signings(cases)
    ended = _check_online_terminations(cases)
    assert not ends_by_application or ended == {one.id for one in cases["online_signing"] if one.state == "terminated"}
    _check_offline_terminations(cases)
    assert all(case.data["type"] == case.type for case in _all(Destination))


def _all(model: Any) -> list[Any]:
    return list(session.scalars(select(model).order_by(model.id)))


def _once(things: list[Any]) -> bool:
    return max(Counter(things).values(), default=1) == 1


def _check_histories(cases: dict[str, list[Any]]) -> None:
    for name, found in cases.items():
        told = history.of_cases(name, [case.id for case in found])
        for case in found:
            steps = told[case.id]
            assert steps[-1].to_state == case.state
            assert all(one.to_state == two.from_state for one, two in pairwise(steps))
            assert name not in WITHOUT_DRAFT or case.version == len(steps)


def _check_claims(cases: dict[str, list[Any]]) -> None:
    """A graduate is bound to one case at most, and the claims say to which, and what is to take its place."""
    following = {(one.next_workflow, one.next_id) for one in session.scalars(select(Claim))}
    binding = [
        (case.graduate_id, name, case.id, HOLDS[case.state])
        for name in BINDING
        for case in cases[name]
        if case.state in HOLDS and (name, case.id) not in following
    ]
    assert _once([graduate for graduate, *_case in binding]), "bound twice"
    claims = [(one.graduate_id, one.workflow, one.case_id, one.kind) for one in session.scalars(select(Claim))]
    assert sorted(claims) == sorted(binding), (set(claims) - set(binding), set(binding) - set(claims))


def _check_signings(cases: dict[str, list[Any]]) -> None:
    online = cases["online_signing"]
    live = [(case.employer_id, case.graduate_id) for case in online if case.state in LIVE]
    assert _once(live), "a unit has two live cases with one graduate"
    signings = [*online, *cases["offline_signing"], *cases["supplementary"]]
    assert _once([case.number for case in signings if case.number])
    links = select(UploadLink.case_id).where(UploadLink.revoked_at.is_(None), UploadLink.used_at.is_(None))
    assert _once(list(session.scalars(links))), "two open links to one case"


def _check_online_terminations(cases: dict[str, list[Any]]) -> set[int]:
    """One application at a time, and the agreement is as its newest one says; returns what they have ended."""
    newest: dict[int, OnlineTermination] = {}
    ended = set()
    for case in cases["online_termination"]:
        before = newest.get(case.signing_id)
        assert before is None or before.state not in (*OPEN, *ENDS), "started beside one in progress, or after the end"
        newest[case.signing_id] = case
        if case.state in ENDS:
            ended.add(case.signing_id)
    for signing in cases["online_signing"]:
        case_or_none = newest.get(signing.id)
        assert signing.id not in ended or signing.state == "terminated"
        assert signing.termination == _shown(case_or_none)
        assert case_or_none is None or case_or_none.state not in OPEN or signing.state == "signed"
    return ended


def _shown(case: OnlineTermination | None) -> str | None:
    if case is None or case.state in (*ENDS, "withdrawn"):
        return None
    return "open" if case.state in OPEN else "failed"


def _check_offline_terminations(cases: dict[str, list[Any]]) -> None:
    """One application at a time; what was approved says on which terms, and its signing is over."""
    signings = {(name, case.id): case for name in ("offline_signing", "supplementary") for case in cases[name]}
    still_open = []
    told = history.of_cases("offline_termination", [case.id for case in cases["offline_termination"]])
    for case in cases["offline_termination"]:
        signing, events = signings[_signing(case)], [step.event for step in told[case.id]]
        assert (case.submitted_at is not None) == ("submit" in events)
        assert (case.state == "approved") == (case.settlement is not None)
        assert case.state != "approved" or signing.state == "terminated"
        assert case.state not in ("dept_review", "school_review") or signing.state == "signed"
        still_open += [_signing(case)] if case.state in OPEN else []
    assert _once(still_open)


def _signing(case: OfflineTermination) -> tuple[str, int]:
    return case.signing_workflow, case.signing_id
