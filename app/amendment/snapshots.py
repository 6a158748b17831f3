"""Everything that stands on a supplement, as it stood when the school approved it, and the paper that is set from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.access.actors import Actor
from app.amendment.models import Amendment
from app.amendment.records import change_rows
from app.base.clock import SHANGHAI
from app.documents.agreement import environment
from app.documents.lasting import Lasting
from app.documents.typefaces import clean
from app.documents.words import FILES, TITLES, TYPES
from app.signing.online.snapshots import confirmation, verify_address
from app.workflow import history


def supplement_snapshot(case: Amendment, *, approved_by: Actor, at: datetime) -> dict[str, Any]:
    """The frozen content, labels resolved; called once, when the school approves."""
    frozen = case.signing.snapshot or {}
    steps = history.standing(history.of_case(case.workflow_name, case.id))
    confirmations = [confirmation(row) for row in steps if row.event in ("start", "agree", "approve")]
    confirmations.append({"role": approved_by.kind, "name": approved_by.name, "at": at.isoformat()})
    return {
        "number": case.number,
        "agreement": case.signing.number,
        "agreement_type": case.agreement_type,
        "employer": {"name": frozen["employer"]["name"], "uscc": frozen["employer"]["uscc"]},
        "graduate": frozen["graduate"]["name"],
        "school": frozen["school"]["name"],
        "department": frozen["graduate"]["department"],
        "changes": [list(row) for row in change_rows(case.changes)],
        "confirmations": confirmations,
        "verify_url": verify_address(case.signing.number),
    }


def supplement_of(case: Amendment) -> Lasting | None:
    """The supplement as a paper to be set; None before its approval."""
    frozen = case.snapshot
    if not frozen:
        return None
    names = {**frozen, "employer": frozen["employer"]["name"]}
    parties = {one: clean(names[one]) for one in ("employer", "graduate", "school", "department")}
    confirmed = [
        {**row, "party": parties[row["role"]], "at": datetime.fromisoformat(row["at"]).astimezone(SHANGHAI)}
        for row in frozen["confirmations"]
    ]
    rows = [[clean(cell) for cell in row] for row in frozen["changes"]]
    body = environment().get_template("documents/_supplement_text.html")
    return Lasting(
        kind="supplement",
        title=TITLES["supplement"],
        subtitle=TYPES[frozen["agreement_type"]],
        number=frozen["number"],
        body=body.render(**parties, agreement=frozen["agreement"], rows=rows, confirmations=confirmed),
        made_at=max(row["at"] for row in confirmed),
        address=frozen["verify_url"],
        file_name=f"{FILES['supplement']} {frozen['number']}.pdf",
    )
