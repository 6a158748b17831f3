"""What stands on an agreement on paper, frozen when the agreement was approved (W2) or the registration was (W3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.access.actors import Actor
from app.signing.online.snapshots import agreement_content, confirmation, verify_address
from app.signing.paper.models import PaperMixin
from app.workflow import history
from app.workflow.models import History


def paper_snapshot(case: Any, *, approved_by: Actor, at: datetime) -> dict[str, Any]:
    """The frozen content, labels resolved, with the keys of AgreementSnapshot; called once, when the school approves.

    `employer` has besides what the others have the contact that the graduate named for the unit; `confirmations` are
    the graduate's submission and the approvals of this round.
    """
    unit = case.employer
    content = agreement_content(case)
    return {
        **content,
        "employer": {**content["employer"], "contact": unit.contact, "phone": unit.phone},
        "signed_on": case.data.get("signed_on"),
        "confirmations": [
            *map(confirmation, _this_round(case)),
            {"role": approved_by.kind, "name": approved_by.name, "at": at.isoformat()},
        ],
        "verify_url": verify_address(case.number) if case.number else None,
    }


def _this_round(case: PaperMixin) -> list[History]:
    """The last submission and what the reviewers approved since."""
    rows = history.standing(history.of_case(case.workflow_name, case.id))
    last = max((place for place, row in enumerate(rows) if row.event == "submit"), default=0)
    return [row for row in rows[last:] if row.event in ("submit", "approve")]
