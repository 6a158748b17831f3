"""What W4 and W5 promise: the end of an agreement signed online, and of one signed on paper."""

from __future__ import annotations

from typing import Any

from app.base.database import session
from app.signing.online.models import OnlineSigning
from tests.house.tables import Expected, upheld
from tests.signing.stage import user
from tests.termination import offline_stage as paper
from tests.termination.stage import FORCE, OPEN, REJECT, STATES, TerminationStage

ENDS = ("approved", "forced")


def _shows_in_agreement(case: Any) -> None:
    """The agreement's own row shows what its newest termination has come to."""
    signing = session.get_one(OnlineSigning, case.signing_id)
    assert signing.state == ("terminated" if case.state in ENDS else "signed"), case.state
    shown = "open" if case.state in OPEN else "failed" if case.state in ("refused", "rejected") else None
    assert signing.termination == shown, case.state


def _on_paper(state: str) -> Any:
    paper.allow(user("graduate1"), 5)
    return paper.Desk("graduate1", "school10001", "dept10001a").bring(state)


TABLES = (
    Expected(
        "online_termination",
        STATES,
        {
            ("waiting_employer", "agree", "employer"): "dept_review",
            ("waiting_employer", "refuse", "employer"): "refused",
            ("waiting_employer", "withdraw", "graduate"): "withdrawn",
            ("waiting_employer", "force", "school"): "forced",
            ("escalated", "agree", "employer"): "dept_review",
            ("escalated", "refuse", "employer"): "refused",
            ("escalated", "withdraw", "graduate"): "withdrawn",
            ("escalated", "force", "school"): "forced",
            ("waiting_graduate", "agree", "graduate"): "dept_review",
            ("waiting_graduate", "refuse", "graduate"): "refused",
            ("waiting_graduate", "withdraw", "employer"): "withdrawn",
            ("dept_review", "approve", "department"): "school_review",
            ("dept_review", "reject", "department"): "rejected",
            ("school_review", "approve", "school"): "approved",
            ("school_review", "reject", "school"): "rejected",
            **{(state, "lapse", "system"): "withdrawn" for state in OPEN},
            **upheld(STATES),
        },
        bring=lambda state: TerminationStage().bring(state),
        begins="start",
        begun_by=frozenset({"graduate", "employer"}),
        silent=frozenset({"lapse"}),
        data={"refuse": {"reason": "请继续履行"}, "reject": REJECT, "force": FORCE},
        refused={("waiting_employer", "escalate", "system"): "not_due"},
        brings_along=dict.fromkeys(ENDS, (("online_signing", "terminate"),)),
        holds=_shows_in_agreement,
    ),
    Expected(
        "offline_termination",
        paper.STATES,
        {
            ("draft", "submit", "graduate"): "dept_review",
            ("returned", "submit", "graduate"): "dept_review",
            ("dept_review", "withdraw", "graduate"): "draft",
            ("dept_review", "approve", "department"): "school_review",
            ("dept_review", "return", "department"): "returned",
            ("dept_review", "reject", "department"): "rejected",
            ("school_review", "approve", "school"): "approved",
            ("school_review", "return", "school"): "returned",
            ("school_review", "reject", "school"): "rejected",
            **{(state, "lapse", "system"): "rejected" for state in ("dept_review", "school_review", "returned")},
            **upheld(paper.STATES),
        },
        bring=_on_paper,
        data={"approve": {"settlement": "mutual"}, "return": paper.RETURN, "reject": paper.REJECT},
        unseen=frozenset({"employer"}),
        refused={("school_review", "withdraw", "graduate"): "already_decided"},
        silent=frozenset({"submit", "withdraw", "lapse", "uphold"}),
        brings_along={"approved": (("supplementary", "terminate"),)},
    ),
)
