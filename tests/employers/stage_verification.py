"""Brings verifications into any state, through the services alone."""

from __future__ import annotations

from typing import Any

from app.access.actors import SYSTEM, Actor
from app.base.database import session, transaction
from app.cases.services import begin_case
from app.documents.models import StoredFile
from app.documents.storage import storage
from app.employers.models import EmployerVerification
from app.workflow import engine
from tests.signing.stage import user

STATES = ("draft", "remitting", "awaiting_amount", "in_review", "returned", "verified")
ACCOUNT = {"method": "remittance", "account": "1100123456784454", "bank": "示例银行广州分行"}


def attach(case: EmployerVerification, *kinds: str) -> None:
    """Files of these kinds, without the checks of an upload."""
    with transaction():
        for kind in kinds:
            _keep(case, kind)


def _keep(case: EmployerVerification, kind: str) -> None:
    key = storage().put(f"{kind} {case.id}".encode())
    session.add(
        StoredFile(
            workflow="verification",
            case_id=case.id,
            kind=kind,
            name=f"{kind}.png",
            mime="image/png",
            size=10,
            sha256=bytes.fromhex(key),
            applicant_id=case.applicant_id,
            created_by="test",
        )
    )


def fire(case: EmployerVerification, event: str, actor: Actor, **data: Any) -> EmployerVerification:
    """One event with its data."""
    return engine.fire("verification", case.id, event, actor=actor, data=data)


def bring(state: str) -> EmployerVerification:
    """A new verification of employer3 in `state`."""
    applicant, operator = user("employer3"), user("operator")
    by_bank = state in ("remitting", "awaiting_amount")
    body = ACCOUNT if by_bank else {"method": "materials"}
    case = begin_case("verification", body, actor=applicant, submit=False)
    attach(case, "authorization_letter", "licence")
    if state != "draft":
        fire(case, "submit", applicant)
    if state == "awaiting_amount":
        fire(case, "remitted", SYSTEM)
    if state == "returned":
        fire(case, "return", operator, reason="授权书不清晰", fields={"authorization_letter": "请重新拍摄"})
    if state == "verified":
        fire(case, "approve", operator)
    assert case.state == state
    return case
