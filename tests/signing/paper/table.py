"""What W2 and W3 promise: signing on paper."""

from __future__ import annotations

from typing import Any

from app.base.database import session
from app.roster.models import Claim
from tests.house.tables import Expected, unheard, upheld
from tests.signing.paper.stage import OFFLINE_STATES, REJECT, RETURN, SUPPLEMENTARY_STATES, VOID, PaperStage

# The round of review that both have.
ROUND = {
    ("dept_review", "approve", "department"): "school_review",
    ("dept_review", "reject", "department"): "rejected",
    ("dept_review", "return", "department"): "returned",
    ("school_review", "approve", "school"): "signed",
    ("school_review", "reject", "school"): "rejected",
    ("school_review", "return", "school"): "returned",
    ("signed", "edit_category", "school"): "signed",
    ("signed", "void", "school"): "voided",
    ("signed", "terminate", "system"): "terminated",
}
DATA = {
    "return": RETURN,
    "reject": REJECT,
    "void": VOID,
    "uphold": VOID,
    "edit_category": {"category": "21", "nature": "31"},
}
DECIDED = "already_decided"
HOLDS = {"agreement_dept_review", "agreement_school_review", "dept_review", "school_review", "signed"}


def _ready(state: str) -> Any:
    """An approved application has its stamped copy, so that it can be handed in."""
    stage = PaperStage()
    case = stage.bring("offline_signing", state)
    if state == "agreement_approved":
        stage.attach(case, "stamped_agreement")
    return case


def _is_claimed(case: Any) -> None:
    """The graduate is bound while the case is reviewed or in force."""
    claim = session.get(Claim, case.graduate_id)
    assert (claim is not None) == (case.state in HOLDS), case.state
    assert claim is None or claim.kind == ("in_force" if case.state == "signed" else "review"), case.state


TABLES = (
    Expected(
        "offline_signing",
        OFFLINE_STATES,
        {
            ("draft", "submit", "graduate"): "agreement_dept_review",
            ("agreement_returned", "submit", "graduate"): "agreement_dept_review",
            ("agreement_dept_review", "withdraw", "graduate"): "draft",
            ("agreement_dept_review", "approve", "department"): "agreement_school_review",
            ("agreement_dept_review", "reject", "department"): "agreement_rejected",
            ("agreement_dept_review", "return", "department"): "agreement_returned",
            ("agreement_school_review", "approve", "school"): "agreement_approved",
            ("agreement_school_review", "reject", "school"): "agreement_rejected",
            ("agreement_school_review", "return", "school"): "agreement_returned",
            ("agreement_approved", "upload", "graduate"): "dept_review",
            ("returned", "upload", "graduate"): "dept_review",
            ("dept_review", "withdraw", "graduate"): "agreement_approved",
            **ROUND,
            **upheld(OFFLINE_STATES, *HOLDS),
        },
        bring=_ready,
        data=DATA,
        unseen=frozenset({"employer"}),
        refused={(state, "withdraw", "graduate"): DECIDED for state in ("agreement_school_review", "school_review")},
        silent=frozenset({"submit", "withdraw", "upload"}) | unheard(OFFLINE_STATES, *HOLDS),
        holds=_is_claimed,
    ),
    Expected(
        "supplementary",
        SUPPLEMENTARY_STATES,
        {
            ("draft", "submit", "graduate"): "dept_review",
            ("returned", "submit", "graduate"): "dept_review",
            ("dept_review", "withdraw", "graduate"): "draft",
            **ROUND,
            **upheld(SUPPLEMENTARY_STATES, *HOLDS),
        },
        bring=lambda state: PaperStage().bring("supplementary", state),
        data=DATA,
        unseen=frozenset({"employer"}),
        refused={("school_review", "withdraw", "graduate"): DECIDED},
        silent=frozenset({"submit", "withdraw"}) | unheard(SUPPLEMENTARY_STATES, *HOLDS),
        holds=_is_claimed,
    ),
)
